"""Each pooling against the same figure worked out one review at a time."""

from __future__ import annotations

import pytest
import torch

from sentiment_cli.network.architecture import POOLING_WIDTHS
from sentiment_cli.network.pooling import Pooling

from .samples import architecture

LENGTHS = torch.tensor([7, 1, 4])


@pytest.fixture
def states():
    torch.manual_seed(0)
    return torch.randn(3, 7, 10)


def pooling(kind, **changes):
    module = Pooling(architecture(pooling=kind, **changes))
    for query in module.parameters():
        torch.nn.init.normal_(query)
    return module


def one_by_one(states, pool):
    """The pooled vectors where each review is seen without its padding."""
    return torch.stack([pool(own[:length]) for own, length in zip(states, LENGTHS, strict=True)])


def mean(own):
    return own.sum(dim=0) / len(own)


def highest(own):
    return own.sort(dim=0).values[-1]


def test_last_takes_each_directions_own_final_state(states):
    expected = one_by_one(states, lambda own: torch.cat([own[-1, :5], own[0, 5:]]))
    torch.testing.assert_close(pooling("last")(states, LENGTHS), expected)


def test_last_of_one_direction_is_the_state_at_the_last_token(states):
    expected = one_by_one(states[:, :, :5], lambda own: own[-1])
    module = pooling("last", bidirectional=False)
    torch.testing.assert_close(module(states[:, :, :5], LENGTHS), expected)


def test_mean_is_over_the_tokens_of_each_review(states):
    torch.testing.assert_close(pooling("mean")(states, LENGTHS), one_by_one(states, mean))


def test_max_is_over_the_tokens_of_each_review(states):
    torch.testing.assert_close(pooling("max")(states, LENGTHS), one_by_one(states, highest))


def test_mean_and_max_stand_side_by_side(states):
    expected = one_by_one(states, lambda own: torch.cat([mean(own), highest(own)]))
    torch.testing.assert_close(pooling("mean+max")(states, LENGTHS), expected)


def test_attention_weighs_states_by_their_likeness_to_the_query(states):
    module = pooling("attention")

    def attend(own):
        weights = torch.stack([torch.exp(state @ module.query) for state in own])
        return (weights[:, None] * own).sum(dim=0) / weights.sum()

    torch.testing.assert_close(module(states, LENGTHS), one_by_one(states, attend))


def test_attention_begins_as_the_mean(states):
    module = Pooling(architecture(pooling="attention"))
    torch.testing.assert_close(module(states, LENGTHS), one_by_one(states, mean))


@pytest.mark.parametrize("kind", sorted(POOLING_WIDTHS))
def test_padding_gets_no_gradient(kind, states):
    states.requires_grad_()
    pooling(kind)(states, LENGTHS).square().sum().backward()
    reached = states.grad.abs().sum(dim=2) > 0  # (N, L)
    assert not reached[torch.arange(7) >= LENGTHS[:, None]].any()
    assert reached.any(dim=1).all()
