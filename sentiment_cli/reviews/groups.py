"""Training reviews that must be left out together: copies, and phrases of a longer review.

Whoever counts n-grams to predict a review must not count the review itself. Neither must the same
text in another row be counted, nor the sentence that the review is a part of.

Axes: N reviews, T tokens of all reviews.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sentiment_cli.reviews.dataset import TokenDataset

MAX_PHRASE = 64
"""Tokens of the longest review that is looked for inside others."""

_CHUNK = 2_000_000  # tokens whose windows are in memory at once
_FACTOR = 0x9E3779B97F4A7C15  # odd, so it has an inverse modulo 2^64
_FILTER_BITS = 20


def review_groups(reviews: TokenDataset) -> NDArray[np.int64]:
    """Return the group of each review, (N,): 0, 1, 2, ... by first appearance.

    Reviews with equal normalised text are one group. A review of at most MAX_PHRASE tokens whose
    tokens all stand in a row in a longer review is in the group of that review; of several such
    reviews, in that of the longest.
    """
    _, first, copy_of = np.unique(reviews.hashes, return_index=True, return_inverse=True)
    parent = first[copy_of]  # (N,): the first review with the same text
    longest = _longest_container(reviews)  # (N,)
    own = first  # one review of each text
    has_container = longest[own] >= 0
    parent[own[has_container]] = longest[own[has_container]]
    while True:  # follow the parents up: lengths rise, so this ends
        above = parent[parent]
        if np.array_equal(above, parent):
            break
        parent = above
    _, seen, group = np.unique(parent, return_index=True, return_inverse=True)
    by_appearance = np.empty(len(seen), np.int64)
    by_appearance[np.argsort(seen)] = np.arange(len(seen))
    return by_appearance[group]


def _longest_container(reviews: TokenDataset) -> NDArray[np.int64]:
    """Return the longest longer review that contains each review, -1 if none does, (N,)."""
    lengths = reviews.lengths
    found = np.full(len(reviews), -1, np.int64)
    found_length = np.zeros(len(reviews), np.int64)
    phrases = np.flatnonzero(lengths <= MAX_PHRASE)
    if not len(phrases):
        return found
    keys = np.array(
        [_window_keys(reviews[n], len(reviews[n]))[0] for n in phrases.tolist()], np.uint64
    )
    for tokens, numbers in _chunks(reviews):
        for length in np.unique(lengths[phrases]):
            own = lengths[phrases] == length
            wanted, members = np.unique(keys[own], return_inverse=True)
            windows, starts = _windows_of(tokens, numbers, int(length), wanted)
            containers = numbers[starts]
            longer = lengths[containers] > length
            containers, windows = containers[longer], windows[longer]
            # For each phrase the longest of its containers.
            order = np.lexsort((-lengths[containers], windows))
            windows, containers = windows[order], containers[order]
            windows, head = np.unique(windows, return_index=True)
            best = np.full(len(wanted), -1, np.int64)
            best[windows] = containers[head]
            candidate = best[members]  # (phrases of this length,)
            target = phrases[own]
            better = (candidate >= 0) & (lengths[candidate] > found_length[target])
            found[target[better]] = candidate[better]
            found_length[target[better]] = lengths[candidate[better]]
    return found


def _windows_of(
    tokens: NDArray[np.int32],
    numbers: NDArray[np.int64],
    length: int,
    wanted: NDArray[np.uint64],
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return which of the wanted keys (ascending) windows of so many tokens have, and where those
    begin, (W,) and (W,); no window reaches into the next review."""
    if len(tokens) < length:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    keys = _window_keys(tokens, length)
    mask = np.uint64(2**_FILTER_BITS - 1)
    candidate = np.zeros(2**_FILTER_BITS, bool)  # rejects nearly all windows at little cost
    candidate[wanted & mask] = True
    starts = np.flatnonzero(
        candidate[keys & mask] & (numbers[: len(keys)] == numbers[length - 1 :])
    )
    places = np.minimum(np.searchsorted(wanted, keys[starts]), len(wanted) - 1)
    same = wanted[places] == keys[starts]
    return places[same], starts[same]


def _window_keys(tokens: NDArray[np.int32], length: int) -> NDArray[np.uint64]:
    """Return a 64-bit key of each window of so many tokens: the same tokens, the same key."""
    powers = _powers(_FACTOR, len(tokens))
    sums = np.zeros(len(tokens) + 1, np.uint64)
    np.cumsum(_scrambled(tokens) * powers, out=sums[1:])
    inverse = _powers(pow(_FACTOR, -1, 2**64), len(tokens) - length + 1)
    keys: NDArray[np.uint64] = (sums[length:] - sums[:-length]) * inverse
    return keys


def _scrambled(tokens: NDArray[np.int32]) -> NDArray[np.uint64]:
    z = (tokens.astype(np.uint64) + np.uint64(1)) * np.uint64(0xBF58476D1CE4E5B9)
    return (z ^ (z >> np.uint64(29))) * np.uint64(0x94D049BB133111EB)


def _powers(factor: int, count: int) -> NDArray[np.uint64]:
    powers = np.full(count, factor, np.uint64)
    powers[:1] = 1
    return np.cumprod(powers, dtype=np.uint64)


def _chunks(reviews: TokenDataset) -> Iterator[tuple[NDArray[np.int32], NDArray[np.int64]]]:
    """Yield tokens and the review that each belongs to, whole reviews at a time."""
    for start, end in reviews.spans(_CHUNK):
        tokens = np.asarray(reviews.tokens[reviews.offsets[start] : reviews.offsets[end]])
        yield tokens, np.repeat(np.arange(start, end), reviews.lengths[start:end])
