"""Counts in, named figures out, in scikit-learn's terms.

Every figure of training, evaluation and comparison comes from here. Intervals are at 95%.
"""

from __future__ import annotations

from math import erfc, sqrt
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from numpy.typing import NDArray

LEVEL = 0.05
"""A difference is shown when its p is below this."""
CALIBRATION_BINS = 15
_DRAWS = 2000
_QUANTILES = (0.025, 0.975)
_Z = 1.959964

Interval = tuple[float, float]


def confusion_matrix(
    labels: NDArray[np.int64], predicted: NDArray[np.int64], num_classes: int
) -> NDArray[np.int64]:
    """Return counts (C, C): row the true class, column the predicted one."""
    pairs = np.bincount(labels * num_classes + predicted, minlength=num_classes**2)
    return pairs.reshape(num_classes, num_classes)


def accuracy(confusion: NDArray[Any]) -> NDArray[np.float64]:
    """Return the share of right answers of one or many confusion matrices, (..., C, C) to (...)."""
    right: NDArray[np.float64] = np.trace(confusion, axis1=-2, axis2=-1)
    share: NDArray[np.float64] = right / confusion.sum(axis=(-2, -1))
    return share


def balanced_accuracy(
    confusion: NDArray[Any], counted: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Return the mean recall of the classes that occur, (..., C, C) to (...).

    Args:
        confusion: counts.
        counted: the classes whose mean is taken, (C,); None for those that occur in `confusion`.
    """
    reviews = confusion.sum(axis=-1)
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _mean_share(right, reviews, reviews > 0 if counted is None else counted)


def macro_f1(
    confusion: NDArray[Any], counted: NDArray[np.bool_] | None = None
) -> NDArray[np.float64]:
    """Return the mean F1 of the classes that occur or are predicted, (..., C, C) to (...).

    Args:
        confusion: counts.
        counted: the classes whose mean is taken, (C,); None for those of `confusion`.
    """
    both = confusion.sum(axis=-1) + confusion.sum(axis=-2)
    right = np.diagonal(confusion, axis1=-2, axis2=-1)
    return _mean_share(2 * right, both, both > 0 if counted is None else counted)


def _mean_share(
    part: NDArray[Any], whole: NDArray[Any], counted: NDArray[np.bool_]
) -> NDArray[np.float64]:
    share = np.divide(part, whole, out=np.zeros(part.shape), where=counted & (whole > 0))
    mean: NDArray[np.float64] = share.sum(axis=-1) / counted.sum(axis=-1)
    return mean


def review_losses(
    labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return -log p(true class) of each review in nats, (N,) and (N, C) to (N,)."""
    true = probabilities[np.arange(len(labels)), labels].astype(np.float64)
    return -np.log(np.maximum(true, np.finfo(np.float32).tiny))


def log_loss(
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    class_weights: NDArray[np.float64] | None = None,
) -> float:
    """Return the mean of `review_losses`, weighed by true class where weights are given."""
    losses = review_losses(labels, probabilities)
    if class_weights is None:
        return float(losses.mean())
    return float(np.average(losses, weights=class_weights[labels]))


def calibration_error(labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]) -> float:
    """Return the expected calibration error of the top class, over 15 bins of equal mass.

    The mean over bins of |mean confidence - accuracy| (Guo et al. 2017, with the equal-mass bins of
    Nguyen and O'Connor 2015).
    """
    gaps = _confidence_gaps(labels, probabilities)
    return _binned(gaps)


def review_gaps(
    labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return confidence minus rightness of each review, with its bin's sign, (N,) and (N, C) to
    (N,): their mean is `calibration_error`."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    gaps: NDArray[np.float64] = confidence - (probabilities.argmax(axis=1) == labels)
    edges = _edges(len(gaps))
    sums = np.add.reduceat(gaps[order], edges[:-1])
    gaps[order] *= np.repeat(np.sign(sums), np.diff(edges))
    return gaps


def score(labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]) -> dict[str, float]:
    """Return accuracy, balanced_accuracy, macro_f1, log_loss and calibration_error as fractions.

    Args:
        labels: true classes, (N,).
        probabilities: of every class, (N, C).
    """
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1), probabilities.shape[1])
    return {
        "accuracy": float(accuracy(confusion)),
        "balanced_accuracy": float(balanced_accuracy(confusion)),
        "macro_f1": float(macro_f1(confusion)),
        "log_loss": log_loss(labels, probabilities),
        "calibration_error": calibration_error(labels, probabilities),
    }


