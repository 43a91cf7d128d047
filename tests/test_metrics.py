"""Figures equal scikit-learn's; intervals cover what they claim."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import metrics as sklearn_metrics
from statsmodels.stats.multitest import multipletests

from sentiment_cli import metrics


def sample(seed, reviews=300, classes=3):
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=reviews)
    logits = rng.normal(size=(reviews, classes)) + 2 * np.eye(classes)[labels]
    powers = np.exp(logits)
    return labels, powers / powers.sum(axis=1, keepdims=True)


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 10_000), st.integers(5, 200), st.integers(2, 5))
def test_figures_equal_scikit_learns(seed, reviews, classes):
    labels, probabilities = sample(seed, reviews, classes)
    predicted = probabilities.argmax(axis=1)
    scores = metrics.score(labels, probabilities)
    present = np.unique(labels)
    recalls = sklearn_metrics.recall_score(
        labels, predicted, labels=present, average="macro", zero_division=0
    )
    assert scores["accuracy"] == pytest.approx(sklearn_metrics.accuracy_score(labels, predicted))
    assert scores["balanced_accuracy"] == pytest.approx(recalls)
    assert scores["macro_f1"] == pytest.approx(
        sklearn_metrics.f1_score(labels, predicted, average="macro", zero_division=0)
    )
    assert scores["log_loss"] == pytest.approx(
        sklearn_metrics.log_loss(labels, probabilities, labels=range(classes))
    )


def test_confusion_has_the_true_class_in_rows():
    found = metrics.confusion_matrix(np.array([0, 0, 1]), np.array([0, 1, 1]), 2)
    assert found.tolist() == [[1, 1], [0, 1]]


def test_weighted_log_loss_is_the_mean_over_the_weights():
    labels, probabilities = sample(0)
    weights = np.array([1.0, 2.0, 5.0])
    assert metrics.log_loss(labels, probabilities, weights) == pytest.approx(
        sklearn_metrics.log_loss(labels, probabilities, sample_weight=weights[labels])
    )


def test_calibration_error_of_one_bin_is_the_gap_of_confidence_and_accuracy():
    labels = np.array([0, 1])
    probabilities = np.array([[0.9, 0.1], [0.9, 0.1]])
    # Two bins of one review each: |0.9 - 1| and |0.9 - 0|, averaged.
    assert metrics.calibration_error(labels, probabilities) == pytest.approx((0.1 + 0.9) / 2)


def test_a_probability_of_zero_costs_a_finite_loss():
    assert np.isfinite(metrics.log_loss(np.array([1]), np.array([[1.0, 0.0]])))


def test_intervals_hold_their_estimates():
    labels, probabilities = sample(1, 2000)
    scores, found = metrics.score(labels, probabilities), metrics.intervals(labels, probabilities)
    for name in ("accuracy", "balanced_accuracy", "macro_f1", "log_loss"):
        low, high = found[name]
        assert low < scores[name] < high


def test_a_perfect_score_on_few_reviews_has_a_width():
    labels = np.array([0, 1] * 5)
    low, high = metrics.intervals(labels, np.eye(2)[labels])["accuracy"]
    assert low < 0.85
    assert high > 0.99


def test_a_perfect_score_lies_within_its_interval():
    labels = np.array([0, 1] * 5)
    found = metrics.confusion_intervals(metrics.confusion_matrix(labels, labels, 2))
    assert {high for _, high in found.values()} == {1.0}


@pytest.mark.parametrize("num_classes", [2, 5])
def test_a_class_without_reviews_does_not_widen_an_interval(num_classes):
    confusion = np.zeros((num_classes, num_classes), dtype=np.int64)
    confusion[1] = [5, 95] + [0] * (num_classes - 2)
    found = metrics.confusion_intervals(confusion)
    assert found["balanced_accuracy"] == pytest.approx(found["accuracy"])
    low, high = found["balanced_accuracy"]
    assert 0.88 < low < 0.95 < high < 0.99
    low, high = found["macro_f1"]
    assert 0.4 < low < metrics.macro_f1(confusion) < high < 0.6


def test_the_accuracy_interval_covers_the_truth():
    rng = np.random.default_rng(0)
    truth, covered, runs = 0.85, 0, 200
    for _ in range(runs):
        right = rng.binomial(60, truth, size=2)
        confusion = np.array([[right[0], 60 - right[0]], [60 - right[1], right[1]]])
        low, high = metrics.confusion_intervals(confusion)["accuracy"]
        covered += low <= truth <= high
    assert 0.91 * runs <= covered < runs


@pytest.mark.parametrize("ahead", [0.0, 0.05])
def test_the_interval_of_a_paired_difference_covers_it(ahead):
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(1000):
        both = rng.random(200)
        right, other = both < 0.7 + ahead, (both < 0.6) | (rng.random(200) < 0.25)
        true = 0.7 + ahead - (1 - 0.4 * 0.75)
        low, high = metrics.paired_difference(right, other)[1]
        covered += low <= true <= high
    assert 930 <= covered <= 980


def test_a_difference_counts_what_was_gained_and_lost():
    right = np.array([True, True, True, False])
    other = np.array([True, False, False, True])
    assert metrics.paired_difference(right, other)[0] == 0.25


def test_a_balanced_difference_counts_each_class_alike():
    labels = np.array([0, 0, 0, 0, 1])
    right = np.array([True, True, True, True, False])
    other = np.array([True, True, True, False, True])
    assert metrics.balanced_difference(labels, right, other)[0] == (0.25 - 1) / 2


def test_the_interval_of_a_balanced_difference_covers_it():
    rng = np.random.default_rng(0)
    labels = np.repeat([0, 1], [170, 30])
    covered = 0
    for _ in range(1000):
        draw = rng.random(200)
        right = draw < np.where(labels, 0.7, 0.9)
        other = (draw < np.where(labels, 0.4, 0.85)) | (rng.random(200) < 0.1)
        true = ((0.9 - (0.85 + 0.15 * 0.1)) + (0.7 - (0.4 + 0.6 * 0.1))) / 2
        low, high = metrics.balanced_difference(labels, right, other)[1]
        covered += low <= true <= high
    assert 930 <= covered <= 980


def test_models_that_agree_everywhere_may_still_differ():
    right = np.ones(50, dtype=bool)
    difference, (low, high) = metrics.paired_difference(right, right)
    assert difference == 0.0
    assert low < 0.0 < high


@settings(max_examples=50, deadline=None)
@given(st.integers(0, 10_000), st.floats(0.5, 1.0), st.booleans())
def test_p_is_below_5_percent_when_the_interval_leaves_zero_out(seed, share, balanced):
    rng = np.random.default_rng(seed)
    labels = rng.integers(2 if balanced else 1, size=150)
    right, other = rng.random(150) < 0.8, rng.random(150) < share
    low, high = metrics.balanced_difference(labels, right, other)[1]
    assert (metrics.balanced_p(labels, right, other) < 0.05) == (low > 0 or high < 0)


def test_p_is_one_without_a_difference():
    right = np.ones(50, dtype=bool)
    assert metrics.balanced_p(np.arange(50) % 2, right, right) == 1


@settings(max_examples=20)  # the other one takes a tenth of a second each time
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_statsmodels(p):
    assert metrics.holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())


def answers(wrong):
    """Probabilities (100, 2) of class 0, but for the reviews that are answered wrongly."""
    return np.eye(2)[np.isin(np.arange(100), wrong).astype(int)]


def test_baselines_are_corrected_for_their_number():
    labels = np.zeros(100, dtype=np.int64)
    model = answers(range(4))
    baselines = {"near": answers(range(2, 14)), "equal": answers(range(6))}
    for balanced in ("", "balanced_"):
        key = f"{balanced}p_adjusted"
        both = metrics.beside(labels, model, baselines)
        alone = metrics.beside(labels, model, {"near": baselines["near"]})
        assert alone["near"][key] < 0.05 < both["near"][key]
        assert both["near"][key] == pytest.approx(2 * alone["near"][key])
        assert both["near"][f"{balanced}accuracy_difference_interval"][0] > 0


def test_the_interval_of_the_calibration_error_holds_it():
    rng = np.random.default_rng(11)  # of which every draw is less calibrated than the sample
    confidence = rng.uniform(0.5, 1.0, 1500)
    labels = (rng.random(1500) < confidence).astype(int)
    probabilities = np.stack([1 - confidence, confidence], axis=1)
    low, high = metrics.intervals(labels, probabilities)["calibration_error"]
    assert low <= metrics.calibration_error(labels, probabilities) <= high
