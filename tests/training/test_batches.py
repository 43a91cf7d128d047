"""Which reviews stand together in a batch."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.training.batches import collate, epoch_batches


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


def test_a_batch_holds_its_reviews_and_their_vocabulary_rows():
    sequences = [np.array([7, 9, 7], dtype=np.int32), np.array([4], dtype=np.int32)]
    batch = collate(sequences, np.array([1, 0]))
    assert batch.rows.tolist() == [PAD, UNK, 4, 7, 9]
    assert batch.rows[batch.ids].tolist() == [[7, 9, 7], [4, PAD, PAD]]
    assert batch.lengths.tolist() == [3, 1]
    assert batch.labels.tolist() == [1, 0]
