"""Texts that are nearly the same."""

from __future__ import annotations

import random

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.reviews.quality.near import FEWEST_WORDS, near_groups, sign
from sentiment_cli.reviews.tokenizer import plain_words

VOCABULARY = [f"word{number}" for number in range(500)]


def signed(texts):
    """Return the rows that are long enough and their signatures."""
    found = sign(texts)
    return np.flatnonzero(found.is_long), found.signatures


def runs(text):
    words = plain_words(text)
    return set(zip(words, words[1:], words[2:], strict=False))


def random_text(chance, words=60):
    return " ".join(chance.choices(VOCABULARY, k=words))


def changed(chance, text, times):
    words = text.split()
    for _ in range(times):
        words[chance.randrange(len(words))] = "changed"
    return " ".join(words)


def test_a_changed_word_is_found_and_other_texts_are_not():
    chance = random.Random(0)
    texts = [random_text(chance) for _ in range(200)]
    near = [changed(chance, text, 1) for text in texts[:100]]
    _, signatures = signed(texts + near)
    group = near_groups(signatures)
    found = sum(group[i] == group[200 + i] for i in range(100))
    assert found >= 95
    assert len(np.unique(group)) == 300 - found


def test_half_of_the_words_in_common_is_not_near():
    chance = random.Random(1)
    texts = [random_text(chance) for _ in range(100)]
    half = [f"{text} {random_text(chance)}" for text in texts]
    assert len(np.unique(near_groups(signed(texts + half)[1]))) == 200


def test_agreement_estimates_the_share_of_runs():
    chance = random.Random(2)
    for times in (0, 2, 5, 15, 40):
        errors = []
        for _ in range(20):
            text = random_text(chance, 100)
            other = changed(chance, text, times)
            (left, right), both = signed([text, other])[1], runs(text) | runs(other)
            errors.append((left == right).mean() - len(runs(text) & runs(other)) / len(both))
        assert abs(np.mean(errors)) < 0.06


def test_marks_and_case_do_not_count():
    chance = random.Random(3)
    text = random_text(chance)
    _, (left, right) = signed([text, text.upper().replace(" ", " - ")])
    assert (left == right).all()


def test_short_texts_are_left_out():
    words = VOCABULARY[:FEWEST_WORDS]
    rows, signatures = signed([" ".join(words[1:]), "! " * 30, " ".join(words)])
    assert rows.tolist() == [2]
    assert signatures.shape == (1, 32)


@given(st.lists(st.integers(0, 40), max_size=30))
@settings(max_examples=30, deadline=None)
def test_signatures_do_not_depend_on_the_texts_around(lengths):
    chance = random.Random(4)
    texts = [random_text(chance, length) for length in lengths]
    rows, signatures = signed(texts)
    assert rows.tolist() == [i for i, length in enumerate(lengths) if length >= FEWEST_WORDS]
    for row, signature in zip(rows, signatures, strict=True):
        assert (signed([texts[row]])[1][0] == signature).all()


def test_no_text_has_no_group():
    assert near_groups(signed([])[1]).shape == (0,)


def test_lengths_are_those_of_plain_words():
    texts = ["", "So-so :( 9 / 10", "isnt<br />it?", "très 很好!", " \t", "a" * 40 + " b" * 12]
    assert sign(texts).lengths.tolist() == [len(plain_words(text)) for text in texts]
