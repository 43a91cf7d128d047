"""Probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from sentiment_cli import metrics
from sentiment_cli.training.calibration import fit_temperature


@pytest.mark.parametrize("temperature", [0.5, 1.0, 3.0])
def test_finds_the_temperature_that_spoiled_the_logits(temperature):
    rng = np.random.default_rng(0)
    honest = rng.normal(size=(20_000, 3))
    chances = softmax(honest, axis=1).cumsum(axis=1)
    labels = (rng.random((20_000, 1)) > chances).sum(axis=1).clip(max=2)
    logits = (honest * temperature).astype(np.float32)
    assert fit_temperature(labels, logits) == pytest.approx(temperature, rel=0.05)


def test_lowers_the_log_loss_of_an_overconfident_network():
    rng = np.random.default_rng(1)
    labels = rng.integers(2, size=500)
    logits = (20 * (np.eye(2)[labels] + rng.normal(size=(500, 2)))).astype(np.float32)
    before = metrics.log_loss(labels, softmax(logits, axis=1))
    after = metrics.log_loss(labels, softmax(logits / fit_temperature(labels, logits), axis=1))
    assert after < before


def test_a_perfect_network_gets_a_finite_temperature():
    labels = np.array([0, 1, 0, 1])
    assert 0.04 < fit_temperature(labels, np.eye(2, dtype=np.float32)[labels]) < 21


def test_a_network_that_is_right_on_few_reviews_is_not_made_certain():
    rng = np.random.default_rng(4)
    labels = rng.integers(2, size=40)
    logits = ((np.eye(2)[labels] * 2 - 1) * rng.uniform(1, 3, size=(40, 1))).astype(np.float32)
    probabilities = softmax(logits / fit_temperature(labels, logits), axis=1)
    assert 0.9 < probabilities.max(axis=1).mean() < 0.99
