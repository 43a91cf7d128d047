"""The methods, asked over many reviews."""

from __future__ import annotations

import numpy as np
import pytest
from support.predictor import WORDS, predictor

from sentiment_cli.analysis.explanation.faithfulness import (
    Faithfulness,
    drawn,
    measure_faithfulness,
)
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.corpus import Review


def reviews(number):
    chance = np.random.default_rng(0)
    return [Review(" ".join(chance.choice(WORDS, 8)), 0, 0, None) for _ in range(number)]


def measured(number, gradients=False):
    told = []
    found = measure_faithfulness(
        predictor(), reviews(30), number, gradients=gradients, advance=told.append
    )
    return found, sum(told)


def judged(method, chance, last=0.0):
    """Faithfulness of one method whose comprehensiveness, chance's and the last words' is given."""
    columns = np.broadcast_arrays(method, chance, last)
    scores = np.stack([np.stack([column, -column], axis=1) for column in columns], axis=1)
    return Faithfulness(("it", "random", "last"), scores, np.empty(0)).report()


def test_what_is_left_out_is_missed_more_than_chance_by_those_who_look():
    found, told = measured(20)
    report = found.report()
    assert report["reviews"] == told == 20
    assert report["verdicts"]["contributed"]["random"]["comprehensiveness"] == "better"
    assert set(report["scores"]) == {"kept", "contributed", "random", "last"}
    for figures in report["scores"].values():
        low, high = figures["comprehensiveness_interval"]
        assert low < figures["comprehensiveness"] < high


def test_gradients_are_a_method_where_asked_for():
    report = measured(4, gradients=True)[0].report()
    assert "gradients" in report["better_than"]
    assert 0 <= report["median_gap"] <= report["largest_gap"] <= 0.01
    assert report["complete"] == 4


@pytest.mark.parametrize(
    ("gain", "verdict"), [(0.2, "better"), (0.0, "no better"), (-0.2, "worse")]
)
def test_a_verdict_needs_an_interval_that_leaves_out_zero(gain, verdict):
    noise = np.random.default_rng(1).normal(0, 0.1, 50)
    report = judged(gain + noise, np.zeros(50))
    assert report["verdicts"]["it"]["random"] == {
        "comprehensiveness": verdict,
        "sufficiency": verdict,
    }


def test_few_reviews_prove_nothing():
    report = judged(np.array([0.3, 0.1, -0.1]), np.zeros(3))
    assert report["better_than"]["it"]["random"]["comprehensiveness"] == pytest.approx(0.1)
    assert report["verdicts"]["it"]["random"]["comprehensiveness"] == "no better"


def test_the_interval_is_students():
    report = judged(np.array([1.0, 2.0, 3.0, 4.0]), np.zeros(4))
    # mean 2.5, standard error 0.6455, t(3) at 97.5% is 3.1824
    low, high = report["scores"]["it"]["comprehensiveness_interval"]
    assert (low, high) == pytest.approx((2.5 - 2.0543, 2.5 + 2.0543), abs=1e-3)


def test_equal_reviews_have_an_interval_without_width():
    report = judged(np.full(3, 0.25), np.zeros(3))
    assert report["scores"]["it"]["comprehensiveness_interval"] == [0.25, 0.25]


def test_the_same_reviews_are_drawn_each_time_and_none_twice():
    many = [Review(str(number), 0, number, None) for number in range(1000)]
    texts = drawn(many, 100)
    assert texts == drawn(many, 100)
    assert len(set(texts)) == 100
    assert 350 < np.mean([int(text) for text in texts]) < 650


def test_fewer_reviews_than_asked_for_are_all_taken():
    assert measured(99)[0].report()["reviews"] == 30


def test_one_review_is_too_few():
    with pytest.raises(DataError, match="fewer than two"):
        measure_faithfulness(predictor(), reviews(1), 5, gradients=False, advance=lambda _: None)
