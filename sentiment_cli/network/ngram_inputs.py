"""N-gram inputs: how strongly the n-grams that end at a token speak for each class.

Axes: T tokens of all reviews, O orders (1 for words, 2 for pairs, ...), K n-grams of the table,
C classes, S values of an n-gram (1 for two classes, else C), F = O*S inputs of a token.

An n-gram is known by 64 bits that are made of its token ids. The key of the ids i1 ... in is

    m(i1) A^(n-1) + m(i2) A^(n-2) + ... + m(in)   modulo 2^64,   A = 0xD1342543DE82EF95

where m(i) is the i-th number of SplitMix64 with seed 0 (Steele, Lea and Flood, Fast Splittable
Pseudorandom Number Generators, OOPSLA 2014). The key of the ids 7, 8, 9 is 0x67BB88DF42500948. An
n-gram that contains padding or an unknown token has no key. The probability that any two of a
million n-grams share a key is 3e-8.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import UNK
from sentiment_cli.network.weights import load_weights

Keys = NDArray[np.uint64]
Array = NDArray[np.float32]

MIN_REVIEWS = 3
"""An n-gram of fewer reviews has no value, and is not saved: it could identify a review."""

NO_KEY = np.uint64(0)
NO_ROW = 0
"""Row of an n-gram that is not in the table."""

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MULTIPLIER = np.uint64(0xD1342543DE82EF95)  # odd, so that no bit of an earlier token is lost


def ngram_keys(ids: NDArray[np.integer], lengths: NDArray[np.integer], orders: int) -> Keys:
    """Return the key of each n-gram by its order and its last token, (O, T).

    NO_KEY stands where the review has not got so many tokens yet, or the n-gram has no key.

    Args:
        ids: token ids of the reviews, one review after the other, (T,).
        lengths: tokens of each review, (N,).
        orders: tokens of the longest n-grams (O).
    """
    token = _mix(ids)  # (T,)
    known = ids > UNK
    # How many known tokens in a row end here, within the review: the longest n-gram with a key.
    position = np.arange(len(ids))
    starts = np.repeat(np.cumsum(lengths) - lengths, lengths)
    last_unknown = np.maximum.accumulate(np.where(known, -1, position))
    reach = position - np.maximum(starts - 1, last_unknown)  # (T,)
    keys = np.empty((orders, len(ids)), np.uint64)
    keys[0] = token
    for order in range(1, orders):
        keys[order, :order] = NO_KEY
        keys[order, order:] = keys[order - 1, order - 1 : -1] * _MULTIPLIER + token[order:]
    for order in range(orders):
        keys[order, reach <= order] = NO_KEY
    return keys


def log_count_ratios(counts: Array, totals: Array) -> Array:
    """Return half of how strongly n-grams speak for each class, (..., C) to (..., S).

        r / 2 = ln((p + 2P/N) / (q + 2Q/N)) / 2 - ln(P/Q) / 2

    p and q are the reviews of the class and of the others that hold the n-gram, P and Q all such
    reviews, N = P + Q. It is the log-count ratio of naive Bayes (Wang and Manning, Baselines and
    Bigrams, ACL 2012), smoothed so that an n-gram that occurs nowhere has 0 whatever P and Q are.
    With two classes the one value is that of the second class.

    Args:
        counts: reviews of each class that hold the n-gram, (..., C).
        totals: reviews of each class, of the same shape or one that NumPy broadcasts.
    """
    if counts.shape[-1] == 2:
        p, q, all_p, all_q = counts[..., 1:], counts[..., :1], totals[..., 1:], totals[..., :1]
    else:
        p, all_p = counts, totals
        q, all_q = counts.sum(-1, keepdims=True) - p, totals.sum(-1, keepdims=True) - all_p
    # Written as shares of P and Q, so that a class of which nothing is left does no harm.
    smoothing = 2 / np.maximum(all_p + all_q, 1)
    share_p, share_q = p / np.maximum(all_p, 1e-9), q / np.maximum(all_q, 1e-9)
    ratios = np.log((share_p + smoothing) / (share_q + smoothing))
    return np.asarray(0.5 * ratios, np.float32)


@dataclass(frozen=True, slots=True)
class NgramTable:
    """In how many reviews of each class n-grams occur.

    Args:
        keys: of the n-grams, ascending, (K,).
        counts: reviews of each class that hold the n-gram, (K, C); weights may be fractions.
        totals: reviews of each class, (C,).
        orders: tokens of the longest n-grams (O).
    """

    keys: Keys
    counts: Array
    totals: Array
    orders: int

    def rows(self, ids: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.int32]:
        """Return where each token's n-grams stand in the table, counted from 1, or NO_ROW, (T, O).

        Args:
            ids: token ids of the reviews, one review after the other, (T,).
            lengths: tokens of each review, (N,).
        """
        keys = ngram_keys(ids, lengths, self.orders)
        return np.ascontiguousarray(find_rows(self.keys, keys.ravel()).reshape(keys.shape).T)

    def inputs(self, ids: NDArray[np.integer], lengths: NDArray[np.integer]) -> Array:
        """Return each token's inputs, (T, F); arguments as for `rows`."""
        return self.values(self.rows(ids, lengths)).reshape(len(ids), -1)

    def values(self, rows: NDArray[np.int32]) -> Array:
        """Return the values of n-grams by their rows, (T, O) to (T, O, S)."""
        found = rows > NO_ROW
        # Distinct rows are far fewer than tokens once many reviews are read at once.
        distinct, places = np.unique(rows[found], return_inverse=True)
        known = log_count_ratios(self.counts[distinct - 1], self.totals)  # (.., S)
        values = np.zeros((*rows.shape, known.shape[-1]), np.float32)
        values[found] = known[places]
        return values

    def tensors(self) -> dict[str, NDArray[Any]]:
        """Return the arrays by name, as they are saved."""
        return {"keys": self.keys, "counts": self.counts, "totals": self.totals}