def intervals(
    labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]
) -> dict[str, Interval]:
    """Return the 95% interval of each figure of `score`, over the choice of test reviews.

    Log loss and calibration error take the basic bootstrap (Davison and Hinkley 1997, 5.2.1), the
    others `confusion_intervals`. The draws are the same at each call.
    """
    num_classes = probabilities.shape[1]
    confusion = confusion_matrix(labels, probabilities.argmax(axis=1), num_classes)
    losses = review_losses(labels, probabilities)
    gaps = _confidence_gaps(labels, probabilities)
    rng = np.random.default_rng(0)
    loss_draws, gap_draws = np.empty(_DRAWS), np.empty(_DRAWS)
    for draw in range(_DRAWS):
        chosen = rng.integers(len(labels), size=len(labels))
        loss_draws[draw] = losses[chosen].mean()
        gap_draws[draw] = _binned(gaps[np.sort(chosen)])
    return confusion_intervals(confusion) | {
        "log_loss": _basic(float(losses.mean()), loss_draws),
        "calibration_error": _basic(_binned(gaps), gap_draws),
    }


def confusion_intervals(confusion: NDArray[np.int64]) -> dict[str, Interval]:
    """Return the 95% intervals of accuracy, balanced accuracy and macro F1, (C, C).

    They are quantiles of the confusion matrix's Dirichlet posterior (Goutte and Gaussier 2005)
    under a prior that gives accuracy Jeffreys' interval, so that a perfect score on few reviews
    still has a width. Of a class without a review nothing is drawn, as nothing of it is counted.
    """
    num_classes = len(confusion)
    occur = confusion.sum(axis=1) > 0  # (C,)
    told = occur | (confusion.sum(axis=0) > 0)  # (C,)
    prior = np.full(confusion.shape, 0.5 / (num_classes - 1))
    np.fill_diagonal(prior, 0.5)
    prior *= occur[:, None] / occur.sum()
    drawn = np.random.default_rng(0).gamma(confusion + prior, size=(_DRAWS, *confusion.shape))
    figures = {
        "accuracy": (accuracy(confusion), accuracy(drawn)),
        "balanced_accuracy": (balanced_accuracy(confusion), balanced_accuracy(drawn, occur)),
        "macro_f1": (macro_f1(confusion), macro_f1(drawn, told)),
    }
    return {
        name: _holding(float(estimate), _quantiles(draws))
        for name, (estimate, draws) in figures.items()
    }


def paired_difference(
    right: NDArray[np.bool_], other_right: NDArray[np.bool_]
) -> tuple[float, Interval]:
    """Return how much more often one model is right than another, and the 95% interval of that.

    Both judged the same reviews, which makes the interval narrower. It is the adjusted Wald
    interval of Bonett and Price (2012), good from a dozen reviews on.

    Args:
        right: whether the one is right on each review, (N,).
        other_right: whether the other is, (N,).
    """
    difference, centre, error = _adjusted(right, other_right)
    return difference, (max(-1.0, centre - _Z * error), min(1.0, centre + _Z * error))


def _adjusted(
    right: NDArray[np.bool_], other_right: NDArray[np.bool_]
) -> tuple[float, float, float]:
    """Return a paired difference, and the centre and standard error of its adjusted interval."""
    reviews = len(right)
    gained, lost = int((right & ~other_right).sum()), int((~right & other_right).sum())
    p, q = (gained + 1) / (reviews + 2), (lost + 1) / (reviews + 2)
    return (gained - lost) / reviews, p - q, sqrt((p + q - (p - q) ** 2) / (reviews + 2))


def balanced_difference(
    labels: NDArray[np.int64], right: NDArray[np.bool_], other_right: NDArray[np.bool_]
) -> tuple[float, Interval]:
    """Return how far one model's balanced accuracy is above another's, and the 95% interval.

    It is the mean of the classes' paired differences, whose intervals are joined as those of
    independent estimates are (MOVER: Zou and Donner 2008).

    Args:
        labels: true classes, (N,).
        right: whether the one is right on each review, (N,).
        other_right: whether the other is, (N,).
    """
    found = [
        paired_difference(right[labels == own], other_right[labels == own])
        for own in np.unique(labels)
    ]
    ahead = float(np.mean([difference for difference, _ in found]))
    below, above = (
        float(np.linalg.norm([interval[end] - difference for difference, interval in found]))
        / len(found)
        for end in (0, 1)
    )
    return ahead, (max(-1.0, ahead - below), min(1.0, ahead + above))


