"""Fitting linear models of n-grams, beside which every network is measured.

Axes: N reviews, T different n-grams of all of them, K n-grams of a model, S scores of a review (1
for two classes, else one a class).
"""

from __future__ import annotations

import warnings
from typing import TYPE_CHECKING

import numpy as np
from scipy import sparse

from sentiment_cli.network.linear import NB, TF_IDF, Kind, LinearModel
from sentiment_cli.network.ngrams import Keys, ReviewNgrams, find_keys, review_ngrams

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

_PENALTY_C = 10.0
"""Inverse strength of the L2 penalty: of 1, 10 and 30 the best on validation, or as good."""

_MAX_ITER = 200  # the default split of IMDb needs 24 (TF-IDF) and 29 (NB-weighted)
_TFIDF_MIN_DF = 2
_NB_MIN_DF = 3
"""Minimum number of reviews that contain an n-gram."""


class Counted:
    """The different words, pairs and triples of N reviews.

    Args:
        batches: Keys of the words of some reviews, one review after the other, and the number of
            words of each review.
    """

    def __init__(self, batches: Iterable[tuple[Keys, NDArray[np.int64]]]) -> None:
        parts, self.size = [], 0
        for words, lengths in batches:
            found = review_ngrams(words, lengths, NB.max_order)
            parts.append(found._replace(reviews=found.reviews + np.int32(self.size)))
            self.size += len(lengths)
        self.ngrams = ReviewNgrams(*map(np.concatenate, zip(*parts, strict=True)))

    def frequent(self, min_df: int, kind: Kind) -> Keys:
        """Return the n-grams of a kind that at least `min_df` reviews contain, ascending, (K,)."""
        keys, containing = np.unique(
            self.ngrams.keys[self.ngrams.orders <= kind.max_order], return_counts=True
        )
        frequent: Keys = keys[containing >= min_df]
        return frequent

    def matrix(self, keys: Keys, *, sublinear: bool) -> sparse.csr_array:
        """Return f of the counts of n-grams `keys` in the reviews, (N, K); see `LinearModel`."""
        places, known = find_keys(keys, self.ngrams.keys)
        counts = self.ngrams.counts[known]
        f = (1 + np.log(counts) if sublinear else np.ones(len(counts))).astype(np.float32)
        sizes = np.bincount(self.ngrams.reviews[known], minlength=self.size)
        ends = np.append(0, np.cumsum(sizes))
        shape = (self.size, len(keys))
        return sparse.csr_array((f, places[known].astype(np.int32), ends.astype(np.int32)), shape)


def fit_tf_idf(counted: Counted, labels: NDArray[np.int64], num_classes: int) -> LinearModel:
    """Fit logistic regression on TF-IDF of words and pairs, scikit-learn's smoothed formula.

    An n-gram's scale is ln((1 + N) / (1 + reviews with it)) + 1.

    Args:
        counted: n-grams of the training reviews.
        labels: their classes, (N,).
        num_classes: C.
    """
    keys = counted.frequent(_TFIDF_MIN_DF, TF_IDF)
    x = counted.matrix(keys, sublinear=TF_IDF.sublinear)
    containing = np.bincount(x.indices, minlength=len(keys))
    idf = np.log((1 + len(labels)) / (1 + containing)) + 1
    return _fit(x, keys, labels, num_classes, lambda _: idf, TF_IDF)


def fit_nb(counted: Counted, labels: NDArray[np.int64], num_classes: int) -> LinearModel:
    """Fit logistic regression on n-grams weighed by naive Bayes (Wang and Manning 2012).

    An n-gram's scale is ln((p / |p|) / (q / |q|)), where p counts the reviews of a class that
    contain it, plus 1, and q those of all other classes.

    Args:
        counted: n-grams of the training reviews.
        labels: their classes, (N,).
        num_classes: C.
    """
    keys = counted.frequent(_NB_MIN_DF, NB)
    x = counted.matrix(keys, sublinear=NB.sublinear)

    def ratio(of_class: NDArray[np.bool_]) -> NDArray[np.float64]:
        p = x[of_class].sum(axis=0, dtype=np.float64) + 1  # (K,)
        q = x[~of_class].sum(axis=0, dtype=np.float64) + 1
        log_ratio: NDArray[np.float64] = np.log(p / p.sum()) - np.log(q / q.sum())
        return log_ratio

    return _fit(x, keys, labels, num_classes, ratio, NB)


def _fit(
    x: sparse.csr_array,
    keys: Keys,
    labels: NDArray[np.int64],
    num_classes: int,
    scale_for: Callable[[NDArray[np.bool_]], NDArray[np.float64]],
    kind: Kind,
) -> LinearModel:
    """Fit one score for two classes, else one a class against all others."""
    scales, weights, biases, converged = [], [], [], True
    for index in range(1, 2) if num_classes == 2 else range(num_classes):
        of_class = labels == index
        scale = scale_for(of_class).astype(np.float32)
        coefficients, bias, met = _logistic(_unit_rows(x, scale), of_class)
        converged = converged and met
        scales.append(scale)
        weights.append(scale * coefficients)
        biases.append(bias)
    return LinearModel(
        keys,
        np.stack(scales, axis=1),
        np.stack(weights, axis=1).astype(np.float32),
        np.array(biases, dtype=np.float32),
        kind,
        converged,
    )


def _unit_rows(x: sparse.csr_array, scale: NDArray[np.float32]) -> sparse.csr_array:
    """Return the columns of `x` times their scale, rows then brought to unit length, (N, K)."""
    scaled = x.data * scale[x.indices]
    rows = np.repeat(np.arange(x.shape[0]), np.diff(x.indptr))
    lengths = np.sqrt(np.bincount(rows, np.square(scaled), minlength=x.shape[0]))
    scaled /= np.maximum(lengths, 1e-12)[rows]
    return sparse.csr_array((scaled, x.indices, x.indptr), x.shape)


def _logistic(
    x: sparse.csr_array, positive: NDArray[np.bool_]
) -> tuple[NDArray[np.float32], float, bool]:
    """Return coefficients (K,), bias, and whether the fit converged.

    Without any n-gram or contrast the coefficients are zero and the bias follows the counts.
    """
    if not x.shape[1] or positive.all() or not positive.any():
        right = positive.sum()
        odds = (right + 0.5) / (len(positive) - right + 0.5)
        return np.zeros(x.shape[1], np.float32), float(np.log(odds)), True
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    # The number of iterations alone does not tell: a line search may fail before the last one.
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        fitted = LogisticRegression(C=_PENALTY_C, max_iter=_MAX_ITER).fit(x, positive)
    converged = not any(issubclass(own.category, ConvergenceWarning) for own in caught)
    return fitted.coef_[0].astype(np.float32), float(fitted.intercept_[0]), converged