def summed(first: NgramTable, other: NgramTable) -> NgramTable:
    """Return the counts of both tables together."""
    keys = np.union1d(first.keys, other.keys)
    counts = np.zeros((len(keys), len(first.totals)), np.float32)
    for table in (first, other):
        counts[np.searchsorted(keys, table.keys)] += table.counts
    return NgramTable(keys, counts, first.totals + other.totals, first.orders)


def scaled(table: NgramTable, weight: float) -> NgramTable:
    """Return a table in which each review counts `weight`."""
    factor = np.float32(weight)
    return replace(table, counts=table.counts * factor, totals=table.totals * factor)


def find_rows(table: Keys, keys: Keys) -> NDArray[np.int32]:
    """Return where keys (T,) stand in the ascending table (K,), counted from 1, or NO_ROW."""
    if not len(table):
        return np.full(len(keys), NO_ROW, np.int32)
    places = np.minimum(np.searchsorted(table, keys), len(table) - 1)
    return np.where(table[places] == keys, places + 1, NO_ROW).astype(np.int32)


def flat_ids(sequences: Sequence[NDArray[np.integer]]) -> tuple[NDArray[Any], NDArray[np.int64]]:
    """Return the token ids of reviews one review after the other (T,), and their lengths (N,)."""
    lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
    return np.concatenate(sequences), lengths


def load_ngrams(
    data: bytes, *, ngrams: int, num_classes: int, orders: int, place: str
) -> NgramTable:
    """Read a table from a safetensors file, trusting nothing in it.

    Args:
        data: the whole file.
        ngrams: how many n-grams it must hold (K).
        num_classes: classes that it must count (C).
        orders: tokens of the longest n-grams (O).
        place: the file's name, for messages.

    Raises:
        ModelError: the file holds anything else.
    """
    shapes = {"keys": (ngrams,), "counts": (ngrams, num_classes), "totals": (num_classes,)}
    arrays = load_weights(data, shapes, place=place, integers=["keys"])
    ascending = bool((arrays["keys"][1:] > arrays["keys"][:-1]).all())
    if not ascending or arrays["counts"].min(initial=0) < 0 or arrays["totals"].min() < 0:
        raise ModelError(
            f"{place}: expected ascending keys and counts of at least 0",
            hint="the file is damaged: copy it again, or train the model again",
        )
    return NgramTable(**arrays, orders=orders)


def _mix(ids: NDArray[np.integer]) -> Keys:
    z = ids.astype(np.uint64) * _GOLDEN
    z = (z ^ (z >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    z = (z ^ (z >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return z ^ (z >> np.uint64(31))
