"""The n-grams of a review, and what their sum adds to the answer.

Axes: L words, O orders of n-grams, S values of an n-gram, C classes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.judge import Values
    from sentiment_cli.analysis.explanation.words import Words
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.replay import Ids, Trace

_MOST = 8


class Ngram(NamedTuple):
    """The strongest n-gram that ends at a word.

    Args:
        text: as it stands in the review; markup is a space, and a cut ` … `.
        start: its first token.
        end: behind its last token.
        value: its log-count ratio, above 0 where it speaks for the answer.
    """

    text: str
    start: int
    end: int
    value: float


@dataclass(frozen=True, slots=True)
class Ngrams:
    """A review's n-grams.

    Args:
        ids: the review, (L,).
        words: for each word its n-gram; None where none that ends there has a value.
        direct_sum: what the sum of n-gram inputs adds to the log odds of the answer. With more than
            two classes they are those against the mean of the other classes' logits.
        recurrent: the same of the pooled states and the bias.
    """

    ids: Ids
    words: tuple[Ngram | None, ...]
    direct_sum: float
    recurrent: float

    def strongest(self, sign: int) -> list[tuple[str, float]]:
        """Return the strongest n-grams whose values have this sign, each with its value.

        One whose tokens occur in a stronger one is left out: it says the same again.
        """
        found = [ngram for ngram in self.words if ngram is not None and sign * ngram.value > 0]
        shown: list[Ngram] = []
        for ngram in sorted(found, key=lambda ngram: -abs(ngram.value)):
            if not any(self._occurs(ngram, other) for other in shown):
                shown.append(ngram)
        return [(ngram.text, ngram.value) for ngram in shown[:_MOST]]

    def _occurs(self, ngram: Ngram, other: Ngram) -> bool:
        own = self.ids[ngram.start : ngram.end]
        starts = range(other.start, other.end - len(own) + 1)
        return any(np.array_equal(own, self.ids[s : s + len(own)]) for s in starts)


def find_ngrams(predictor: Predictor, words: Words, trace: Trace, answer: int) -> Ngrams | None:
    """Return the n-grams of a review with the answer `answer`; None without n-gram inputs."""
    architecture = predictor.config.architecture
    if not architecture.ngrams:
        return None
    length = len(trace.ngrams)
    values = 2.0 * trace.ngrams.reshape(length, architecture.ngrams, -1).astype(float)  # (L, O, S)
    toward = values[..., answer] if values.shape[2] > 1 else values[..., 0] * (1 if answer else -1)
    summed = trace.ngrams.sum(axis=0) / np.sqrt(length)
    head = predictor.engine.weights["head.weight"][:, architecture.pooled_dim :].astype(float)
    direct = _log_odds(head @ summed, answer) / predictor.config.temperature
    whole = _log_odds(trace.logits.astype(float), answer) / predictor.config.temperature
    return Ngrams(words.read.ids, tuple(_by_word(words, toward)), direct, whole - direct)


def _by_word(words: Words, toward: Values) -> list[Ngram | None]:
    """Return each word's strongest n-gram, of the values toward the answer (L, O)."""
    gaps, spans = words.gaps, words.spans
    found: list[Ngram | None] = []
    for last, values in enumerate(toward):
        order = int(np.abs(values).argmax())
        if not values[order]:
            found.append(None)
            continue
        start, end = last - order, last + 1
        # A character that is read as several tokens stands in the text once.
        rest = (gaps[t] + words.shown[t] for t in range(start + 1, end) if spans[t] != spans[t - 1])
        text = words.shown[start] + "".join(rest)
        found.append(Ngram(text, start, end, float(values[order])))
    return found


def _log_odds(logits: Values, answer: int) -> float:
    """Return how far the answer's logit lies above the mean of the others, of logits (C,)."""
    return float(logits[answer] - np.delete(logits, answer).mean())
