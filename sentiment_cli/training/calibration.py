"""Probabilities that mean what they say.

What is fitted is the log loss against targets that leave room for a mistake: a network that is
right on all of few validation reviews has not shown that it always is. Of a class with n reviews,
the true class gets (n + 1) / (n + 2), as in Platt (Probabilistic outputs for support vector
machines, 1999).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

if TYPE_CHECKING:
    from numpy.typing import NDArray

_WIDEST = float(np.log(20.0))


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
        scaled = logits.astype(np.float64) / np.exp(log_temperature)
        return float(-(targets * log_softmax(scaled, axis=1)).sum(axis=1).mean())

    found = minimize_scalar(loss, bounds=(-_WIDEST, _WIDEST), method="bounded")
    return float(np.exp(found.x))


def _targets(labels: NDArray[np.int64], num_classes: int) -> NDArray[np.float64]:
    """Return the probabilities that are aimed at, (N, C)."""
    reviews = np.bincount(labels, minlength=num_classes)[labels]  # (N,)
    missed = 1 / (reviews + 2)
    targets = np.repeat(missed[:, None] / (num_classes - 1), num_classes, axis=1)
    targets[np.arange(len(labels)), labels] = 1 - missed
    return targets
