"""Probabilities that mean what they say.

What is fitted is the log loss against targets that leave room for a mistake: a network that is
right on all of few validation reviews has not shown that it always is. Of a class with n reviews,
the true class gets (n + 1) / (n + 2), as in Platt (Probabilistic outputs for support vector
machines, 1999).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from scipy.optimize import minimize, minimize_scalar
from scipy.special import log_softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDEST = float(np.log(20.0))
_HEAVIEST = 20.0
_HELD = 10.0
"""How strongly a pool is held to the one it began with: by a Gaussian of variance 1/20 around its
log temperature and its weight. Of 3, 10 and 30 the best, or as good, on 100 to 1,000 reviews."""


class Pool(NamedTuple):
    """How a blend makes one answer of two: softmax(logits / temperature + weight * linear)."""

    temperature: float
    weight: float


def fit_temperature(labels: NDArray[np.int64], logits: NDArray[np.float32]) -> float:
    """Return the temperature T that makes the log loss of softmax(logits / T) least.

    One number, found on validation reviews, that leaves every answer as it is (Guo et al. 2017,
    section 4.2). It stays within 1/20 and 20.

    Args:
        labels: true classes, (N,).
        logits: of the network, (N, C).
    """

    targets = _targets(labels, logits.shape[1])

    def loss(log_temperature: float) -> float:
        return _loss(targets, logits.astype(np.float64) / np.exp(log_temperature))

    found = minimize_scalar(loss, bounds=(-_WIDEST, _WIDEST), method="bounded")
    return float(np.exp(found.x))


def fit_blend(
    labels: NDArray[np.int64],
    logits: NDArray[np.float32],
    linear: NDArray[np.float64],
    begun: Pool | None = None,
) -> Pool:
    """Return the T and w that make the log loss of softmax(logits / T + w * linear) least.

    A logarithmic opinion pool of two models (Genest and Zidek 1986), whose weights are found on
    validation reviews. T stays within 1/20 and 20, w within 0 and 20; w is 0 where the linear model
    adds nothing.

    Args:
        labels: true classes, (N,).
        logits: of the network, (N, C).
        linear: logits of the linear model, (N, C).
        begun: the pool of the run that both began with, which few validation reviews move little.
    """

    targets = _targets(labels, logits.shape[1])

    def loss(parameters: NDArray[np.float64]) -> float:
        log_temperature, weight = parameters
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        missed = _loss(targets, scaled + weight * linear)
        if begun is None:
            return missed
        moved = np.array([log_temperature - np.log(begun.temperature), weight - begun.weight])
        return missed + _HELD * float(moved @ moved) / len(labels)

    temperature, weight = begun or (fit_temperature(labels, logits), 0.5)
    start = np.array([np.log(temperature), weight])
    bounds = [(-_WIDEST, _WIDEST), (0.0, _HEAVIEST)]
    found = minimize(loss, start, bounds=bounds, method="L-BFGS-B").x
    return Pool(float(np.exp(found[0])), float(found[1]))


def _targets(labels: NDArray[np.int64], num_classes: int) -> NDArray[np.float64]:
    """Return the probabilities that are aimed at, (N, C)."""
    reviews = np.bincount(labels, minlength=num_classes)[labels]  # (N,)
    missed = 1 / (reviews + 2)
    targets = np.repeat(missed[:, None] / (num_classes - 1), num_classes, axis=1)
    targets[np.arange(len(labels)), labels] = 1 - missed
    return targets


def _loss(targets: NDArray[np.float64], logits: NDArray[np.float64]) -> float:
    return float(-(targets * log_softmax(logits, axis=1)).sum(axis=1).mean())
