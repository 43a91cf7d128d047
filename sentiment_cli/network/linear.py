"""A linear model of n-grams: each n-gram that is found says how much it speaks for a class.

Axes: N reviews, K n-grams of the model, S scores of a review (1 for two classes, else one a class),
C classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.network.ngrams import Keys, find_keys, ngram_keys

Array = NDArray[np.float32]


class Kind(NamedTuple):
    """A way to read n-grams.

    Args:
        title: what it is called before people.
        longest: words in the longest n-gram.
        sublinear: whether a count weighs 1 + ln(count), else 1.
    """

    title: str
    longest: int
    sublinear: bool


TF_IDF = Kind("TF-IDF bigrams", longest=2, sublinear=True)
NB = Kind("NB-weighted trigrams", longest=3, sublinear=False)
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

    def __call__(self, reviews: Sequence[Sequence[str]]) -> NDArray[np.float64]:
        """Return the logits (N, C) of reviews, each given as its words."""
        scores = np.array([self._score(words) for words in reviews], np.float64)
        scores = scores.reshape(len(reviews), -1)  # (N, S)
        return np.hstack([-scores / 2, scores / 2]) if scores.shape[1] == 1 else scores

    def _score(self, words: Sequence[str]) -> NDArray[np.float64]:
        found, counts = np.unique(
            np.concatenate(ngram_keys(words, self.kind.longest)), return_counts=True
        )
        places, known = find_keys(self.keys, found)
        places = places[known]
        f = (1 + np.log(counts[known]) if self.kind.sublinear else np.ones(len(places)))[:, None]
        length = np.sqrt(np.square(f * self.scale[places]).sum(axis=0))  # (S,) or (1,)
        weighed = (f * self.weight[places]).sum(axis=0)  # (S,)
        score: NDArray[np.float64] = self.bias + weighed / np.maximum(length, 1e-12)
        return score

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, as they are saved."""
        return {"keys": self.keys, "scale": self.scale, "weight": self.weight, "bias": self.bias}
