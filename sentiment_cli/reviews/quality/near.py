"""Texts that are nearly the same, found without comparing each with each.

A text is the set of its runs of three words. The share of runs that two texts have in common is
estimated from 32 hashes of each (MinHash: Broder 1997): for each hash function, the least value
over all runs. Texts that agree in 4 hashes of one of 8 bands are candidates (Indyk and Motwani
1998); those that agree in four fifths of all hashes are near-duplicates. Texts of fewer than ten
words are left out: one word more would already make them different.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, NamedTuple
from zlib import crc32

import numpy as np

from sentiment_cli.reviews.chunk_table import ChunkTable
from sentiment_cli.reviews.tokenizer import join_chunks, split_words

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from numpy.typing import NDArray

THRESHOLD = 0.8
FEWEST_WORDS = 10
METHOD = (
    f"runs of three words, shared by an estimated {THRESHOLD:.0%} or more (MinHash); "
    f"texts of {FEWEST_WORDS} words and more"
)

_RUN = 3
_BANDS, _ROWS = 8, 4
NUM_HASHES = _BANDS * _ROWS
_PAIRS = 100_000  # candidates compared at once

_random = np.random.default_rng(0)
_FACTORS = _random.integers(2**32, size=NUM_HASHES, dtype=np.uint32) | np.uint32(1)
_SHIFTS = _random.integers(2**32, size=NUM_HASHES, dtype=np.uint32)
_RUN_FACTORS = _random.integers(2**64, size=_RUN, dtype=np.uint64) | np.uint64(1)
_BAND_FACTORS = _random.integers(2**64, size=_ROWS, dtype=np.uint64) | np.uint64(1)


class Signed(NamedTuple):
    """What is kept of N texts, M of which are long enough.

    Args:
        lengths: Number of tokens per text, (N,).
        is_long: whether each text has FEWEST_WORDS words, (N,).
        signatures: the hashes of each long text, (M, 32).
    """

    lengths: NDArray[np.int64]
    is_long: NDArray[np.bool_]
    signatures: NDArray[np.uint32]


def sign(texts: Sequence[str]) -> Signed:
    """Count the tokens of texts, and hash their runs of words."""
    words, lengths = _word_table().flat([join_chunks(text) for text in texts])  # (T,), (N,)
    owner = np.repeat(np.arange(len(lengths)), lengths)[words > 0]
    numbers = words[words > 0].astype(np.uint64)
    inside = owner[_RUN - 1 :] == owner[: 1 - _RUN]
    owner = owner[: 1 - _RUN][inside]
    runs = _runs(numbers)[inside]  # (R,)

    is_long = np.bincount(owner, minlength=len(lengths)) > FEWEST_WORDS - _RUN
    of_long = is_long[owner]
    owner, runs = owner[of_long], runs[of_long]
    starts = np.flatnonzero(np.diff(owner, prepend=-1))  # (M,)
    signatures = np.empty((len(starts), NUM_HASHES), dtype=np.uint32)  # (M, 32)
    if len(starts):
        for index, (factor, shift) in enumerate(zip(_FACTORS, _SHIFTS, strict=True)):
            signatures[:, index] = np.minimum.reduceat(runs * factor + shift, starts)
    return Signed(lengths, is_long, signatures)


@cache
def _word_table() -> ChunkTable:
    split = split_words("word", lowercase=True)
    return ChunkTable(lambda chunks: [[_hash(w) for w in split(own)] for own in chunks], words=True)


def _hash(word: str) -> int:
    """Return a hash of 31 bits for a word, 0 for a mark."""
    is_word = word[0].isalnum() or word[0] == "_"
    return crc32(word.encode()) & 0x7FFFFFFF if is_word else 0


def _runs(words: NDArray[np.uint64]) -> NDArray[np.uint32]:
    """The hash of each run of words that follow each other, (T - 2,)."""
    end = max(0, len(words) - _RUN + 1)
    mixed = np.zeros(end, dtype=np.uint64)
    for index, factor in enumerate(_RUN_FACTORS):
        mixed ^= words[index : index + end] * factor
        mixed ^= mixed >> np.uint64(29)
    return np.asarray(mixed * _RUN_FACTORS[0] >> np.uint64(32), dtype=np.uint32)


def near_groups(signatures: NDArray[np.uint32]) -> NDArray[np.int64]:
    """Return the number of each text's group, (M,); texts in one group are near-duplicates.

    Within a band, a text is compared with its neighbours alone, so that many equal beginnings
    cost no more than few.

    Args:
        signatures: of different texts, (M, 32).
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    pairs = np.concatenate(list(_near_pairs(signatures)))  # (P, 2)
    size = len(signatures)
    graph = coo_array((np.ones(len(pairs), dtype=bool), pairs.T), shape=(size, size))
    return np.asarray(connected_components(graph, directed=False)[1], dtype=np.int64)


def _near_pairs(signatures: NDArray[np.uint32]) -> Iterator[NDArray[np.int64]]:
    """Yield the pairs of texts that agree in a band and in enough hashes of all, each (P, 2)."""
    yield np.empty((0, 2), dtype=np.int64)
    texts = np.arange(len(signatures), dtype=np.uint64)
    bits = np.uint64(len(signatures).bit_length())
    next_near = np.full(len(signatures), -1, dtype=np.int64)  # of each text, if already found
    for band in np.split(signatures, _BANDS, axis=1):
        key = (band * _BAND_FACTORS).sum(axis=1, dtype=np.uint64)  # (M,)
        key = np.sort(key >> bits << bits | texts)  # faster than argsort
        order = (key & ~(~np.uint64(0) << bits)).astype(np.int64)
        equal = np.flatnonzero(key[1:] >> bits == key[:-1] >> bits)
        pairs = np.stack([order[equal], order[equal + 1]], axis=1)  # (P, 2)
        pairs = pairs[next_near[pairs[:, 0]] != pairs[:, 1]]
        for start in range(0, len(pairs), _PAIRS):
            left, right = pairs[start : start + _PAIRS].T
            agree = (signatures[left] == signatures[right]).mean(axis=1)
            near = pairs[start : start + _PAIRS][agree >= THRESHOLD]
            next_near[near[:, 0]] = near[:, 1]
            yield near
