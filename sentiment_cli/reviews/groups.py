"""Training reviews that must be left out together: copies, and phrases of a longer review.

N-gram counts for a training review must not include the review itself, a copy of it, or a longer
review that contains it.

Axes: N reviews, T tokens of all reviews.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_cli.network.architecture import UNK

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sentiment_cli.reviews.dataset import TokenDataset

MAX_PHRASE = 64
"""Tokens of the longest review that is looked for inside others."""

_CHUNK = 100_000  # tokens whose windows are looked at together: they stay in the cache
_FACTOR = 0x9E3779B97F4A7C15  # F: odd, so it has an inverse modulo 2^64
_FILTER_BITS = 18
_FILTER = np.uint64(2**_FILTER_BITS - 1)


def review_groups(reviews: TokenDataset) -> NDArray[np.int64]:
    """Return the group of each review, (N,): 0, 1, 2, ... by first appearance.

    Reviews with equal normalised text are one group. A review of at most MAX_PHRASE known tokens
    that all stand in a row in a longer review is in the group of that review; of several such
    reviews, in that of the longest.
    """
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    _, first, copy_of = np.unique(reviews.hashes, return_index=True, return_inverse=True)
    longest = _longest_container(reviews)  # (N,)
    phrases = np.flatnonzero(longest >= 0)
    # Copies may differ in tokens, and even contain each other: links can form a ring.
    ends = np.concatenate([np.arange(len(reviews)), phrases])
    others = np.concatenate([first[copy_of], longest[phrases]])
    links = coo_array((np.ones(len(ends), bool), (ends, others)), shape=(len(reviews),) * 2)
    return np.asarray(connected_components(links, directed=False)[1], np.int64)


def _longest_container(reviews: TokenDataset) -> NDArray[np.int64]:
    """Return the longest longer review that contains each review, -1 if none does, (N,)."""
    lengths = reviews.lengths
    order = np.lexsort((-np.arange(len(reviews)), lengths))  # of equally long ones the first wins
    rank = np.empty(len(reviews), np.int64)
    rank[order] = np.arange(len(reviews))
    phrases = _phrases(reviews)
    longest = [np.full(len(own.wanted), -1, np.int64) for own in phrases]  # ranks of containers
    for chunk in _chunks(reviews):
        for own, found in zip(phrases, longest, strict=True):
            windows, containers = _find(own, chunk)
            longer = lengths[containers] > own.length
            np.maximum.at(found, windows[longer], rank[containers[longer]])
    best = np.full(len(reviews), -1, np.int64)  # rank of the longest container, (N,)
    for own, found in zip(phrases, longest, strict=True):
        best[own.numbers] = found[own.members]
    return np.where(best >= 0, order[best], -1)


class _Chunk(NamedTuple):
    """Whole reviews, one after the other, and what the keys of their windows are made from.

    The key of the window that begins at token i is the sum of m(token j) F^(j - i) over its tokens
    j, modulo 2^64: the same tokens, the same key.
    """

    review: NDArray[np.int64]  # number of the review that each token belongs to, (T,)
    sums: NDArray[np.uint64]  # of m(token j) F^j before each token, (T + 1,)
    inverse: NDArray[np.uint64]  # F^-i, (T,)

    def keys(self, length: int) -> NDArray[np.uint64]:
        """Return the key of each window of so many tokens; windows may span two reviews."""
        keys = self.sums[length:] - self.sums[:-length]
        keys *= self.inverse[: len(keys)]
        return keys


class _Phrases(NamedTuple):
    """The reviews of one length that are looked for inside others."""

    length: int
    numbers: NDArray[np.int64]  # of the reviews, (P,)
    wanted: NDArray[np.uint64]  # their distinct keys, ascending
    members: NDArray[np.int64]  # place of each review's key among these, (P,)
    candidates: NDArray[np.bool_]  # by the last bits of a key: whether it may be wanted


def _phrases(reviews: TokenDataset) -> list[_Phrases]:
    """Return the reviews of at most MAX_PHRASE tokens, all of them known, by length."""
    lengths = reviews.lengths
    keys = np.empty(len(reviews), np.uint64)
    known = np.empty(len(reviews), bool)
    for chunk in _chunks(reviews):
        first, last = chunk.review[0], chunk.review[-1] + 1
        borders = reviews.offsets[first : last + 1] - reviews.offsets[first]
        starts, ends = borders[:-1], borders[1:]
        keys[first:last] = (chunk.sums[ends] - chunk.sums[starts]) * chunk.inverse[starts]
        tokens = reviews.tokens[reviews.offsets[first] : reviews.offsets[last]]
        known[first:last] = np.minimum.reduceat(tokens, starts) > UNK
    found = []
    is_phrase = known & (lengths <= MAX_PHRASE)  # unknown words are alike only as tokens
    for length in np.unique(lengths[is_phrase]).tolist():
        numbers = np.flatnonzero(is_phrase & (lengths == length))
        wanted, members = np.unique(keys[numbers], return_inverse=True)
        candidates = np.zeros(2**_FILTER_BITS, bool)
        candidates[wanted & _FILTER] = True
        found.append(_Phrases(length, numbers, wanted, members, candidates))
    return found


def _find(phrases: _Phrases, chunk: _Chunk) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return each window that is a phrase: which of the wanted keys it has, and its review."""
    if len(chunk.review) < phrases.length:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    keys = chunk.keys(phrases.length)
    last_bits = (keys & _FILTER).view(np.int64)  # as an index, four times faster than unsigned
    starts = np.flatnonzero(phrases.candidates[last_bits])  # few
    own = chunk.review[starts]
    places = np.minimum(np.searchsorted(phrases.wanted, keys[starts]), len(phrases.wanted) - 1)
    same = phrases.wanted[places] == keys[starts]
    same &= own == chunk.review[starts + phrases.length - 1]
    return places[same], own[same]


def _scrambled(tokens: NDArray[np.int32]) -> NDArray[np.uint64]:
    z = (tokens.astype(np.uint64) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    return (z ^ (z >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)


def _powers(factor: int, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, factor, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _chunks(reviews: TokenDataset) -> Iterator[_Chunk]:
    """Yield the reviews in chunks."""
    for start, end in reviews.spans(_CHUNK):
        tokens = np.asarray(reviews.tokens[reviews.offsets[start] : reviews.offsets[end]])
        sums = np.zeros(len(tokens) + 1, np.uint64)
        np.cumsum(_scrambled(tokens) * _powers(_FACTOR, len(tokens)), out=sums[1:])
        yield _Chunk(
            np.repeat(np.arange(start, end), reviews.lengths[start:end]),
            sums,
            _powers(pow(_FACTOR, -1, 2**64), len(tokens)),
        )
