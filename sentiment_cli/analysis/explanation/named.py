"""What an explanation names: words kept and forgotten, words and n-grams for and against."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.judge import Values
    from sentiment_cli.analysis.explanation.record import Explanation

_LONGEST = 8


class NamedWords(NamedTuple):
    """A list of words, or of n-grams.

    Args:
        title: what they have in common.
        unit: `amount` in the state, `points` of probability (hundredths), or log-count `ratio`.
        words: each with its value, the first one first.
    """

    title: str
    unit: Literal["amount", "points", "ratio"]
    words: list[tuple[str, float]]


def named_words(explanation: Explanation) -> list[NamedWords]:
    """Return the lists of an explanation; those of the state for each direction."""
    attribution = explanation.attribution
    sides = [""] if len(attribution.kept) == 1 else [", forward", ", backward"]
    lists = []
    for side, kept in zip(sides, attribution.kept, strict=True):
        half = len(kept) // 2  # no word is to stand in both lists
        lists += [
            NamedWords(f"kept{side}", "amount", _highest(explanation, kept)[: len(kept) - half]),
            NamedWords(f"forgotten{side}", "amount", _lowest(explanation, kept)[:half]),
        ]
    points = 100 * attribution.contributed
    spoke_for = [pair for pair in _highest(explanation, points) if pair[1] > 0]
    spoke_against = [pair for pair in _lowest(explanation, points) if pair[1] < 0]
    lists += [
        NamedWords("spoke for it", "points", spoke_for),
        NamedWords("spoke against it", "points", spoke_against),
    ]
    if explanation.ngrams is not None:
        lists += [
            NamedWords("n-grams for it", "ratio", explanation.ngrams.strongest(1)),
            NamedWords("n-grams against it", "ratio", explanation.ngrams.strongest(-1)),
        ]
    return lists


def _highest(explanation: Explanation, values: Values) -> list[tuple[str, float]]:
    order = (-values).argsort(kind="stable")[:_LONGEST].tolist()
    return [(explanation.words.shown[t], float(values[t])) for t in order]


def _lowest(explanation: Explanation, values: Values) -> list[tuple[str, float]]:
    return [(word, -value) for word, value in _highest(explanation, -values)]
