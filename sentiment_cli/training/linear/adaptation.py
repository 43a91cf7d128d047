"""A saved linear model, brought to other reviews: the linear half of `model.init`.

Chelba and Acero, Adaptation of Maximum Entropy Capitalizer: Little Data Can Help a Lot, EMNLP 2004:
coefficients that are fitted to few reviews are held to those that were fitted to many others, by a
Gaussian prior around these.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.optimize import minimize
from scipy.special import expit

from sentiment_cli.errors import ModelError
from sentiment_cli.network.linear import NB, LinearModel
from sentiment_cli.training.linear.fitting import PENALTY_C, unit_rows

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from scipy import sparse

    from sentiment_cli.training.linear.fitting import Counted


def adapt(
    start: LinearModel, own: LinearModel, counted: Counted, labels: NDArray[np.int64]
) -> LinearModel:
    """Return the linear model that makes least

        sum_n log(1 + exp(-y_n s(x_n))) + |d|^2 / 2C

    for each score s, where y is 1 for the score's class and -1 for others, and d is how far
    coefficients and bias have moved from those of `start`. Only the n-grams of `own` move: what
    fewer reviews wrote could be read from the difference. An n-gram keeps the scale that it has in
    `start`; those of `own` alone begin with a coefficient of zero, and lengthen what is brought to
    unit length, so that a score begins a little nearer to zero than it was.

    Args:
        start: NB-weighted, of the same classes in the same order.
        own: NB-weighted, fitted to the reviews.
        counted: n-grams of the reviews.
        labels: their classes, (N,).

    Raises:
        ModelError: the numbers of `start` are too large to be moved.
    """
    added = ~np.isin(own.keys, start.keys)
    keys = np.concatenate([start.keys, own.keys[added]])  # (K,)
    order = np.argsort(keys)
    keys = keys[order]
    scale = np.concatenate([start.scale, own.scale[added]])[order]  # (K, S)
    weight = np.concatenate([start.weight, np.zeros_like(own.weight[added])])[order]
    divisor = np.where(scale == 0, 1, scale).astype(np.float64)
    coefficients = np.where(scale == 0, 0, weight / divisor)
    biases = start.bias.astype(np.float64)
    x = counted.matrix(keys, sublinear=NB.sublinear)  # (N, K)
    moving = np.searchsorted(keys, own.keys)
    for score in range(len(biases)):
        of_class = labels == (1 if len(biases) == 1 else score)
        unit = unit_rows(x, scale[:, score]).astype(np.float64)
        before = unit @ coefficients[:, score] + biases[score]  # (N,)
        moved = _moved(unit.tocsc()[:, moving].tocsr(), of_class, before)
        coefficients[moving, score] += moved[:-1]
        biases[score] += moved[-1]
    adapted = LinearModel(
        keys,
        scale,
        (scale * coefficients).astype(np.float32),
        biases.astype(np.float32),
        NB,
    )
    if not (np.isfinite(adapted.weight).all() and np.isfinite(adapted.bias).all()):
        raise ModelError(
            "model.init: the numbers of its linear model are too large to learn from",
            hint="begin with its network alone: --set model.linear=false",
        )
    return adapted


def in_order(linear: LinearModel, classes: Sequence[str], wanted: Sequence[str]) -> LinearModel:
    """Return a linear model of `classes` whose logits stand in the order of `wanted`."""
    columns = [classes.index(name) for name in wanted]
    if columns == sorted(columns):
        return linear
    if len(columns) == 2:
        return LinearModel(linear.keys, linear.scale, -linear.weight, -linear.bias, linear.kind)
    return LinearModel(
        linear.keys,
        linear.scale[:, columns],
        linear.weight[:, columns],
        linear.bias[columns],
        linear.kind,
    )


def _moved(
    x: sparse.csr_array, of_class: NDArray[np.bool_], before: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return how far coefficients and bias move, (K + 1,), for reviews `x`, (N, K), whose scores
    were `before`, (N,)."""

    def loss(moved: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
        scores = before + x @ moved[:-1] + moved[-1]
        missed = expit(scores) - of_class  # (N,)
        value = np.logaddexp(0, np.where(of_class, -scores, scores)).sum()
        slope = np.append(x.T @ missed, missed.sum()) + moved / PENALTY_C
        return value + moved @ moved / (2 * PENALTY_C), slope

    moved: NDArray[np.float64] = minimize(
        loss, np.zeros(x.shape[1] + 1), jac=True, method="L-BFGS-B"
    ).x
    return moved
