"""Do the methods name the words that the answers rest on? Measured over many reviews.

Axes: N reviews, M ways to name words: the methods, chance and being last.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from sentiment_cli.analysis.explanation.attribution import attribute, gradients_of
from sentiment_cli.analysis.explanation.deletion import Deletion, deletions
from sentiment_cli.analysis.explanation.judge import Judge, alone
from sentiment_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.reviews.corpus import Review

COMPLETE = 0.01  # the largest gap of integrated gradients, a share of what they attribute
BASELINES = ("random", "last")
MEASURES = Deletion._fields
_BETTER = np.array([1.0, -1.0])  # a high comprehensiveness is good, and a low sufficiency
_Figure = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Faithfulness:
    """The deletion scores of N reviews.

    Args:
        names: the methods, then BASELINES, (M,).
        scores: of each review, comprehensiveness and sufficiency, (N, M, 2).
        gaps: of integrated gradients, where they were asked for: each review's gap as a share of
            all that is attributed, (N,) or (0,).
    """

    names: tuple[str, ...]
    scores: NDArray[np.float64]
    gaps: NDArray[np.float64]

    @property
    def methods(self) -> tuple[str, ...]:
        """The names of the methods alone."""
        return self.names[: -len(BASELINES)]

    def report(self) -> dict[str, Any]:
        """Return means with 95% intervals by stable names, and what they say of each method."""
        return {
            "reviews": len(self.scores),
            "scores": {name: self._figures(self._of(name)) for name in self.names},
            "better_than": {
                name: {other: self._figures(self._gain(name, other)) for other in BASELINES}
                for name in self.methods
            },
            "verdicts": {
                name: {other: self._verdicts(name, other) for other in BASELINES}
                for name in self.methods
            },
        } | self._completeness()

    def _completeness(self) -> dict[str, Any]:
        if not len(self.gaps):
            return {}
        return {
            "complete": int((self.gaps <= COMPLETE).sum()),
            "median_gap": float(np.median(self.gaps)),
            "largest_gap": float(self.gaps.max()),
        }

    def _of(self, name: str) -> NDArray[np.float64]:
        return self.scores[:, self.names.index(name)]

    def _gain(self, name: str, other: str) -> NDArray[np.float64]:
        """Return by how much a method is better than a baseline on each review, (N, 2)."""
        gain: NDArray[np.float64] = (self._of(name) - self._of(other)) * _BETTER
        return gain

    def _figures(self, values: NDArray[np.float64]) -> _Figure:
        figures: _Figure = {}
        for measure, column in zip(MEASURES, values.T, strict=True):
            figures[measure] = float(column.mean())
            figures[f"{measure}_interval"] = list(_interval(column))
        return figures

    def _verdicts(self, name: str, other: str) -> dict[str, str]:
        gains = self._gain(name, other)
        return {m: _verdict(*_interval(g)) for m, g in zip(MEASURES, gains.T, strict=True)}


def measure_faithfulness(
    predictor: Predictor,
    reviews: Iterable[Review],
    number: int,
    *,
    gradients: bool,
    advance: Callable[[int], None],
) -> Faithfulness:
    """Score every method on `number` of the reviews, drawn by chance, the same at each call.

    Args:
        predictor: the classifier; each review is explained for the answer that it gives.
        reviews: of which those drawn are kept in memory.
        number: at least 2; where there are fewer reviews, all are taken.
        gradients: whether integrated gradients are a method.
        advance: is told of each review that is done.

    Raises:
        DataError: there are fewer than two reviews.
    """
    judge = Judge(predictor)
    integrated = gradients_of(predictor, wanted=gradients)
    scores, gaps = [], []
    names: tuple[str, ...] = ()
    with alone():
        for seed, read in enumerate(predictor.tokenizer.encode(drawn(reviews, number))):
            probabilities, trace = judge.trace(read.ids)
            answer = int(probabilities.argmax())
            attribution = attribute(judge, read.ids, trace, answer, integrated)
            found = deletions(judge, read.ids, answer, attribution.methods, seed)
            names = (*found.methods, *BASELINES)
            scores.append([*found.methods.values(), found.chance, found.last])
            gaps += [attribution.gradients.share] if attribution.gradients else []
            advance(1)
    if len(scores) < 2:
        raise DataError(
            "there are fewer than two test reviews to ask", hint="name more of them with --data"
        )
    return Faithfulness(names, np.array(scores), np.array(gaps))


def drawn(reviews: Iterable[Review], number: int) -> list[str]:
    """Return the texts of `number` reviews, each as likely as any other, in one pass.

    Vitter, Random Sampling with a Reservoir, ACM TOMS 11 (1985), algorithm R.
    """
    chance = random.Random(0)
    texts: list[str] = []
    for seen, review in enumerate(reviews):
        if seen < number:
            texts.append(review.text)
        elif (place := chance.randrange(seen + 1)) < number:
            texts[place] = review.text
    return texts


def _interval(values: NDArray[np.float64]) -> tuple[float, float]:
    """Return the 95% interval of the mean of (N,) by Student's t."""
    mean, error = float(values.mean()), float(stats.sem(values))
    margin = float(stats.t.ppf(0.975, len(values) - 1)) * error
    return mean - margin, mean + margin


def _verdict(low: float, high: float) -> str:
    return "better" if low > 0 else "worse" if high < 0 else "no better"
