"""N-grams of words as 64-bit numbers."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.words import keys_of

from sentiment_cli.network.ngrams import find_keys, review_ngrams, word_key

WORDS = st.lists(st.sampled_from(["good", "bad", "not", "box", "", "é", "\ud800"]), max_size=8)


@given(st.lists(WORDS, max_size=5))
def test_review_ngrams_are_those_of_plain_counting(reviews):
    found = review_ngrams(*keys_of(reviews), 3)
    plain = [
        Counter(
            tuple(words[at : at + order])
            for order in (1, 2, 3)
            for at in range(len(words) - order + 1)
        )
        for words in reviews
    ]
    for number, counts in enumerate(plain):
        own = found.reviews == number
        by_order = zip(found.orders[own].tolist(), found.counts[own].tolist(), strict=True)
        assert sorted(by_order) == sorted((len(ngram), n) for ngram, n in counts.items())
    names = {ngram for counts in plain for ngram in counts}
    assert len(set(found.keys.tolist())) == len(names)


def test_word_key_is_the_same_in_every_process():
    assert word_key("good") == 0x30B55B74D88F8707


def test_finds_what_is_there():
    keys = np.array([3, 5, 9], dtype=np.uint64)
    places, known = find_keys(keys, np.array([9, 4, 3, 11], dtype=np.uint64))
    assert known.tolist() == [True, False, True, False]
    assert places[known].tolist() == [2, 0]


def test_nothing_is_found_among_none():
    places, known = find_keys(np.array([], dtype=np.uint64), np.array([1], dtype=np.uint64))
    assert not known.any()
    assert len(places) == 1
