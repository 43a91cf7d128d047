"""Each figure of a classifier as a mean over test reviews, so that one interval serves them all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli import metrics

if TYPE_CHECKING:
    from numpy.typing import NDArray

SHARES = ("accuracy", "balanced_accuracy")
"""The figures that count right answers; the others are continuous."""
FIGURES = (*SHARES, "log_loss", "calibration_error")


def review_values(
    labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]
) -> dict[str, NDArray[np.float64]]:
    """Return for each figure a value a review, (N,), whose mean is the figure.

    Balanced accuracy takes its linear part, in which the classes' sizes are given; calibration
    error takes each review's gap with the sign of its bin.

    Args:
        labels: true classes, (N,).
        probabilities: of every class, (N, C).
    """
    right = (probabilities.argmax(axis=1) == labels).astype(np.float64)
    reviews = np.bincount(labels, minlength=probabilities.shape[1])
    recall = np.bincount(labels, right, len(reviews)) / np.maximum(reviews, 1)
    classes = int((reviews > 0).sum())
    balanced = recall.sum() / classes
    weight = len(labels) / (classes * reviews[labels])
    return {
        "accuracy": right,
        "balanced_accuracy": balanced + weight * (right - recall[labels]),
        "log_loss": metrics.review_losses(labels, probabilities),
        "calibration_error": metrics.review_gaps(labels, probabilities),
    }
