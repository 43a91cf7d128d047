"""Whether a winner holds."""

from __future__ import annotations

import numpy as np
import pytest

from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.analysis.tuning.answers import choosing_loss, judging_half
from sentiment_cli.analysis.tuning.verdict import judge
from sentiment_cli.errors import DataError

REVIEWS = 400


def answers(seed, right, reviews=REVIEWS, shift=0):
    """Answers of which a share is right, each with a confidence of 0.8."""
    chance = np.random.default_rng(seed)
    labels = np.arange(reviews) % 2
    said = np.where(chance.random(reviews) < right, labels, 1 - labels)
    probabilities = np.where(np.arange(2) == said[:, None], 0.8, 0.2)
    return Scores(labels, probabilities, np.arange(reviews, dtype=np.uint64) // 2 + shift)


def sides(start, tuned):
    return [answers(at, start) for at in range(3)], [answers(9 + at, tuned) for at in range(3)]


def test_a_winner_that_is_better_holds():
    found = judge(*sides(0.7, 0.9), "trial 7")
    assert found.holds
    by, (low, high) = found.lower
    assert 0 < low < by < high
    assert found.losses[0] - found.losses[1] == pytest.approx(by)
    assert found.accuracies[1] - found.accuracies[0] == pytest.approx(found.more[0])
    assert found.sentence().startswith("trial 7 holds: its log loss is lower than the start's by")


def test_a_winner_that_is_not_did_not_hold():
    found = judge(*sides(0.8, 0.8), "trial 7")
    low, high = found.lower[1]
    assert low < 0 < high
    assert found.sentence().startswith("trial 7 did not hold: no lower log loss")


def test_a_winner_that_is_worse_did_not_hold():
    assert not judge(*sides(0.9, 0.7), "trial 7").holds


def test_equal_answers_have_an_interval_of_accuracy_only():
    same = [answers(0, 0.8)] * 3
    found = judge(same, same, "trial 7")
    assert found.lower == (0, (0, 0))
    low, high = found.more[1]
    assert low < 0 < high


def test_reviews_that_chose_have_no_say():
    start, tuned = sides(0.8, 0.8)
    half = judging_half(start[0].hashes)
    spoiled = [
        Scores(own.labels, np.where(half[:, None], own.probabilities, 0.5), own.hashes)
        for own in tuned
    ]
    assert judge(start, spoiled, "") == judge(start, tuned, "")
    judged = [
        Scores(own.labels, np.where(half[:, None], 0.5, own.probabilities), own.hashes)
        for own in tuned
    ]
    assert [choosing_loss(own) for own in judged] == [choosing_loss(own) for own in tuned]


def test_equal_reviews_stay_together_and_halves_are_halves():
    hashes = np.random.default_rng(0).integers(0, 2**63, 1000).astype(np.uint64)
    half = judging_half(np.concatenate([hashes, hashes]))
    assert np.array_equal(half[:1000], half[1000:])
    assert 400 < half[:1000].sum() < 600


def test_changed_reviews_are_refused():
    start, tuned = sides(0.8, 0.8)
    with pytest.raises(DataError, match="changed"):
        judge(start, [*tuned[:2], answers(5, 0.8, shift=1)], "")


def test_too_few_reviews_are_refused():
    with pytest.raises(DataError, match="too few"):
        choosing_loss(answers(0, 0.9, reviews=6))
