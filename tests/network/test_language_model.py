"""The language model."""

from __future__ import annotations

import math

import pytest
import torch
from torch.nn import functional

from sentiment_cli.network.architecture import PAD, Architecture
from sentiment_cli.network.language_model import LanguageModel

V = 12
SHARES = torch.cat([torch.zeros(1), torch.arange(1, V).float()])
SHARES /= SHARES.sum()
LENGTHS = torch.tensor([6, 3, 1])
IDS = torch.tensor([[2, 3, 4, 5, 6, 7], [8, 9, 2, 0, 0, 0], [3, 0, 0, 0, 0, 0]])


def model(cell="lstm", **shape):
    torch.manual_seed(0)
    sizes = {
        "vocab_size": V, "embedding_dim": 5, "hidden_size": 4, "num_layers": 1,
        "bidirectional": True, "pooling": "max", "num_classes": 2,
    }  # fmt: skip
    made = LanguageModel(Architecture(cell=cell, **{**sizes, **shape}), shares=SHARES).eval()
    for projection in made.projections:  # those of its start say nothing of what was read
        torch.nn.init.normal_(projection.weight)
    return made


def test_each_direction_foretells_its_neighbour_and_nothing_foretells_padding():
    (_, ahead), (_, back) = model().queries(IDS, LENGTHS)
    assert ahead.tolist() == [[3, 4, 5, 6, 7], [9, 2, 0, 0, 0], [0, 0, 0, 0, 0]]
    assert back.tolist() == [[2, 3, 4, 5, 6], [8, 9, 0, 0, 0], [0, 0, 0, 0, 0]]


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("place", range(6))
def test_no_query_knows_the_token_that_it_is_to_foretell(cell, place):
    """Another token at `place` changes the forward queries from there on, the others before."""
    found = model(cell)
    other = IDS.clone()
    other[0, place] = 11
    queries = [found.queries(ids, LENGTHS) for ids in (IDS, other)]
    (ahead, _), (back, _) = queries[0]
    (ahead_too, _), (back_too, _) = queries[1]
    same_ahead = (ahead[0] - ahead_too[0]).abs().sum(dim=1) == 0  # at t, of token t + 1
    same_back = (back[0] - back_too[0]).abs().sum(dim=1) == 0  # at t, of token t
    assert same_ahead.tolist() == [t < place for t in range(5)]
    assert same_back.tolist() == [t + 1 > place for t in range(5)]


def test_two_layers_of_one_direction_foretell_without_a_look_ahead_either():
    found = model(num_layers=2, bidirectional=False)
    other = IDS.clone()
    other[0, 3] = 11
    ((one, target),), ((changed, _),) = (found.queries(ids, LENGTHS) for ids in (IDS, other))
    assert torch.equal(one[0, :3], changed[0, :3])
    assert not torch.equal(one[0, 3:], changed[0, 3:])
    assert target[0].tolist() == [3, 4, 5, 6, 7]


def test_the_loss_does_not_depend_on_padding_nor_on_the_batch():
    found = model()
    whole = found.loss_sum(IDS, LENGTHS)
    alone = sum(
        found.loss_sum(IDS[i : i + 1, :length], LENGTHS[i : i + 1])
        for i, length in enumerate(LENGTHS.tolist())
    )
    longer = functional.pad(IDS, (0, 4), value=PAD)
    assert whole == pytest.approx(alone, rel=1e-6)
    assert whole == pytest.approx(found.loss_sum(longer, LENGTHS), rel=1e-6)


def test_the_loss_is_the_softmax_of_its_docstring():
    found = model()
    expected = 0.0
    for query, target in found.queries(IDS, LENGTHS):
        for own, t in zip(query.flatten(0, 1), target.flatten().tolist(), strict=True):
            if t != PAD:
                logits = (found.embedding.weight[1:] @ own).detach() + SHARES[1:].log()
                expected -= float(torch.log_softmax(logits, dim=0)[t - 1])
    assert found.loss_sum(IDS, LENGTHS) == pytest.approx(expected, rel=1e-5)


def test_it_begins_by_knowing_how_frequent_each_word_is():
    found = model()
    for projection in found.projections:
        torch.nn.init.zeros_(projection.weight)
    foretold = [t for _, target in found.queries(IDS, LENGTHS) for t in target.flatten().tolist()]
    expected = -sum(math.log(SHARES[t]) for t in foretold if t != PAD)
    assert found.loss_sum(IDS, LENGTHS) == pytest.approx(expected, rel=1e-5)


def test_rows_of_a_table_stand_for_those_of_the_embedding():
    found = model()
    rows, positions = IDS.unique(return_inverse=True)
    rows, positions = torch.cat([torch.tensor([0, 1]), rows[1:]]), positions + (positions > 0)
    for (one, _), (other, target) in zip(
        found.queries(IDS, LENGTHS),
        found.queries(positions, LENGTHS, found.embedding.weight[rows]),
        strict=True,
    ):
        assert torch.allclose(one, other)
        assert target.max() < len(rows)
