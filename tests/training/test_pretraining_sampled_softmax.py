"""The softmax over a sample of the vocabulary."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn import functional

from sentiment_cli.training.pretraining.sampled_softmax import chances, drawn, sampled_loss

V, E, M = 30, 4, 12


def shares(v=V):
    own = np.concatenate([[0.0], 1 / np.arange(1, v)])  # PAD, then as Zipf has it
    return own / own.sum()


def setting(seed=0):
    draw = torch.Generator().manual_seed(seed)
    query = torch.randn(M, E, generator=draw, dtype=torch.float64)
    table = torch.randn(V, E, generator=draw, dtype=torch.float64)
    target = torch.randint(1, V, (M,), generator=draw)
    return query, target, table, torch.from_numpy(shares()).log()


def sampled(query, target, table, log_shares, negatives, probabilities):
    place = torch.from_numpy(negatives)
    log_chances = torch.from_numpy(np.log(probabilities[negatives]))
    return sampled_loss(query, target, table, log_shares, place, log_chances)


def whole(query, target, table, log_shares):
    return functional.cross_entropy(query @ table.T + log_shares, target, reduction="none")


def test_it_is_the_whole_softmax_where_all_tokens_are_drawn():
    own = setting()
    probabilities = chances(shares(), V)
    found = sampled(*own, drawn(probabilities, np.random.default_rng(0)), probabilities)
    torch.testing.assert_close(found, whole(*own))


def test_it_is_the_equation_of_its_docstring():
    query, target, table, log_shares = setting()
    probabilities = chances(shares(), 6)
    negatives = drawn(probabilities, np.random.default_rng(3))
    found = sampled(query, target, table, log_shares, negatives, probabilities)
    for m in range(M):
        s = [float(table[w] @ query[m]) + float(log_shares[w]) for w in range(V)]
        t = int(target[m])
        z = math.exp(s[t]) + sum(math.exp(s[w]) / probabilities[w] for w in negatives if w != t)
        assert float(found[m]) == pytest.approx(math.log(z) - s[t])


def test_the_sum_in_its_logarithm_has_the_softmaxs_as_its_mean():
    query, target, table, log_shares = setting()
    probabilities, rng = chances(shares(), 8), np.random.default_rng(0)
    true = ((query * table[target]).sum(dim=1) + log_shares[target]).exp()
    sums = [
        sampled(query, target, table, log_shares, drawn(probabilities, rng), probabilities).exp()
        * true
        for _ in range(4000)
    ]
    expected = whole(query, target, table, log_shares).exp() * true
    found = torch.stack(sums)
    error = found.std(dim=0) / math.sqrt(len(sums))
    assert (((found.mean(dim=0) - expected) / error).abs() < 4.5).all()


def test_gradients_are_those_of_finite_differences():
    query, target, table, log_shares = setting()
    probabilities = chances(shares(), 6)
    negatives = drawn(probabilities, np.random.default_rng(1))
    met = np.union1d(negatives, target[:2].numpy())  # some are negatives and there at once
    torch.autograd.gradcheck(
        lambda q, e: sampled(q, target, e, log_shares, met, probabilities),
        (query.requires_grad_(), table.requires_grad_()),
    )


def test_padding_as_a_target_leaves_no_gradient_that_is_no_number():
    query, target, table, log_shares = setting()
    target[3] = 0
    probabilities = chances(shares(), 6)
    negatives = drawn(probabilities, np.random.default_rng(1))
    loss = sampled(query.requires_grad_(), target, table, log_shares, negatives, probabilities)
    loss.masked_fill(target == 0, 0.0).sum().backward()
    assert torch.isfinite(query.grad).all()
    assert not query.grad[3].any()


@given(st.integers(2, 60), st.integers(1, 80))
@settings(deadline=None)
def test_as_many_are_expected_as_are_asked_for(tokens, expected):
    own = shares(tokens)
    probabilities = chances(own, expected)
    assert probabilities.sum() == pytest.approx(min(expected, tokens - 1))
    assert probabilities[0] == 0.0
    assert ((probabilities[1:] > 0) & (probabilities <= 1)[1:]).all()
    below = probabilities < 1
    rates = probabilities[below][1:] / own[below][1:]
    assert rates == pytest.approx(rates[:1].repeat(len(rates)))


def test_each_is_drawn_as_often_as_its_chance_says():
    probabilities, rng = chances(shares(), 8), np.random.default_rng(0)
    counts = np.zeros(V)
    for _ in range(4000):
        counts[drawn(probabilities, rng)] += 1
    error = np.sqrt(probabilities * (1 - probabilities) / 4000)
    assert (np.abs(counts / 4000 - probabilities) <= 4.5 * error).all()
