"""Many reviews through the network at once."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.network import bulk
from sentiment_cli.network.architecture import PAD
from sentiment_cli.network.bulk import classify_all, padded

from .samples import VOCABULARY, architecture, classifier, ngram_table


@settings(max_examples=20, deadline=None)
@given(
    st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(0, 1000), st.integers(0, 3)
)
def test_each_review_gets_the_logits_it_gets_alone(lengths, seed, ngrams):
    chance = np.random.default_rng(seed)
    model = classifier(architecture(ngrams=ngrams), dropout=0.5).train()
    sequences = [chance.integers(1, VOCABULARY, n).astype(np.int32) for n in lengths]
    table = ngram_table(model.architecture, sequences)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "_TOKENS", 64)
        found = classify_all(model, sequences, np.array(lengths), table)
    for sequence, logits in zip(sequences, found, strict=True):
        alone = classify_all(model, [sequence], np.array([len(sequence)]), table)
        assert np.allclose(alone[0], logits, atol=1e-5)


def test_padded_puts_ids_and_ngram_inputs_before_the_padding():
    ngrams = np.arange(8, dtype=np.float32).reshape(4, 2) + 1
    batch = padded([np.array([7, 9, 7]), np.array([4])], ngrams)
    assert batch.ids.tolist() == [[7, 9, 7], [4, PAD, PAD]]
    assert batch.lengths.tolist() == [3, 1]
    assert batch.ngrams.tolist() == [[[1, 2], [3, 4], [5, 6]], [[7, 8], [0, 0], [0, 0]]]


def test_padded_has_no_ngram_inputs_without_ngrams():
    assert padded([np.array([7, 9])], None).ngrams.shape == (1, 2, 0)


def test_padded_of_no_review_is_an_empty_batch():
    ids, ngrams, lengths = padded([], np.zeros((0, 3), np.float32))
    assert (ids.shape, ngrams.shape, lengths.shape) == ((0, 0), (0, 0, 3), (0,))


def test_a_batch_holds_no_more_padded_tokens_than_stated():
    lengths = np.random.default_rng(0).integers(1, 900, size=500)
    batches = bulk.batches_by_length(lengths)
    assert sorted(np.concatenate(batches).tolist()) == list(range(500))
    assert all(len(b) * lengths[b].max() <= bulk._TOKENS for b in batches)


def test_a_review_longer_than_a_batch_stands_alone():
    assert [len(b) for b in bulk.batches_by_length(np.array([100_000, 5, 5]))] == [1, 2]
