"""All that is found out about one review: what the network kept of it, and what it used.

Axes: L words, D directions, H hidden size, C classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.analysis.explanation.attribution import Attribution, attribute, gradients_of
from sentiment_cli.analysis.explanation.deletion import Deletions, deletions
from sentiment_cli.analysis.explanation.judge import Judge, Values, alone
from sentiment_cli.analysis.explanation.ngrams import Ngrams, find_ngrams
from sentiment_cli.analysis.explanation.words import Words, find_words

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.ngrams import Ngram
    from sentiment_cli.inference.predictor import Prediction, Predictor
    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.network.replay import Trace

_DIGITS = 6
"""After the point, in JSON."""


@dataclass(frozen=True, slots=True)
class Explanation:
    """One review, explained.

    Args:
        architecture: of the network.
        words: the review's words, as they stand.
        prediction: the answer.
        trace: gates and states of every layer and direction.
        running: probability of the answer had the review ended at each word, (L,).
        attribution: what each word is worth, by every method.
        scores: how well each method names the words that the answer rests on.
        ngrams: the review's n-grams; None without n-gram inputs.
    """

    architecture: Architecture
    words: Words
    prediction: Prediction
    trace: Trace
    running: Values
    attribution: Attribution
    scores: Deletions
    ngrams: Ngrams | None

    def report(self) -> dict[str, Any]:
        """Return every value by its stable name."""
        readings = self.trace.readings
        states = {"h": [[_plain(reading.hidden) for reading in layer] for layer in readings]}
        if readings[0][0].cell is not None:
            states["c"] = [[_plain(reading.cell) for reading in layer] for layer in readings]
        return {
            "text": self.words.text,
            "label": self.prediction.label,
            "probability": self.prediction.probability,
            "probabilities": self.prediction.probabilities,
            "flags": list(self.prediction.flags),
            "tokens": list(self.words.shown),
            "unknown": self.words.unknown,
            "gates": {
                name: [[_plain(reading.gates[name]) for reading in layer] for layer in readings]
                for name in readings[0][0].gates
            },
            "states": states,
            "running": _plain(self.running),
            "kept": _plain(self.attribution.kept),
            "contributed": _plain(self.attribution.contributed),
            "scores": self._scores(),
            "ngrams": self.ngrams and [ngram and _named(ngram) for ngram in self.ngrams.words],
            "direct_sum": self.ngrams and round(self.ngrams.direct_sum, _DIGITS),
            "recurrent": self.ngrams and round(self.ngrams.recurrent, _DIGITS),
        } | self._gradients()

    def _gradients(self) -> dict[str, Any]:
        found = self.attribution.gradients
        if found is None:
            return {}
        return {"gradients": _plain(found.values), "gap": found.gap, "points": found.points}

    def _scores(self) -> dict[str, dict[str, float]]:
        named = {**self.scores.methods, "random": self.scores.chance, "last": self.scores.last}
        return {name: score._asdict() for name, score in named.items()}


def explain(predictor: Predictor, text: str, *, gradients: bool = False) -> Explanation:
    """Explain a classifier's answer to a review, in NumPy alone but for the gradients."""
    judge = Judge(predictor)
    words = find_words(predictor.tokenizer, text)
    ids = words.read.ids
    with alone():
        probabilities, trace = judge.trace(ids)
        answer = int(probabilities.argmax())
        attribution = attribute(
            judge, ids, trace, answer, gradients_of(predictor, wanted=gradients)
        )
        return Explanation(
            architecture=predictor.config.architecture,
            words=words,
            prediction=predictor.prediction(probabilities, words.read),
            trace=trace,
            running=judge.running(ids, answer),
            attribution=attribution,
            scores=deletions(judge, ids, answer, attribution.methods),
            ngrams=find_ngrams(predictor, words, trace, answer),
        )


def _named(ngram: Ngram) -> dict[str, Any]:
    return ngram._asdict() | {"value": round(ngram.value, _DIGITS)}


def _plain(values: NDArray[Any] | None) -> list[Any]:
    assert values is not None
    rounded: list[Any] = np.round(values.astype(np.float64), _DIGITS).tolist()
    return rounded
