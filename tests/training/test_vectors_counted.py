"""Word vectors by counting."""

from __future__ import annotations

import numpy as np
import pytest
from support.tokens import dataset

from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.training.vectors import counted as vectors
from sentiment_cli.training.vectors.counted import counted_vectors


def two_topics(reviews=200):
    """Words 2 to 9 stand together, and words 10 to 17 do."""
    chance = np.random.default_rng(0)
    return dataset([chance.integers(2, 10, size=12) + 8 * (i % 2) for i in range(reviews)])


def cosines(found):
    unit = found[2:] / np.linalg.norm(found[2:], axis=1, keepdims=True)
    return unit @ unit.T


def test_words_of_like_company_have_like_vectors():
    found = cosines(counted_vectors([two_topics()], vocab_size=18, size=8, seed=0))
    assert found[:8, :8].mean() > found[:8, 8:].mean() + 0.3


def test_padding_unknown_and_words_never_seen_have_none():
    found = counted_vectors([two_topics()], vocab_size=20, size=8, seed=0)
    assert not found[[PAD, UNK, 18, 19]].any()


def test_the_whole_has_the_stated_deviation():
    found = counted_vectors([two_topics()], vocab_size=18, size=8, seed=0)
    assert found[2:].std() == pytest.approx(0.3, rel=1e-3)


def test_counting_in_chunks_counts_the_same(monkeypatch):
    whole = vectors._near_counts([two_topics()], 18), vectors._lsa([two_topics()], 18)
    monkeypatch.setattr(vectors, "_CHUNK", 50)
    chunked = vectors._near_counts([two_topics()], 18), vectors._lsa([two_topics()], 18)
    for one, other in zip(whole, chunked, strict=True):
        assert np.allclose(one.toarray(), other.toarray(), rtol=1e-4)


@pytest.mark.parametrize("size", [1, 2, 64])
def test_any_size_is_filled(size):
    found = counted_vectors([two_topics(20)], vocab_size=18, size=size, seed=0)
    assert found.shape == (18, size)
    assert np.isfinite(found).all()


def test_near_words_count_more_than_far_ones():
    counts = vectors._near_counts([dataset([np.array([2, 3, 4, 5, 6, 7, 8])])], 9).toarray()
    assert counts[2, 3:9].tolist() == pytest.approx([1.0, 0.8, 0.6, 0, 0, 0])
    assert (counts == counts.T).all()


def test_the_end_of_a_review_is_no_neighbour_of_the_next_ones_start():
    counts = vectors._near_counts([dataset([np.array([2, 3]), np.array([4, 5])])], 6).toarray()
    assert counts[3, 4] == 0


@pytest.mark.parametrize("chunk", [50, 4_000_000])
def test_reviews_in_two_parts_count_as_in_one(monkeypatch, chunk):
    reviews = [two_topics()[i] for i in range(200)]
    parts = [dataset(reviews[:70]), dataset(reviews[70:])]
    monkeypatch.setattr(vectors, "_CHUNK", chunk)
    for count in (vectors._near_counts, vectors._lsa):
        whole, apart = count([dataset(reviews)], 18), count(parts, 18)
        assert np.allclose(whole.toarray(), apart.toarray(), rtol=1e-4)


def test_vectors_are_counted_in_a_draw_of_reviews_when_there_are_too_many_tokens(monkeypatch):
    monkeypatch.setattr(vectors, "_MAX_TOKENS", 300)
    reviews = two_topics()
    (drawn,) = vectors._drawn([reviews])
    assert 150 < len(drawn.tokens) < 450
    assert set(drawn.hashes.tolist()) < set(reviews.hashes.tolist())
