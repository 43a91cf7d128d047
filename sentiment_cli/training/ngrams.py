"""N-gram inputs of the training reviews: each review's own counts are left out.

A review that counted itself would show the network its label. Without its own counts, the inputs
of training reviews have the same distribution as those of unseen reviews.

Axes: N reviews, T tokens, O orders, K n-grams, C classes, S values of an n-gram, F = O*S inputs of
a token, U unlabelled reviews.
"""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from safetensors.numpy import load, save

from sentiment_cli.network.ngram_inputs import (
    MIN_REVIEWS,
    NgramTable,
    log_count_ratios,
    scaled,
    summed,
)
from sentiment_cli.reviews.cache import cached_stage, stage_folder
from sentiment_cli.reviews.groups import review_groups
from sentiment_cli.reviews.ngram_counts import CountedReviews, count_ngrams, write_rows
from sentiment_cli.runs.saved import is_known

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.network.ngram_inputs import Array, Keys
    from sentiment_cli.reviews.dataset import TokenDataset
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.reviews.rows import Progress

_MAX_COUNT = 2**40  # sums of counts stay finite
_FILES = ("keys", "counts", "totals", "rows", "shares", "known")


@dataclass(frozen=True, slots=True)
class TrainingNgrams:
    """Counts of n-grams, and where the training reviews' n-grams are among them.

    Args:
        table: all counts, as predictions read them.
        counts: groups of training and unlabelled reviews of each class that contain the n-gram;
            row 0 is 0, (K + 1, C).
        start: weighted counts of the model that training starts from; row 0 is 0, (K + 1, C). None
            without such a model.
        rows: row of each token's n-grams, 0 for an n-gram without counts, (T, O).
        offsets: review i has the rows from `offsets[i]` to `offsets[i + 1]`, (N + 1,).
        own: what the group of each review adds to `counts`, (N, C).
        start_own: what it adds to `start`, if the start was trained on it, (N, C).
    """

    table: NgramTable
    counts: Array
    start: Array | None
    rows: NDArray[np.int32]
    offsets: NDArray[np.int64]
    own: Array
    start_own: Array

    def __call__(self, indices: NDArray[np.integer]) -> Array:
        """Return the inputs of the reviews at `indices`, one review after the other, (T, F)."""
        orders = self.table.orders
        spans = [slice(self.offsets[i], self.offsets[i + 1]) for i in indices]
        rows = np.concatenate([self.rows[:0], *(self.rows[span] for span in spans)])  # (T, O)
        lengths = [span.stop - span.start for span in spans]
        own = np.repeat(self.own[indices], lengths, axis=0)[:, np.newaxis]  # (T, 1, C)
        # np.take gathers rows twice as fast as indexing does.
        counts = _without(np.take(self.counts, rows, axis=0), own, 1.0)  # (T, O, C)
        totals = self.table.totals - own
        if self.start is not None:
            own = np.repeat(self.start_own[indices], lengths, axis=0)[:, np.newaxis]  # (T, 1, C)
            counts += _without(np.take(self.start, rows, axis=0), own, own.sum(axis=2))
            totals = totals - own
        ratios = log_count_ratios(counts, totals)  # (T, O, S)
        return ratios.reshape(len(rows), orders * ratios.shape[2])


class NgramSources(NamedTuple):
    """What is counted beside the training reviews.

    Args:
        start: counts of the model that training starts from.
        weight: how much a review of the start counts beside a training review.
        known: hashes of the texts that this model was trained on, ascending. They are in its
            counts, and are not counted again.
        unlabelled: probability of each class of each unlabelled review, whose n-grams are counted
            with these weights, (U, C).
    """

    start: NgramTable | None = None
    weight: float = 1.0
    known: Keys | None = None
    unlabelled: Array | None = None

    def arrays(self) -> dict[str, NDArray[Any]]:
        """Return the arrays that are there, by name."""
        found: dict[str, NDArray[Any]] = {"weight": np.array([self.weight], np.float32)}
        if self.start is not None:
            found |= self.start.tensors()
        more = {"known": self.known, "unlabelled": self.unlabelled}
        return found | {name: array for name, array in more.items() if array is not None}

    def to_bytes(self) -> bytes:
        """Return a safetensors file, which `from_bytes` reads."""
        return save({name: np.ascontiguousarray(array) for name, array in self.arrays().items()})

    @classmethod
    def from_bytes(cls, data: bytes, prepared: Prepared, *, orders: int) -> NgramSources:
        """Read a file, trusting nothing in it.

        Args:
            data: the whole file.
            prepared: the reviews that it was written for.
            orders: tokens of the longest n-grams (O).

        Raises:
            ValueError, KeyError, SafetensorError: it holds what no training writes.
        """
        arrays = load(data)
        classes = len(prepared.classes)
        shapes = {
            "counts": (len(arrays.get("keys", ())), classes),
            "totals": (classes,),
            "weight": (1,),
            "unlabelled": (len(prepared.unlabelled or ()), classes),
        }
        for name, array in arrays.items():
            if name in ("keys", "known"):
                sound = array.dtype == np.uint64 and bool((array[1:] > array[:-1]).all())
            else:
                sound = array.dtype == np.float32 and array.shape == shapes[name]
                sound = sound and bool(((array >= 0) & (array < _MAX_COUNT)).all())
            if not sound:
                raise ValueError(f"{name}: expected finite counts of at least 0 of the right shape")
        start = None
        if "keys" in arrays:
            start = NgramTable(arrays["keys"], arrays["counts"], arrays["totals"], orders)
        weight = float(arrays["weight"][0])
        return cls(start, weight, arrays.get("known"), arrays.get("unlabelled"))


