"""Which reviews teach, steer and test."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.split import Part, assign_parts, set_hash, split_ranks, text_hash

CLASSES = ("negative", "positive")


def parts_of(texts, labels, *, seed=0, limit=None, test=0.2, validation=0.1):
    hashes = np.array([text_hash(text) for text in texts], dtype=np.uint64)
    ranks = split_ranks(hashes, seed)
    return assign_parts(
        ranks,
        np.array(labels),
        classes=CLASSES,
        test_fraction=test,
        validation_fraction=validation,
        limit=limit,
    )


def corpus(reviews):
    return [f"review number {i}" for i in range(reviews)], [i % 2 for i in range(reviews)]


def test_text_hash_ignores_case_punctuation_and_markup():
    assert text_hash("Good,<br />VERY good!") == text_hash("good very <b>good</b>")


def test_text_hash_tells_texts_of_marks_apart():
    assert text_hash(":-)") != text_hash(":-(")


def test_text_hash_is_the_same_on_every_machine():
    assert text_hash("good") == 0x8444BF2F3F181ABF


def test_set_hash_ignores_order_but_not_copies():
    one, other = (
        np.array([text_hash(text) for text in texts], np.uint64) for texts in ("ab", "ba")
    )
    assert set_hash(one) == set_hash(other)
    assert set_hash(one[:1]) != set_hash(one[[0, 0]])


def test_another_seed_is_another_split():
    texts, labels = corpus(200)
    assert (parts_of(texts, labels, seed=0) != parts_of(texts, labels, seed=1)).any()


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(0, 60), min_size=40, max_size=200), st.randoms())
def test_duplicates_share_a_part_and_row_order_never_matters(numbers, chance):
    numbers = [*range(40), *numbers]
    texts = [f"text {n}" for n in numbers]
    labels = [n % 2 for n in numbers]
    parts = parts_of(texts, labels)
    part_of = dict(zip(texts, parts, strict=True))
    assert all(part_of[text] == part for text, part in zip(texts, parts, strict=True))
    order = list(range(len(texts)))
    chance.shuffle(order)
    shuffled = parts_of([texts[i] for i in order], [labels[i] for i in order])
    assert (shuffled == parts[order]).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(20, 400), st.integers(1, 30))
def test_more_rows_move_no_more_groups_over_a_border(reviews, more):
    texts, labels = corpus(reviews)
    extra = [f"another one {i}" for i in range(more)]
    before = parts_of(texts, labels)
    after = parts_of(texts + extra, labels + [i % 2 for i in range(more)])[:reviews]
    borders = 2 * len(CLASSES)
    assert (before != after).sum() <= borders * (more + 1)


@settings(max_examples=100, deadline=None)
@given(st.text(st.characters(codec="ascii", exclude_characters="<")))
def test_text_hash_of_ascii_is_that_of_its_letters_and_digits(text):
    letters = "".join(character for character in text if character.isalnum()).lower()
    assert text_hash(text) == text_hash(letters or text.strip())


def test_text_hash_ignores_marks_beyond_ascii():
    assert text_hash("It's — good!") == text_hash("Its GOOD")


def test_shares_are_as_asked_in_each_class():
    texts, labels = corpus(1000)
    parts = parts_of(texts, labels)
    for label in (0, 1):
        own = parts[np.array(labels) == label]
        assert [(own == part).sum() for part in (Part.TEST, Part.VALIDATION)] == [100, 50]


@settings(max_examples=30, deadline=None)
@given(st.integers(1, 150), st.integers(0, 50))
def test_a_smaller_limit_is_part_of_a_larger_one(small, more):
    texts, labels = corpus(200)
    cut = parts_of(texts, labels, limit=small) == Part.TRAINING
    larger = parts_of(texts, labels, limit=small + more) == Part.TRAINING
    assert cut.sum() == min(small, 140)
    assert (larger | ~cut).all()


def test_a_limit_leaves_validation_and_test_alone():
    texts, labels = corpus(200)
    whole, cut = parts_of(texts, labels), parts_of(texts, labels, limit=5)
    for part in (Part.VALIDATION, Part.TEST):
        assert ((whole == part) == (cut == part)).all()


def test_ten_reviews_a_class_are_enough():
    texts, labels = corpus(20)
    parts = parts_of(texts, labels)
    for label in (0, 1):
        assert set(parts[np.array(labels) == label]) == {
            Part.TRAINING,
            Part.VALIDATION,
            Part.TEST,
        }


def test_fewer_are_an_error_that_names_class_and_need():
    texts, labels = corpus(19)
    with pytest.raises(DataError, match=r"'positive' to split .*: 9, 9 of them") as fault:
        parts_of(texts, labels)
    assert "at least 10" in fault.value.hint


def test_ten_equal_reviews_cannot_be_split():
    with pytest.raises(DataError, match="1 of them different"):
        parts_of(["same"] * 10 + [f"other {i}" for i in range(10)], [0] * 10 + [1] * 10)
