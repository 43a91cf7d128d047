"""Variants of a review, read together, against the same reviews read one by one."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.classifier import state_to_arrays
from sentiment_cli.network.replay import Replay
from sentiment_cli.network.variants import VariantReplay

from .samples import VOCABULARY, architecture, architectures, classifier

REVIEW = st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=12)


def both(shape, seed=0):
    arrays = state_to_arrays(classifier(shape, seed))
    return VariantReplay(shape, arrays), Replay(shape, arrays)


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
    ours, theirs = both(shape, seed)
    np.testing.assert_allclose(ours(sequences), theirs(sequences), atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_what_variants_share_is_computed_once(cell, bidirectional, monkeypatch):
    ours, _ = both(architecture(cell=cell, bidirectional=bidirectional))
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
