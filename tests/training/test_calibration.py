"""Probabilities that mean what they say."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax

from sentiment_cli import metrics
from sentiment_cli.training.calibration import Pool, fit_blend, fit_temperature


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


def test_a_blend_finds_the_share_of_each_model():
    rng = np.random.default_rng(2)
    network, linear = rng.normal(size=(2, 20_000, 3))
    chances = softmax(network / 0.5 + 1.5 * linear, axis=1).cumsum(axis=1)
    labels = (rng.random((20_000, 1)) > chances).sum(axis=1).clip(max=2)
    temperature, weight = fit_blend(labels, network.astype(np.float32), linear)
    assert temperature == pytest.approx(0.5, rel=0.05)
    assert weight == pytest.approx(1.5, rel=0.05)


@pytest.mark.parametrize(("number", "moved"), [(4, 0.2), (20_000, 1.0)])
def test_few_reviews_move_the_pool_that_was_begun_with_little(number, moved):
    rng = np.random.default_rng(5)
    network, linear = rng.normal(size=(2, number, 2))
    chances = softmax(network / 0.5 + 1.5 * linear, axis=1).cumsum(axis=1)
    labels = (rng.random((number, 1)) > chances).sum(axis=1).clip(max=1)
    begun = Pool(temperature=1.0, weight=0.5)
    found = fit_blend(labels, network.astype(np.float32), linear, begun)
    assert found.weight - begun.weight == pytest.approx(moved, abs=0.2)


def test_a_linear_model_that_is_always_wrong_gets_no_weight():
    rng = np.random.default_rng(3)
    labels = rng.integers(2, size=500)
    network = (np.eye(2)[labels] + rng.normal(size=(500, 2))).astype(np.float32)
    assert fit_blend(labels, network, -5 * np.eye(2)[labels])[1] == 0.0


def test_a_network_that_is_right_on_few_reviews_is_not_made_certain():
    rng = np.random.default_rng(4)
    labels = rng.integers(2, size=40)
    logits = ((np.eye(2)[labels] * 2 - 1) * rng.uniform(1, 3, size=(40, 1))).astype(np.float32)
    probabilities = softmax(logits / fit_temperature(labels, logits), axis=1)
    assert 0.9 < probabilities.max(axis=1).mean() < 0.99
