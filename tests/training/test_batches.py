"""Which reviews stand together in a batch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import counted, dataset

from sentiment_cli.network.architecture import PAD
from sentiment_cli.training.batches import epoch_batches, take


@settings(max_examples=50, deadline=None)
@given(
    st.lists(st.integers(1, 400), min_size=1, max_size=500),
    st.integers(1, 64),
    st.integers(0, 5),
    st.integers(0, 5),
)
def test_each_review_stands_in_exactly_one_batch(lengths, batch_size, seed, epoch):
    batches = epoch_batches(np.array(lengths), batch_size=batch_size, seed=seed, epoch=epoch)
    assert sorted(np.concatenate(batches).tolist()) == list(range(len(lengths)))
    assert max(map(len, batches)) <= batch_size
    assert len(batches) == -(-len(lengths) // batch_size)


def test_the_order_is_a_function_of_seed_and_epoch():
    lengths = np.arange(1, 300)

    def order(seed, epoch):
        return [b.tolist() for b in epoch_batches(lengths, batch_size=8, seed=seed, epoch=epoch)]

    assert order(0, 0) == order(0, 0)
    assert order(0, 0) != order(0, 1)
    assert order(0, 0) != order(1, 0)


def test_batches_of_like_length_waste_little():
    lengths = np.random.default_rng(0).lognormal(5.2, 0.6, size=10_000).astype(np.int64) + 1
    batches = epoch_batches(lengths, batch_size=32, seed=0, epoch=0)
    padded = sum(len(b) * lengths[b].max() for b in batches)
    assert 1 - lengths.sum() / padded < 0.05


def reviews():
    """Twelve reviews of words 2 to 5, of up to four words."""
    chance = np.random.default_rng(0)
    texts = [chance.integers(2, 6, 1 + number % 4) for number in range(12)]
    return dataset(texts, np.arange(12) % 2)


def test_a_batch_holds_its_reviews_in_order_and_padding_behind_them():
    own = reviews()
    batch = take(own, np.array([3, 0]))
    assert batch.ids.tolist() == [own[3].tolist(), [*own[0].tolist(), PAD, PAD, PAD]]
    assert batch.lengths.tolist() == [4, 1]
    assert batch.labels.tolist() == [1, 0]


def test_a_batch_has_no_ngram_inputs_without_ngrams():
    assert take(reviews(), np.array([3, 0])).ngrams.shape == (2, 4, 0)


def test_a_batch_holds_each_reviews_ngram_inputs_and_zero_behind_them():
    own = reviews()
    ngrams = counted(own, 2)
    batch = take(own, np.array([3, 0]), ngrams)
    assert batch.ngrams.shape == (2, 4, 2)
    assert batch.ngrams[0].any()
    for row, number in zip(batch.ngrams.numpy(), (3, 0), strict=True):
        expected = ngrams(np.array([number]))
        np.testing.assert_array_equal(row[: len(expected)], expected)
        assert not row[len(expected) :].any()


@pytest.mark.parametrize("size", [2, 4, 7])
def test_the_parts_of_a_batch_are_its_reviews(size):
    own = reviews()
    ngrams, indices = counted(own, 2), np.array([3, 0, 7, 5, 2])
    whole = take(own, indices, ngrams)
    for rank in range(size):
        part = slice(rank, None, size)
        batch = take(own, indices, ngrams, part)
        longest = batch.ids.shape[1]
        assert torch.equal(batch.ids, whole.ids[part, :longest])
        assert torch.equal(batch.ngrams, whole.ngrams[part, :longest])
        assert torch.equal(batch.lengths, whole.lengths[part])
        assert torch.equal(batch.labels, whole.labels[part])
        assert torch.equal(batch.whole.labels, whole.labels)
        assert batch.whole.tokens == own.lengths[indices].sum()


def test_a_batch_moves_to_a_device_and_leaves_its_lengths():
    batch = take(reviews(), np.array([3, 0])).to(torch.device("meta"))
    assert {batch.ids.device.type, batch.ngrams.device.type, batch.labels.device.type} == {"meta"}
    assert batch.lengths.device.type == "cpu"
