"""How well a classifier does on labelled reviews."""

from __future__ import annotations

import heapq
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli import metrics
from sentiment_cli.errors import DataError
from sentiment_cli.inference.predictor import softmax
from sentiment_cli.reviews.corpus import batched
from sentiment_cli.reviews.word_numbers import word_keys

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from numpy.typing import NDArray

    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.linear import LinearModel
    from sentiment_cli.reviews.corpus import Review

_CHUNK = 4096  # reviews sorted by length together
_WORST = 5
_LENGTHS = (25, 50, 100, 200, 400, 800)
"""Upper edges, in tokens, of the groups whose accuracy is told apart."""


@dataclass(frozen=True, slots=True)
class Mistake:
    """A review that was judged wrongly, with how much confidence.

    Args:
        text: as it stands in the source.
        place: where it stands.
        label: its true class.
        predicted: the answer.
        probability: of the answer.
    """

    text: str
    place: str
    label: str
    predicted: str
    probability: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """The answers to N labelled reviews.

    Args:
        classes: the classes' names.
        labels: true classes, (N,).
        hashes: Hash of each normalised text, (N,).
        probabilities: calibrated, (N, C).
        baselines: probabilities of linear models by name, (N, C).
        unconverged: Names of the linear models whose fit did not converge.
        lengths: tokens of each review before it was cut, (N,).
        worst: the most confident mistakes, the worst first.
    """

    classes: tuple[str, ...]
    labels: NDArray[np.int64]
    hashes: NDArray[np.uint64]
    probabilities: NDArray[np.float64]
    baselines: dict[str, NDArray[np.float64]]
    unconverged: tuple[str, ...]
    lengths: NDArray[np.int64]
    worst: tuple[Mistake, ...]

    def report(self) -> dict[str, Any]:
        """Return every figure by its stable name, without any review's text."""
        predicted = self.probabilities.argmax(axis=1)
        confusion = metrics.confusion_matrix(self.labels, predicted, len(self.classes))
        intervals = metrics.intervals(self.labels, self.probabilities)
        figures: dict[str, Any] = {}
        for name, value in metrics.score(self.labels, self.probabilities).items():
            figures[name] = value
            figures[f"{name}_interval"] = list(intervals[name])
        return figures | {
            "reviews": len(self.labels),
            "confusion": confusion.tolist(),
            "classes": self._classes(confusion),
            "majority": self._majority(confusion),
            "baseline": metrics.beside(
                self.labels, self.probabilities, self.baselines, unconverged=self.unconverged
            ),
            "by_length": self._by_length(predicted),
        }

    def _classes(self, confusion: NDArray[np.int64]) -> list[dict[str, Any]]:
        answers, reviews = confusion.sum(axis=0), confusion.sum(axis=1)
        right = confusion.diagonal()
        return [
            {
                "class": name,
                "precision": _share(right[i], answers[i]),
                "recall": _share(right[i], reviews[i]),
                "f1": _share(2 * right[i], answers[i] + reviews[i]),
                "reviews": int(reviews[i]),
            }
            for i, name in enumerate(self.classes)
        ]

    def _majority(self, confusion: NDArray[np.int64]) -> dict[str, Any]:
        reviews = confusion.sum(axis=1)
        largest = int(reviews.argmax())
        return {
            "label": self.classes[largest],
            "accuracy": _share(reviews[largest], reviews.sum()),
            "balanced_accuracy": 1 / int((reviews > 0).sum()),
        }

    def _by_length(self, predicted: NDArray[np.int64]) -> list[dict[str, Any]]:
        group = np.searchsorted(_LENGTHS, self.lengths)
        right = predicted == self.labels
        return [
            {
                "from": 0 if i == 0 else _LENGTHS[i - 1] + 1,
                "to": _LENGTHS[i] if i < len(_LENGTHS) else None,
                "reviews": int((group == i).sum()),
                "accuracy": float(right[group == i].mean()),
            }
            for i in np.unique(group).tolist()
        ]


def evaluate(
    predictor: Predictor,
    reviews: Iterable[Review],
    *,
    baselines: Mapping[str, LinearModel],
    advance: Callable[[int], None],
) -> Evaluation:
    """Judge labelled reviews; their texts are not kept, but for the worst mistakes.

    Args:
        predictor: the classifier.
        reviews: labelled by its classes.
        baselines: linear models of the same classes, to be measured beside it.
        advance: is told how many reviews were judged since the last call.

    Raises:
        DataError: there is no review.
    """
    classes = predictor.config.classes
    labels: list[int] = []
    hashes: list[int] = []
    rows: list[NDArray[np.float64]] = []
    beside: dict[str, list[NDArray[np.float64]]] = {name: [] for name in baselines}
    lengths: list[int] = []
    worst: list[tuple[float, int, Mistake]] = []
    for chunk in batched(reviews, _CHUNK):
        read = predictor.read([review.text for review in chunk])
        probabilities = predictor.probabilities(read)  # (n, C)
        words = word_keys([review.text for review in chunk]) if baselines else None
        for name, model in baselines.items():
            assert words is not None
            beside[name].append(softmax(model(*words)))  # (n, C)
        for review, row in zip(chunk, probabilities, strict=True):
            answer = int(row.argmax())
            if answer != review.label:
                mistake = Mistake(
                    review.text,
                    review.row.place,
                    classes[review.label],
                    classes[answer],
                    float(row[answer]),
                )
                keep = heapq.heappush if len(worst) < _WORST else heapq.heappushpop
                keep(worst, (mistake.probability, len(labels), mistake))
            labels.append(review.label)
            hashes.append(review.hash)
        rows.append(probabilities)
        lengths += [own.found for own in read]
        advance(len(chunk))
    if not labels:
        raise DataError("there is no review to evaluate", hint="check --data and data.label_map")
    return Evaluation(
        classes,
        np.array(labels, dtype=np.int64),
        np.array(hashes, dtype=np.uint64),
        np.concatenate(rows),
        {name: np.concatenate(found) for name, found in beside.items()},
        tuple(name for name, model in baselines.items() if not model.converged),
        np.array(lengths, dtype=np.int64),
        tuple(mistake for _, _, mistake in sorted(worst, key=lambda entry: -entry[0])),
    )


def _share(part: np.int64, whole: np.int64) -> float:
    return float(part / whole) if whole else 0.0
