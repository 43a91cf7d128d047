"""Training reviews that are left out together."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import dataset

from sentiment_cli.reviews import groups as module
from sentiment_cli.reviews.groups import MAX_PHRASE, review_groups
from sentiment_cli.reviews.split import text_hash

REVIEWS = st.lists(st.lists(st.integers(2, 4), min_size=1, max_size=8), max_size=25)


def groups(reviews, hashes=None):
    return review_groups(dataset(reviews, hashes=hashes)).tolist()


def contains(longer, phrase):
    starts = range(len(longer) - len(phrase) + 1)
    return any(longer[start : start + len(phrase)] == phrase for start in starts)


def plain_groups(reviews):
    """The same in plain Python, of reviews whose equal tokens are equal texts."""

    def root(number):
        phrase = reviews[number]
        longer = [r for r in reviews if len(r) > len(phrase) and contains(r, phrase)]
        if not longer or len(phrase) > MAX_PHRASE:
            return reviews.index(phrase)
        return root(reviews.index(max(longer, key=len)))  # the first of the longest

    roots = [root(number) for number in range(len(reviews))]
    return [list(dict.fromkeys(roots)).index(own) for own in roots]


def by_text(reviews):
    return [len(r) * 10**9 + int("".join(map(str, r))) for r in reviews]


@settings(deadline=None, max_examples=200)
@given(REVIEWS, st.integers(1, 60))
def test_groups_equal_those_in_plain_python_whatever_the_chunk(reviews, chunk):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", chunk)
        assert groups(reviews, by_text(reviews)) == plain_groups(reviews)


def test_copies_are_one_group_whatever_their_case_marks_and_markup():
    texts = ["A fine box!", "another", "a fine box", "<br />A FINE, box...", "a fine bowl"]
    tokens = [[2, 3, 4, 5], [6], [7, 3, 4], [8, 9, 10, 11, 4], [7, 3, 12]]
    assert groups(tokens, [text_hash(text) for text in texts]) == [0, 1, 0, 0, 2]


def test_copies_that_contain_each_other_are_one_group():
    texts = ["a fine box", "a fine box!", "a, fine box!", "(a fine box!)"]
    tokens = [[3, 4, 5], [3, 4, 5, 6], [3, 7, 4, 5, 6], [8, 3, 4, 5, 6, 9]]
    assert groups(tokens, [text_hash(text) for text in texts]) == [0, 0, 0, 0]


def test_a_copys_longer_review_is_that_of_all_copies():
    assert groups([[3, 4], [3, 9, 4], [5, 3, 9, 4]], [1, 1, 2]) == [0, 0, 0]


@given(REVIEWS, st.lists(st.integers(0, 5), min_size=25, max_size=25))
@settings(deadline=None)
def test_copies_are_one_group_whatever_tokens_they_have(reviews, hashes):
    hashes = hashes[: len(reviews)]
    found = groups(reviews, hashes)
    assert len(set(zip(hashes, found, strict=True))) == len(set(hashes))


def test_a_phrase_of_a_longer_review_joins_it():
    assert groups([[5, 6], [9, 9, 9], [4, 5, 6, 7]]) == [0, 1, 0]


def test_a_phrase_of_several_longer_reviews_joins_the_longest():
    assert groups([[4, 5, 6], [5, 6], [3, 5, 6, 7, 8], [5, 6, 9, 9]]) == [0, 1, 1, 2]


def test_a_phrase_of_a_phrase_is_in_the_group_of_the_longest():
    assert groups([[5], [5, 6], [4, 5, 6], [3, 4, 5, 6]]) == [0, 0, 0, 0]


def test_copies_of_a_phrase_join_its_longer_review_together():
    assert groups([[5, 6], [4, 5, 6], [5, 6]], [1, 2, 1]) == [0, 0, 0]


def test_tokens_that_do_not_stand_in_a_row_are_no_phrase():
    assert groups([[5, 7], [5, 6, 7]]) == [0, 1]


def test_tokens_in_another_order_are_no_phrase():
    assert groups([[6, 5], [5, 6, 7]]) == [0, 1]


def test_no_phrase_reaches_from_one_review_into_the_next():
    assert groups([[5, 6], [4, 4, 5], [6, 4, 4], [5, 6]]) == [0, 1, 2, 3]


def test_reviews_of_equal_tokens_and_other_texts_are_apart():
    assert groups([[5, 6], [5, 6]]) == [0, 1]


@pytest.mark.parametrize(("length", "joined"), [(MAX_PHRASE, True), (MAX_PHRASE + 1, False)])
def test_only_short_reviews_are_looked_for_inside_others(length, joined):
    phrase = np.arange(2, 2 + length)
    assert groups([phrase, [*phrase, 999]]) == ([0, 0] if joined else [0, 1])


def test_groups_are_counted_by_first_appearance():
    chance = np.random.default_rng(0)
    reviews = [chance.integers(2, 5, chance.integers(1, 9)) for _ in range(100)]
    found = np.array(groups(reviews))
    _, first = np.unique(found, return_index=True)
    assert (np.diff(first) > 0).all()
    assert found.max() + 1 == len(first)


def test_no_reviews_have_no_groups():
    assert groups([]) == []


def test_a_review_of_unknown_words_is_no_phrase_of_another():
    own = dataset([[1], [5, 1, 6], [1, 6]], [0, 1, 0])
    assert review_groups(own).tolist() == [0, 1, 2]
