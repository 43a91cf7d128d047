"""N-grams of words as 64-bit numbers."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.network.ngrams import find_keys, ngram_keys

WORDS = st.lists(st.sampled_from(["good", "bad", "not", "box", "", "é", "\ud800"]), max_size=8)


@given(WORDS)
def test_equal_ngrams_alone_have_equal_keys(words):
    for length, keys in enumerate(ngram_keys(words, 3), start=1):
        ngrams = [tuple(words[at : at + length]) for at in range(len(words) - length + 1)]
        assert len(keys) == len(ngrams)
        assert len(set(keys.tolist())) == len(set(ngrams))


def test_keys_of_different_lengths_differ():
    one, two, three = ngram_keys(["not", "very", "good"], 3)
    assert len(np.unique(np.concatenate([one, two, three]))) == 6


def test_keys_are_the_same_in_every_process():
    assert ngram_keys(["good"], 1)[0].tolist() == [0x30B55B74D88F8707]


def test_finds_what_is_there():
    keys = np.array([3, 5, 9], dtype=np.uint64)
    places, known = find_keys(keys, np.array([9, 4, 3, 11], dtype=np.uint64))
    assert known.tolist() == [True, False, True, False]
    assert places[known].tolist() == [2, 0]


def test_nothing_is_found_among_none():
    places, known = find_keys(np.array([], dtype=np.uint64), np.array([1], dtype=np.uint64))
    assert not known.any()
    assert len(places) == 1
