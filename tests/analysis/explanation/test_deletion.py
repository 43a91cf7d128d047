"""Words go or stay alone, and the answer loses what it loses."""

from __future__ import annotations

import numpy as np
import pytest

from sentiment_cli.analysis.explanation.deletion import DRAWS, deletions

IDS = np.arange(20)


def keyword(sequences):
    """The answer is 0.9 while word 7 is there, 0.6 if only word 3 is, else 0.5."""
    found = [0.9 if 7 in ids else 0.6 if 3 in ids else 0.5 for ids in map(list, sequences)]
    return np.array([[1 - p, p] for p in found])


def named(*first):
    values = np.zeros(20)
    values[list(first)] = np.arange(len(first), 0, -1)
    return values


def test_the_word_that_matters_is_missed_and_suffices():
    scores = deletions(keyword, IDS, 1, {"it": named(7, 3)}).methods["it"]
    # Shares of 20 words: 1, 1, 2, 4 and 10; word 3 goes with the second.
    assert scores.comprehensiveness == pytest.approx((0.3 + 0.3 + 0.4 + 0.4 + 0.4) / 5)
    assert scores.sufficiency == pytest.approx(0.0)


def test_words_that_do_not_matter_are_not_missed():
    scores = deletions(keyword, IDS, 1, {"it": named(11, 12)}).methods["it"]
    assert scores.comprehensiveness == pytest.approx((0 + 0 + 0 + 0 + 0.4) / 5, abs=0.09)
    assert scores.sufficiency > 0.2


def test_the_last_words_are_an_order_of_their_own():
    last = deletions(keyword, IDS, 1, {}).last
    assert last.comprehensiveness == pytest.approx(0.0)
    assert last.sufficiency == pytest.approx(0.4)


def test_chance_is_drawn_often_and_the_same_each_time():
    first, again = (deletions(keyword, IDS, 1, {}, seed=3) for _ in range(2))
    assert first == again
    assert len(set(first.random)) > 1
    assert len(first.random) == DRAWS
    assert deletions(keyword, IDS, 1, {}, seed=4).random != first.random


def test_chance_is_the_mean_of_its_draws():
    found = deletions(keyword, IDS, 1, {})
    assert found.chance.comprehensiveness == pytest.approx(
        sum(draw.comprehensiveness for draw in found.random) / DRAWS
    )


def test_methods_keep_their_names():
    found = deletions(keyword, IDS, 1, {"good": named(7), "poor": named(0)}).methods
    assert found["good"].comprehensiveness > found["poor"].comprehensiveness


def test_a_review_of_one_word_has_scores():
    found = deletions(keyword, np.array([7]), 1, {"it": np.array([1.0])})
    assert found.methods["it"].comprehensiveness == pytest.approx(0.4)
    assert found.methods["it"].sufficiency == pytest.approx(0.0)