_NOTHING_ELSE = NgramSources()


def training_ngrams(
    prepared: Prepared,
    orders: int,
    sources: NgramSources = _NOTHING_ELSE,
    *,
    progress: Progress,
) -> TrainingNgrams:
    """Count the n-grams of the training reviews, or find the counts in the token cache.

    Args:
        prepared: the reviews as tokens.
        orders: tokens of the longest n-grams (O).
        sources: what is counted beside the training reviews.
        progress: is told how far it has come.
    """
    told = sha256(f"{orders} {len(prepared.classes)}".encode())
    for name in ("keys", "known", "unlabelled"):  # what `_write` depends on
        if (array := sources.arrays().get(name)) is not None:
            told.update(name.encode() + sha256(np.ascontiguousarray(array).data).digest())
    made_by = [prepared.cache.name, told.hexdigest()]
    folder = stage_folder(prepared.cache.parent, "ngrams", made_by)

    def write(staged: Path) -> None:
        progress("counting n-grams of", 0, None)
        _write(staged, prepared, orders, sources)

    cached_stage(folder, [f"{name}.npy" for name in _FILES], write)
    arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in _FILES}
    keys, with_zero_row, totals = (np.asarray(arrays[n]) for n in ("keys", "counts", "totals"))
    table, brought = NgramTable(keys, with_zero_row[1:], totals, orders), None
    if sources.start is not None:
        start = scaled(sources.start, sources.weight)
        brought = np.zeros_like(with_zero_row)
        brought[1 + np.searchsorted(keys, start.keys)] = start.counts
        table = summed(table, start)
    shares, known = np.asarray(arrays["shares"]), np.asarray(arrays["known"])[:, np.newaxis]
    return TrainingNgrams(
        table,
        with_zero_row,
        brought,
        arrays["rows"],
        prepared.training.offsets,
        np.where(known, np.float32(0), shares),
        np.where(known, np.float32(sources.weight) * shares, np.float32(0)),
    )


def _write(folder: Path, prepared: Prepared, orders: int, sources: NgramSources) -> None:
    reviews, classes = prepared.training, len(prepared.classes)
    groups = review_groups(reviews)
    shares = _group_shares(groups, reviews.labels, classes)
    known, counted = np.zeros(len(reviews), bool), reviews.hashes
    if sources.start is not None and sources.known is not None:
        known = np.isin(groups, groups[is_known(reviews.hashes, sources.known)])
        counted = np.concatenate([counted, sources.known])
    parts = [CountedReviews(reviews, groups, np.where(known[:, np.newaxis], 0, shares))]
    if sources.unlabelled is not None:
        assert prepared.unlabelled is not None
        parts.append(_unlabelled_part(prepared.unlabelled, sources.unlabelled, counted))
    table = count_ngrams(parts, orders=orders, num_classes=classes, folder=folder)
    if sources.start is not None:  # its n-grams get a row too
        table = summed(table, scaled(sources.start, 0))
    write_rows(table, reviews, folder / "rows.npy")
    arrays: dict[str, NDArray[Any]] = {**table.tensors(), "shares": shares, "known": known}
    # Written so that training maps it: a copy in memory would grow with the n-grams.
    arrays["counts"] = np.concatenate([np.zeros((1, classes), np.float32), table.counts])
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def _without(counts: Array, own: Array, weight: Array | float) -> Array:
    """Return counts (T, O, C) without `own` (T, 1, C), and 0 where too few reviews are left.

    Args:
        counts: of n-grams.
        own: what a group of reviews adds to them; 0 of a group that is not counted.
        weight: how much a review counts; 0 of a group that is not counted.
    """
    rest: Array = np.maximum(counts - own, 0)
    reviews = rest @ np.ones(rest.shape[2], np.float32)  # (T, O); faster than a sum
    rest *= (reviews >= (MIN_REVIEWS - 0.5) * weight)[:, :, np.newaxis]
    return rest


def _unlabelled_part(reviews: TokenDataset, probabilities: Array, counted: Keys) -> CountedReviews:
    """Return unlabelled reviews to be counted, copies as one group.

    Reviews that are counted already, by their hashes, get no weight: their labels would come back
    as probabilities. Phrases of them are counted.
    """
    _, first, groups = np.unique(reviews.hashes, return_index=True, return_inverse=True)
    weights = probabilities[first[groups]]  # (U, C)
    weights[is_known(reviews.hashes, counted)] = 0
    return CountedReviews(reviews, groups, weights)


def _group_shares(groups: NDArray[np.int64], labels: NDArray[np.int64], classes: int) -> Array:
    """Return the share of each class among the reviews of each review's group, (N, C)."""
    votes = np.zeros((int(groups.max(initial=-1)) + 1, classes), np.float32)
    np.add.at(votes, (groups, labels), 1)
    return np.asarray((votes / votes.sum(axis=1, keepdims=True))[groups], np.float32)
