"""Counting n-grams in bounded memory: in how many reviews of each class each of them occurs.

Axes: N reviews, T tokens, O orders, K n-grams, C classes, M (n-gram, group) pairs.

Each chunk of reviews is sorted by key and summed up. Sums of several chunks go to disk and are
merged by ranges of keys, which are evenly spread because they are hashes.
"""

from __future__ import annotations

from functools import partial
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_cli.network.ngram_inputs import (
    MIN_REVIEWS,
    NO_KEY,
    NgramTable,
    find_rows,
    flat_ids,
    ngram_keys,
)
from sentiment_cli.prefetch import map_in_threads

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.network.ngram_inputs import Array, Keys
    from sentiment_cli.reviews.dataset import TokenDataset

_CHUNK = 2_000_000  # tokens sorted at once
_MERGED = 4_000_000  # sums merged at once
_RANGES = 1024  # of keys
_BORDERS = np.arange(_RANGES, dtype=np.uint64) << np.uint64(54)


class CountedReviews(NamedTuple):
    """Reviews whose n-grams are counted.

    Args:
        reviews: token ids.
        groups: group of each review, (N,). A group counts once for each n-gram that it contains.
        weights: what the group of each review adds to the count of each class, (N, C); the sum
            over the classes is 1, or 0 for a review that is not counted.
    """

    reviews: TokenDataset
    groups: NDArray[np.int64]
    weights: Array


class _Sums(NamedTuple):
    keys: Keys  # (K,), ascending
    counts: Array  # (K, C)


class _Spilled(NamedTuple):
    path: str  # without the endings of its two files
    cuts: NDArray[np.intp]  # where each range of keys begins and the last one ends, (_RANGES + 1,)


def count_ngrams(
    parts: Sequence[CountedReviews], *, orders: int, num_classes: int, folder: Path
) -> NgramTable:
    """Return the table of all n-grams that at least MIN_REVIEWS groups contain.

    Args:
        parts: reviews; no group is in two parts.
        orders: tokens of the longest n-grams (O).
        num_classes: C.
        folder: for temporary files.
    """
    totals = np.zeros(num_classes)
    for part in parts:
        _, first = np.unique(part.groups, return_index=True)
        totals += part.weights[first].sum(axis=0, dtype=np.float64)
    with TemporaryDirectory(prefix=".ngrams-", dir=folder) as spilled:

        def spill(chunk: tuple[str, CountedReviews, NDArray[np.int64]]) -> _Spilled:
            name, part, chosen = chunk
            return _spill(_chunk_sums(part, chosen, orders), f"{spilled}/{name}")

        named = (
            (f"{number}-{index}", part, chosen)
            for number, part in enumerate(parts)
            for index, chosen in enumerate(_whole_groups(part))
        )
        chunks = list(map_in_threads(spill, named))
        nothing = _Sums(np.zeros(0, np.uint64), np.zeros((0, num_classes), np.float32))
        merged = [nothing, *(_merge(chunks, num_classes) if chunks else ())]
    return NgramTable(
        np.concatenate([sums.keys for sums in merged]),
        np.concatenate([sums.counts for sums in merged]),
        totals.astype(np.float32),
        orders,
    )


def write_rows(table: NgramTable, reviews: TokenDataset, path: Path) -> None:
    """Write the rows of each token's n-grams, review after review, as a NumPy file (T, O)."""
    header = {"descr": "<i4", "fortran_order": False, "shape": (len(reviews.tokens), table.orders)}
    with path.open("wb") as file:
        np.lib.format.write_array_header_1_0(file, header)
        for rows in map_in_threads(partial(_rows, table, reviews), reviews.spans(_CHUNK)):
            file.write(rows.data)


def _rows(table: NgramTable, reviews: TokenDataset, span: tuple[int, int]) -> NDArray[np.int32]:
    """Return the rows of the n-grams of some reviews, (t, O)."""
    start, end = span
    ids = np.asarray(reviews.tokens[reviews.offsets[start] : reviews.offsets[end]])
    keys = ngram_keys(ids, reviews.lengths[start:end], table.orders)
    # Sorted keys are found many times faster in a table that no cache holds.
    distinct, places = np.unique(keys, return_inverse=True)
    rows = find_rows(table.keys, distinct)[places.reshape(keys.shape)]
    return np.ascontiguousarray(rows.T, "<i4")


