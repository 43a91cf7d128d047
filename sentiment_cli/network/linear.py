"""A linear model of n-grams: each n-gram that is found says how much it speaks for a class.

Axes: N reviews, K n-grams of the model, S scores of a review (1 for two classes, else one a class),
C classes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.network.ngrams import Keys, find_keys, review_ngrams

Array = NDArray[np.float32]


class Kind(NamedTuple):
    """A way to read n-grams.

    Args:
        title: what it is called before people.
        max_order: Number of words of the longest n-grams.
        sublinear: whether a count weighs 1 + ln(count), else 1.
    """

    title: str
    max_order: int
    sublinear: bool


TF_IDF = Kind("TF-IDF bigrams", max_order=2, sublinear=True)
NB = Kind("NB-weighted trigrams", max_order=3, sublinear=False)
KINDS = {"tf_idf": TF_IDF, "nb_weighted": NB}
"""By their names in files and in JSON."""


def title(name: str, figures: Mapping[str, Any]) -> str:
    """Return the title of a linear model, with a note if its fit did not converge.

    Args:
        name: Key of `KINDS`.
        figures: Figures of the model, as `metrics.beside` returns them.
    """
    note = "" if figures.get("converged", True) else " (fit did not converge)"
    return KINDS[name].title + note


@dataclass(frozen=True, slots=True)
class LinearModel:
    """Scores reviews by their n-grams.

    With f(k) what n-gram k's count in the review weighs, the score s is

        bias_s + sum_k f(k) weight_ks / sqrt(sum_k (f(k) scale_ks)^2)

    that is, a linear function of n-grams scaled and then brought to unit length.

    Args:
        keys: of the n-grams, ascending, (K,).
        scale: what a count is multiplied by before the length is taken, (K, S) or (K, 1).
        weight: `scale` times the linear function's coefficient, (K, S).
        bias: of each score, (S,).
        kind: how n-grams are read.
        converged: whether the solver met its tolerance for every score.
    """

    keys: Keys
    scale: Array
    weight: Array
    bias: Array
    kind: Kind
    converged: bool

    def __call__(self, words: Keys, lengths: NDArray[np.int64]) -> NDArray[np.float64]:
        """Return the logits of reviews, (N, C).

        Args:
            words: Keys of the words, one review after the other, (T,).
            lengths: Number of words of each review, (N,).
        """
        found = review_ngrams(words, lengths, self.kind.max_order)
        places, known = find_keys(self.keys, found.keys)
        places, reviews, counts = places[known], found.reviews[known], found.counts[known]
        f = (1 + np.log(counts) if self.kind.sublinear else np.ones(len(counts)))[:, np.newaxis]

        def summed(values: NDArray[np.float64]) -> NDArray[np.float64]:  # (M, S) to (N, S)
            columns = [np.bincount(reviews, own, len(lengths)) for own in values.T]
            return np.stack(columns, axis=1)

        norms = np.sqrt(summed(np.square(f * self.scale[places])))  # (N, S) or (N, 1)
        scores: NDArray[np.float64] = self.bias + summed(f * self.weight[places]) / np.maximum(
            norms, 1e-12
        )
        return np.hstack([-scores / 2, scores / 2]) if scores.shape[1] == 1 else scores

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, as they are saved."""
        return {"keys": self.keys, "scale": self.scale, "weight": self.weight, "bias": self.bias}
