"""Variants of a review, read together, against the same reviews read one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.variants import VariantReplay

from .samples import (
    VOCABULARY,
    architecture,
    architectures,
    classifier,
    ngram_table,
    replayed,
)

REVIEW = st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=12)


def both(shape, sequences, seed=0):
    model, table = classifier(shape, seed), ngram_table(shape, sequences, seed)
    return replayed(model, table, VariantReplay), replayed(model, table)


def without_a_word(ids):
    return [np.delete(ids, word) for word in range(len(ids))]


@settings(deadline=None, max_examples=60)
@given(architectures(), st.integers(0, 2**32 - 1), REVIEW, st.lists(REVIEW, max_size=3))
def test_logits_equal_the_replays(shape, seed, review, others):
    ids = np.array(review, np.int32)
    beginnings = [ids[: end + 1] for end in range(len(ids))]
    sequences = [ids, *beginnings, *map(np.array, others)]
    if len(ids) > 1:
        sequences += without_a_word(ids)
    ours, theirs = both(shape, sequences, seed)
    np.testing.assert_allclose(ours(sequences), theirs(sequences), atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_what_variants_share_is_computed_once(cell, bidirectional, monkeypatch):
    ours, _ = both(architecture(cell=cell, bidirectional=bidirectional), [[2]])
    read = []

    def counted(projected, *rest):
        read.append(projected.shape[2])
        return CELLS[cell].step(projected, *rest)

    monkeypatch.setattr(ours, "cell", ours.cell._replace(step=counted))
    ids = np.arange(1, 21)
    ours(without_a_word(ids))
    # Without word w, there is one state of its own after each word that follows it.
    directions = 1 + bidirectional
    assert sum(read) == directions * (19 + sum(range(20)))


@pytest.mark.parametrize("ngrams", [1, 2, 3, 5])
def test_variants_share_states_with_ngrams_except_where_these_hold_the_word(ngrams, monkeypatch):
    shape, ids = architecture(ngrams=ngrams), np.arange(2, 22)
    model, table = classifier(shape), ngram_table(shape, [ids], share=1.0)
    ours = replayed(model, table, VariantReplay)
    read = []

    def counted(projected, *rest):
        read.append(projected.shape[2])
        return CELLS["lstm"].step(projected, *rest)

    monkeypatch.setattr(ours, "cell", ours.cell._replace(step=counted))
    ours(without_a_word(ids))
    ahead = 19 + sum(range(20))
    # Backward, the n-grams of up to n - 1 words behind the missing one have changed.
    behind = 20 - ngrams + sum(word + min(ngrams - 1, 19 - word) for word in range(20))
    assert sum(read) == ahead + behind