def balanced_p(
    labels: NDArray[np.int64], right: NDArray[np.bool_], other_right: NDArray[np.bool_]
) -> float:
    """Return the two-sided p of `balanced_difference`: its interval at level 1 - p ends at zero.

    With a single class it is the p of `paired_difference`. The arguments are the same.
    """
    parts = [
        _adjusted(right[labels == own], other_right[labels == own]) for own in np.unique(labels)
    ]
    difference, centre, error = np.array(parts).T  # (K,) each
    ahead = difference.sum()
    # At z standard errors the interval reaches as far as the norm of shift + z error.
    shift = np.sign(ahead) * (difference - centre)
    a, b, c = error @ error, shift @ error, shift @ shift - ahead**2
    z = 0.0 if c >= 0 else float((np.sqrt(b**2 - a * c) - b) / a)
    return erfc(z / sqrt(2))


def holm(p: Sequence[float]) -> list[float]:
    """Return p values that hold for all of the tests together (Holm 1979)."""
    order = np.argsort(p)
    factors = len(p) - np.arange(len(p))
    stepped = np.maximum.accumulate(np.asarray(p, dtype=np.float64)[order] * factors)
    adjusted = np.empty(len(p))
    adjusted[order] = np.minimum(stepped, 1.0)
    return [float(value) for value in adjusted]


def beside(
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    baselines: Mapping[str, NDArray[np.floating[Any]]],
    *,
    unconverged: Collection[str] = (),
) -> dict[str, dict[str, Any]]:
    """Return each baseline's figures, and by how much a model is ahead of it in accuracy and in
    balanced accuracy.

    An interval is for one baseline. A p is adjusted for the number of baselines (`holm`).

    Args:
        labels: true classes, (N,).
        probabilities: of the model, (N, C).
        baselines: Probabilities of each baseline on the same reviews, (N, C).
        unconverged: Names of the baselines whose fit did not converge. Their figures have
            `converged`, which is False.
    """
    found = {name: _beside(labels, probabilities, own) for name, own in baselines.items()}
    for key in ("p_adjusted", "balanced_p_adjusted"):
        adjusted = holm([own[key] for own in found.values()])
        for own, p in zip(found.values(), adjusted, strict=True):
            own[key] = p
    for name in unconverged:
        found[name]["converged"] = False
    return found


def _beside(
    labels: NDArray[np.int64],
    probabilities: NDArray[np.floating[Any]],
    baseline: NDArray[np.floating[Any]],
) -> dict[str, Any]:
    right, other = (given.argmax(axis=1) == labels for given in (probabilities, baseline))
    difference, interval = paired_difference(right, other)
    balanced, of_balanced = balanced_difference(labels, right, other)
    return score(labels, baseline) | {
        "accuracy_difference": difference,
        "accuracy_difference_interval": list(interval),
        "p_adjusted": balanced_p(np.zeros_like(labels), right, other),
        "balanced_accuracy_difference": balanced,
        "balanced_accuracy_difference_interval": list(of_balanced),
        "balanced_p_adjusted": balanced_p(labels, right, other),
    }


def _confidence_gaps(
    labels: NDArray[np.int64], probabilities: NDArray[np.floating[Any]]
) -> NDArray[np.float64]:
    """Return confidence minus rightness of each review, the least confident first."""
    confidence = probabilities.max(axis=1).astype(np.float64)
    order = np.argsort(confidence, kind="stable")
    right = probabilities.argmax(axis=1) == labels
    gaps: NDArray[np.float64] = (confidence - right)[order]
    return gaps


def _binned(gaps: NDArray[np.float64]) -> float:
    return float(np.abs(np.add.reduceat(gaps, _edges(len(gaps))[:-1])).sum() / len(gaps))


def _edges(reviews: int) -> NDArray[np.int64]:
    """Return where the bins of equal mass begin, and where the last one ends."""
    return np.linspace(0, reviews, min(CALIBRATION_BINS, reviews) + 1).astype(np.int64)


def _quantiles(draws: NDArray[np.float64]) -> Interval:
    low, high = np.quantile(draws, _QUANTILES)
    return float(low), float(high)


def _basic(estimate: float, draws: NDArray[np.float64]) -> Interval:
    low, high = _quantiles(draws)
    # Draws of a calibration error are larger than itself, and would leave it outside.
    return _holding(estimate, (max(0.0, 2 * estimate - high), 2 * estimate - low))


def _holding(estimate: float, interval: Interval) -> Interval:
    """Return an interval that is no narrower than what it is for, as Jeffreys' is at 0 and 1."""
    return min(estimate, interval[0]), max(estimate, interval[1])
