"""Texts that are nearly the same, found without comparing each with each.

A text is the set of its runs of three words. The share of runs that two texts have in common is
estimated from 32 hashes of each (MinHash: Broder 1997): for each hash function, the least value
over all runs. Texts that agree in 4 hashes of one of 8 bands are candidates (Indyk and Motwani
1998); those that agree in four fifths of all hashes are near-duplicates. Texts of fewer than ten
words are left out: one word more would already make them different.
"""

from __future__ import annotations

from array import array
from typing import TYPE_CHECKING
from zlib import crc32

import numpy as np

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
_CHUNK = 1 << 17  # words hashed at once
_KNOWN_WORDS = 200_000
_PAIRS = 100_000  # candidates compared at once

_random = np.random.default_rng(0)
_FACTORS = _random.integers(2**32, size=_BANDS * _ROWS, dtype=np.uint32) | np.uint32(1)
_SHIFTS = _random.integers(2**32, size=_BANDS * _ROWS, dtype=np.uint32)
_RUN_FACTORS = _random.integers(2**64, size=_RUN, dtype=np.uint64) | np.uint64(1)
_BAND_FACTORS = _random.integers(2**64, size=_ROWS, dtype=np.uint64) | np.uint64(1)


class Signatures:
    """The hashes of the texts that were added, 32 numbers of 4 bytes each."""

    def __init__(self) -> None:
        self._hashes = _WordHashes()
        self._words = array("I")
        self._lengths: list[int] = []
        self._rows: list[int] = []
        self._done: list[tuple[NDArray[np.int64], NDArray[np.uint32]]] = []

    def add(self, row: int, words: Sequence[str]) -> None:
        """Take in a text by its words and marks; `row` is its number."""
        if len(words) < FEWEST_WORDS:
            return
        self._words.extend(map(self._hashes.__getitem__, words))
        self._lengths.append(len(words))
        self._rows.append(row)
        if len(self._words) > _CHUNK:
            self._flush()

    def all(self) -> tuple[NDArray[np.int64], NDArray[np.uint32]]:
        """Return the rows that are long enough, (M,) in order, and their hashes, (M, 32)."""
        self._flush()
        rows, signatures = zip(*self._done, strict=True)
        return np.concatenate(rows), np.concatenate(signatures)

    def _flush(self) -> None:
        words = np.array(self._words, dtype=np.uint64)  # (T,)
        lengths = np.array(self._lengths, dtype=np.int64)
        owner = np.repeat(np.arange(len(lengths)), lengths)  # (T,)
        owner, words = owner[words > 0], words[words > 0]
        inside = owner[_RUN - 1 :] == owner[: 1 - _RUN]
        owner = owner[: 1 - _RUN][inside]
        runs = _runs(words)[inside]  # (R,)

        enough = np.bincount(owner, minlength=len(self._rows)) > FEWEST_WORDS - _RUN
        kept = enough[owner]
        owner, runs = owner[kept], runs[kept]
        starts = np.flatnonzero(np.diff(owner, prepend=-1))  # (M,)
        signatures = np.empty((len(starts), len(_FACTORS)), dtype=np.uint32)  # (M, 32)
        if len(starts):
            for index, (factor, shift) in enumerate(zip(_FACTORS, _SHIFTS, strict=True)):
                signatures[:, index] = np.minimum.reduceat(runs * factor + shift, starts)
        self._done.append((np.array(self._rows, dtype=np.int64)[enough], signatures))
        self._words, self._lengths, self._rows = array("I"), [], []


class _WordHashes(dict[str, int]):
    """A number for each word that was met lately, 0 for a mark."""

    def __missing__(self, word: str) -> int:
        if len(self) >= _KNOWN_WORDS:
            self.clear()
        is_word = word[0].isalnum() or word[0] == "_"
        self[word] = number = crc32(word.encode("utf-8", "surrogatepass")) if is_word else 0
        return number


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
    """The pairs of texts that agree in a band and in enough hashes of all, each (P, 2)."""
    yield np.empty((0, 2), dtype=np.int64)
    for band in np.split(signatures, _BANDS, axis=1):
        key = (band * _BAND_FACTORS).sum(axis=1, dtype=np.uint64)  # (M,)
        order = np.argsort(key, kind="stable")
        equal = key[order][1:] == key[order][:-1]
        pairs = np.stack([order[:-1][equal], order[1:][equal]], axis=1)  # (P, 2)
        for start in range(0, len(pairs), _PAIRS):
            left, right = pairs[start : start + _PAIRS].T
            agree = (signatures[left] == signatures[right]).mean(axis=1)
            yield pairs[start : start + _PAIRS][agree >= THRESHOLD]
