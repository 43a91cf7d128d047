"""N-grams of words as 64-bit numbers: no vocabulary is needed, and no text is kept.

Axes: N reviews, T words of all of them, M n-grams, each once per review.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import blake2b
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

Keys = NDArray[np.uint64]

_FACTOR = np.uint64(0x9E3779B97F4A7C15)  # odd, so that no bit of an earlier word is lost


class ReviewNgrams(NamedTuple):
    """The different n-grams of each review, review by review.

    Args:
        keys: Key of each n-gram, (M,).
        reviews: Number of the review that it is in, ascending, (M,).
        counts: How often it occurs there, (M,).
        orders: Number of its words, (M,).
    """

    keys: Keys
    reviews: NDArray[np.int32]
    counts: NDArray[np.int32]
    orders: NDArray[np.uint8]


@lru_cache(maxsize=2**17)
def word_key(word: str) -> int:
    """Return the key of a word: BLAKE2b of 64 bits."""
    data = word.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "little")


def review_ngrams(words: Keys, lengths: NDArray[np.int64], max_order: int) -> ReviewNgrams:
    """Return the different n-grams of reviews.

    The key of words w1 ... wn is k(w1) F^(n-1) + ... + k(wn) modulo 2^64. That any two of a million
    n-grams share a key has a probability of 3e-8.

    Args:
        words: Keys of the words, one review after the other, (T,).
        lengths: Number of words of each review, (N,).
        max_order: Number of words of the longest n-grams.
    """
    review = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)  # (T,)
    keys: list[NDArray[Any]] = [words]
    reviews, orders = [review], [np.ones(len(words), np.uint8)]
    for order in range(2, max_order + 1):
        inside = review[order - 1 :] == review[: len(review) - order + 1]
        longer = keys[-1][:-1] * _FACTOR + words[order - 1 :]  # of runs across two reviews too
        keys.append(longer)
        reviews.append(np.where(inside, review[order - 1 :], np.int32(-1)))
        orders.append(np.full(len(longer), order, np.uint8))
    all_reviews = np.concatenate(reviews)
    inside = all_reviews >= 0
    flat, owner = np.concatenate(keys)[inside], all_reviews[inside]
    sort = np.lexsort((flat, owner))
    flat, owner, order_of = flat[sort], owner[sort], np.concatenate(orders)[inside][sort]
    is_first = np.ones(len(flat), np.bool_)
    is_first[1:] = (flat[1:] != flat[:-1]) | (owner[1:] != owner[:-1])
    first = np.flatnonzero(is_first)
    counts = np.diff(first, append=len(flat)).astype(np.int32)
    return ReviewNgrams(flat[first], owner[first], counts, order_of[first])


def find_keys(keys: Keys, wanted: Keys) -> tuple[NDArray[np.intp], NDArray[np.bool_]]:
    """Return the places of `wanted` in the ascending `keys`, and which of them are there, both
    (M,)."""
    if not len(keys):
        return np.zeros(len(wanted), np.intp), np.zeros(len(wanted), np.bool_)
    places = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
    return places, keys[places] == wanted