def _whole_groups(part: CountedReviews) -> Iterator[NDArray[np.int64]]:
    """Yield the reviews of each chunk, group after group; no group is in two chunks."""
    order = np.argsort(part.groups, kind="stable")
    order = order[part.weights[order].any(axis=1)]
    groups, ends = part.groups[order], np.cumsum(part.reviews.lengths[order])
    start = 0
    while start < len(order):
        before = ends[start - 1] if start else 0
        end = max(start + 1, int(np.searchsorted(ends, before + _CHUNK, "right")))
        if end < len(order):
            begin = int(np.searchsorted(groups, groups[end]))  # of the group that would be torn
            last = int(np.searchsorted(groups, groups[start], "right"))
            end = max(begin, last)
        yield order[start:end]
        start = end


def _chunk_sums(part: CountedReviews, chosen: NDArray[np.int64], orders: int) -> _Sums:
    """Count the n-grams of some reviews, whole groups, in the order of their groups."""
    ids, lengths = flat_ids([part.reviews[n] for n in chosen])
    keys = ngram_keys(ids, lengths, orders)  # (O, T)
    review = np.repeat(np.arange(len(chosen), dtype=np.int32), lengths)  # (T,)
    has_key = keys != NO_KEY
    flat = keys[has_key]
    number = np.broadcast_to(review, keys.shape)[has_key]
    order = np.argsort(flat, kind="stable")  # n-grams of one order stay in the order of the groups
    flat, number = flat[order], number[order]
    group = part.groups[chosen][number]
    first = np.ones(len(flat), bool)
    first[1:] = (flat[1:] != flat[:-1]) | (group[1:] != group[:-1])
    return _summed(flat[first], part.weights[chosen[number[first]]])


def _summed(keys: Keys, weights: Array) -> _Sums:
    """Sum up the weights (M, C) of equal keys; keys are ascending, (M,)."""
    if not len(keys):
        return _Sums(keys, weights)
    starts = np.flatnonzero(np.append(True, keys[1:] != keys[:-1]))
    return _Sums(keys[starts], np.add.reduceat(weights, starts, axis=0))


def _spill(sums: _Sums, path: str) -> _Spilled:
    """Write sums to disk."""
    sums.keys.tofile(f"{path}.keys")
    sums.counts.tofile(f"{path}.counts")
    return _Spilled(path, np.append(np.searchsorted(sums.keys, _BORDERS), len(sums.keys)))


def _read(spilled: _Spilled, first: int, last: int, num_classes: int) -> _Sums:
    """Read the sums of the ranges from `first` to before `last`; a map would count as memory."""
    start, end = spilled.cuts[first], spilled.cuts[last]
    counts = np.fromfile(
        f"{spilled.path}.counts",
        np.float32,
        int(end - start) * num_classes,
        offset=4 * num_classes * int(start),
    )
    keys = np.fromfile(f"{spilled.path}.keys", np.uint64, int(end - start), offset=8 * int(start))
    return _Sums(keys, counts.reshape(-1, num_classes))


def _merge(chunks: Sequence[_Spilled], num_classes: int) -> Iterator[_Sums]:
    """Yield the n-grams of all chunks that enough groups contain, by ascending keys."""
    ends = np.sum([spilled.cuts for spilled in chunks], axis=0)  # (_RANGES + 1,)

    def spans() -> Iterator[tuple[int, int]]:
        first = 0
        while first < _RANGES:
            last = int(np.searchsorted(ends, ends[first] + _MERGED, "right")) - 1
            last = min(max(first + 1, last), _RANGES)
            yield first, last
            first = last

    def merged(span: tuple[int, int]) -> _Sums:
        parts = [_read(spilled, *span, num_classes) for spilled in chunks]
        keys = np.concatenate([part.keys for part in parts])
        counts = np.concatenate([part.counts for part in parts])
        del parts
        order = np.argsort(keys, kind="stable")
        summed = _summed(keys[order], counts[order])
        # Shares of a group may be fractions, whose sum is a whole number but for rounding.
        enough = summed.counts.sum(axis=1) > MIN_REVIEWS - 0.5
        return _Sums(summed.keys[enough], summed.counts[enough])

    return map_in_threads(merged, spans())
