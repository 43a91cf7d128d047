"""Look up the token ids of many texts at once in NumPy.

A chunk is a part of a text whose tokens do not depend on the text around it. Blanks separate
chunks, and so do marks that are tokens by themselves. Most chunks are words that occur again and
again. The table remembers their ids. It compares all bytes of a chunk, so its ids are exact.
"""

from __future__ import annotations

import threading
from itertools import chain
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from numpy.typing import NDArray

    Bytes = NDArray[np.uint8]
    Places = NDArray[np.int64]

_ROWS, _SLOTS_LOG2 = 2**18, 19
_MAX_IDS = 2**21
_LONGEST = 16  # bytes of a chunk that the table remembers: two integers of 64 bits
_ROW = np.dtype([("low", "<u8"), ("high", "<u8"), ("start", "<i8"), ("count", "<i8")])
_FIRST_BYTES = np.array([2 ** (8 * n) - 1 for n in range(9)], dtype=np.uint64)
_MIX = [np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9)]

# Kinds of bytes. The bytes of characters outside ASCII have none.
_BLANK, _LETTER, _POINT, _MARK, _OPENING, _NO_DIGIT = (1 << bit for bit in range(6))
_KINDS = np.array(
    [
        (_BLANK if byte <= ord(" ") else 0)
        | (_LETTER if chr(byte).isalpha() else 0)
        | (_POINT if chr(byte) in ',.!?"' else 0)
        | (_MARK if chr(byte) in "-/()" else 0)
        | (_OPENING if chr(byte) == "(" else 0)
        | (0 if chr(byte).isdigit() else _NO_DIGIT)
        for byte in range(128)
    ]
    + [0] * 128,
    dtype=np.uint8,
)


class ChunkTable:
    """The token ids of chunks.

    Args:
        compute: Function that returns the ids of each of several chunks.
        words: Whether a chunk also ends behind a mark, and each Chinese character is a chunk.
    """

    def __init__(
        self, compute: Callable[[list[str]], Sequence[Sequence[int]]], *, words: bool
    ) -> None:
        self._compute = compute
        self._words = words
        self._lock = threading.Lock()
        self._rows = np.zeros(_ROWS, dtype=_ROW)
        # The row of the chunk in each slot. Row 0, for none, equals no chunk. A chunk goes into its
        # second slot if the first is taken.
        self._slots = np.zeros(2**_SLOTS_LOG2, dtype=np.int32)
        self._ids = np.zeros(0, dtype=np.int32)
        self._used = 1

    def __call__(self, texts: Sequence[str]) -> list[NDArray[np.int32]]:
        """Return the ids of each text."""
        ids, lengths = self.flat(texts)
        return np.split(ids, np.cumsum(lengths)[:-1]) if len(texts) else []

    def flat(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the ids of N texts, one text after the other, and how many each has, (N,)."""
        raw = [text.encode() for text in texts]
        # With the blanks at the end, 16 bytes can be read from the start of every chunk.
        data = np.frombuffer(b" " + b" ".join(raw) + b" " * (_LONGEST + 1), dtype=np.uint8)
        begin, end = _bounds(data, self._words)
        with self._lock:
            start, count, ids = self._find(data, begin, end)
        before = np.concatenate([[0], np.cumsum(count)])  # ids before each chunk
        ids = ids[np.repeat(start - before[:-1], count) + np.arange(before[-1])]
        texts_begin = np.cumsum([1, *(len(text) + 1 for text in raw)])
        return ids, np.diff(before[np.searchsorted(begin, texts_begin)])

    def _find(
        self, data: Bytes, begin: Places, end: Places
    ) -> tuple[Places, Places, NDArray[np.int32]]:
        """Return the start of each chunk's ids, their number, and all ids."""
        short = end - begin <= _LONGEST
        low, high = _keys(data, begin, end - begin)
        slots = _slots(low, high)
        rows = self._rows.take(self._slots.take(slots))  # several times as fast as an index
        known = (rows["low"] == low) & (rows["high"] == high) & short
        missing = np.flatnonzero(~known)
        others = _slots(high[missing], low[missing])
        there = self._rows.take(self._slots.take(others))
        known = (there["low"] == low[missing]) & (there["high"] == high[missing]) & short[missing]
        rows[missing[known]] = there[known]
        missing, others = missing[~known], others[~known]
        if not len(missing):
            return rows["start"], rows["count"], self._ids
        text = data.tobytes()
        new: dict[bytes, int] = {}
        spans = zip(begin[missing].tolist(), end[missing].tolist(), strict=True)
        which = np.array([new.setdefault(text[a:b], len(new)) for a, b in spans])
        computed = self._compute([chunk.decode() for chunk in new])
        counts = np.array([len(ids) for ids in computed])
        flat = np.fromiter(chain.from_iterable(computed), np.int32, counts.sum())
        rows["low"][missing], rows["high"][missing] = low[missing], high[missing]
        rows["start"][missing] = (len(self._ids) + np.cumsum(counts) - counts)[which]
        rows["count"][missing] = counts[which]
        ids = np.concatenate([self._ids, flat])
        if self._used + len(new) <= _ROWS and len(ids) <= _MAX_IDS:
            kept = short[missing]
            numbers, missing, others = self._used + which[kept], missing[kept], others[kept]
            self._rows[numbers] = rows[missing]
            is_taken = self._slots[slots[missing]] > 0
            self._slots[np.where(is_taken, others, slots[missing])] = numbers
            self._ids, self._used = ids, self._used + len(new)
        else:
            self._slots[:] = 0
            self._ids, self._used = ids[:0], 1
        return rows["start"], rows["count"], ids


def _bounds(data: Bytes, words: bool) -> tuple[Places, Places]:
    """Return where each chunk begins and ends."""
    kinds = _KINDS.take(data)
    before, here, after = kinds[:-2], kinds[1:-1], kinds[2:]
    # A mark is a token by itself if it cannot be part of a number, an emoticon or an entity.
    alone = (here & _POINT != 0) & (after & _NO_DIGIT != 0)
    beside = (here & _MARK != 0) & (before & _LETTER != 0)
    beside |= (here & _OPENING != 0) & (before & _BLANK != 0)
    alone |= beside & (after & (_BLANK | _LETTER | _POINT) != 0)
    blank = kinds & _BLANK != 0
    first = np.concatenate([[False], blank[:-1]])
    first[1:-1] |= alone
    if words:
        first[2:] |= alone
        # Characters from U+4000 to U+9FFF, behind another of them.
        chinese = (data >= 0xE4) & (data <= 0xE9)
        first[3:] |= chinese[3:] & chinese[:-3]
    first &= ~blank
    last = ~blank[:-1] & (blank[1:] | first[1:])
    return np.flatnonzero(first), np.flatnonzero(last) + 1


def _keys(
    data: Bytes, begin: Places, length: Places
) -> tuple[NDArray[np.uint64], NDArray[np.uint64]]:
    """Return the first and the second 8 bytes of each chunk, zeros behind its end."""
    words: NDArray[np.uint64] = np.ndarray(len(data) - 7, "<u8", data, strides=(1,))
    low = words[begin] & _FIRST_BYTES.take(length, mode="clip")
    return low, words[begin + 8] & _FIRST_BYTES.take(length - 8, mode="clip")


def _slots(low: NDArray[np.uint64], high: NDArray[np.uint64]) -> Places:
    mixed = (low * _MIX[0]) ^ (high * _MIX[1])
    mixed = (mixed ^ (mixed >> np.uint64(29))) * _MIX[2]
    slots: Places = (mixed >> np.uint64(64 - _SLOTS_LOG2)).astype(np.int64)
    return slots
