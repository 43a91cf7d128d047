"""A decisive phrase k words before the end: from how far is the review still judged by it?"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import chain, pairwise
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.analysis.memory.phrases import FILLER, PAIRS

if TYPE_CHECKING:
    from sentiment_cli.reviews.tokenizer import ReviewTokenizer

Ids = NDArray[np.int32]
Judge = Callable[[Sequence[Ids]], NDArray[np.floating[Any]]]
"""Token ids of N reviews in, logits (N, C) out."""

DISTANCES = (0, 5, 10, 25, 50, 100, 200, 400)
_FILLERS = 4  # orders of the sentences


@dataclass(frozen=True, slots=True)
class Planted:
    """What is left of a phrase k words before the end.

    Args:
        words: k.
        judged: share of the pairs that still decide, between 0 and 1.
        pairs: how many there are.
    """

    words: int
    judged: float
    pairs: int


def plant(judge: Judge, tokenizer: ReviewTokenizer) -> list[Planted]:
    """Return the share of reviews that are judged by their phrase, by its distance from the end.

    A review is filler of 400 words, or of as many as the network reads, with a phrase k words
    before the end. The filler alone is judged somehow too, so an answer that agrees with the
    phrase proves nothing by itself. Phrases therefore come in pairs, praise and its opposite, and
    a pair decides where the same filler gets, with each of the two, the answer that this phrase
    gets when it stands alone. A phrase that is forgotten leaves the filler's answer, which can
    agree with one of the two at most: then the share is 0, whatever the filler is judged as.
    Pairs whose phrases are judged alike when they stand alone are left out; where no pair is
    left, nothing is returned.

    The phrase goes as far as `max_tokens` leaves room for: the last distance is then the farthest.
    """
    phrases = [tuple(_ids(tokenizer, [text]) for text in pair) for pair in PAIRS]
    alone = judge([ids for pair in phrases for ids in pair]).argmax(axis=1).reshape(-1, 2)
    decisive = np.flatnonzero(alone[:, 0] != alone[:, 1])
    longest = max(len(ids) for pair in phrases for ids in pair)
    if not len(decisive):
        return []
    length = min(DISTANCES[-1] + longest, tokenizer.max_tokens)
    fillers = _fillers(tokenizer, length)
    found = []
    for words in _distances(length - longest):
        reviews = [
            _set_before_end(filler, phrase, words)
            for filler in fillers
            for pair in decisive
            for phrase in phrases[pair]
        ]
        answers = judge(reviews).argmax(axis=1).reshape(len(fillers), len(decisive), 2)
        follows = (answers == alone[decisive]).all(axis=2)
        found.append(Planted(words, float(follows.mean()), follows.size))
    return found


def half_distance(planted: Sequence[Planted]) -> float | None:
    """Return at how many words the share falls to half of what it is at the end.

    Between two distances it is taken to fall along a line. None: it never does, or was 0 there.
    """
    half = planted[0].judged / 2 if planted else 0.0
    if half == 0:
        return None
    for near, far in pairwise(planted):
        if far.judged <= half:
            share = (near.judged - half) / (near.judged - far.judged)
            return near.words + share * (far.words - near.words)
    return None


def _distances(farthest: int) -> list[int]:
    return [k for k in DISTANCES if k < farthest] + [min(farthest, DISTANCES[-1])]


def _set_before_end(filler: Ids, phrase: Ids, words: int) -> Ids:
    """Return the filler's end with the phrase in it, as long as the filler is."""
    end = len(filler) - words
    return np.concatenate([filler[len(phrase) : end], phrase, filler[end:]])


def _fillers(tokenizer: ReviewTokenizer, length: int) -> list[Ids]:
    """Return the sentences in several random orders, repeated up to the length."""
    rng = np.random.default_rng(0)
    orders = [rng.permutation(FILLER) for _ in range(_FILLERS)]
    return [np.resize(_ids(tokenizer, order.tolist()), length) for order in orders]


def _ids(tokenizer: ReviewTokenizer, texts: list[str]) -> Ids:
    """Return the texts' tokens one behind the other; with a space before, as inside a review."""
    encoded = tokenizer.encode([f" {text}" for text in texts])
    return np.fromiter(chain.from_iterable(read.ids for read in encoded), np.int32)
