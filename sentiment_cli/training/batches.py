"""Which reviews stand together in a batch, and what the network gets of them.

The order is a pure function of (seed, epoch): a resumed run sees what an uninterrupted one would,
and several processes agree without talking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sentiment_cli.network.architecture import PAD, UNK

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_cli.reviews.dataset import TokenDataset

# Reviews are sorted by length among so many batches: little padding, much chance.
_WINDOW = 100


class Padded(NamedTuple):
    """N reviews, padded to the longest of them.

    Args:
        ids: positions in the rows of the batch that they stand in, (N, L).
        lengths: tokens of each review, on the CPU, (N,).
    """

    ids: Tensor
    lengths: Tensor


class Whole(NamedTuple):
    """The batch of all processes together, of which this one has a part.

    Args:
        labels: of its reviews that have one, on the CPU, (W,).
        unlabelled: how many others it has.
        tokens: of both.
    """

    labels: Tensor
    unlabelled: int
    tokens: int


@dataclass(frozen=True, slots=True)
class Batch:
    """N reviews, padded to the longest of them, and others beside them that have no labels.

    Of a batch that several processes share, a part; its rows are those of the whole.

    Args:
        rows: the R vocabulary rows that occur, PAD and UNK first, (R,).
        ids: positions in `rows`, (N, L).
        lengths: tokens of each review, on the CPU, (N,).
        labels: classes, (N,).
        unlabelled: reviews of the same rows, padded on their own.
        whole: what it is a part of; None for all there is.
    """

    rows: Tensor
    ids: Tensor
    lengths: Tensor
    labels: Tensor
    unlabelled: Padded | None = None
    whole: Whole | None = None

    @property
    def reviews(self) -> int:
        """Reviews of the whole batch, labelled or not."""
        if self.whole is not None:
            return len(self.whole.labels) + self.whole.unlabelled
        return len(self.labels) + (0 if self.unlabelled is None else len(self.unlabelled.lengths))

    @property
    def tokens(self) -> int:
        """Real tokens of the whole batch, padding not counted."""
        if self.whole is not None:
            return self.whole.tokens
        beside = 0 if self.unlabelled is None else int(self.unlabelled.lengths.sum())
        return int(self.lengths.sum()) + beside

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device; lengths stay on the CPU."""
        if device.type == "cpu":
            return self
        return Batch(
            self.rows.to(device, non_blocking=True),
            self.ids.to(device, non_blocking=True),
            self.lengths,
            self.labels.to(device, non_blocking=True),
            self.unlabelled
            and Padded(self.unlabelled.ids.to(device, non_blocking=True), self.unlabelled.lengths),
            self.whole,
        )


def epoch_batches(
    lengths: NDArray[np.int64], *, batch_size: int, seed: int, epoch: int
) -> list[NDArray[np.int32]]:
    """Return the indices of each batch of an epoch; every review stands in exactly one.

    Args:
        lengths: tokens of each review, (N,).
        batch_size: reviews a batch; the last one may be smaller.
        seed: of the run.
        epoch: counted from 0.
    """
    rng = np.random.default_rng([seed, epoch])
    order = rng.permutation(np.arange(len(lengths), dtype=np.int32))  # half of int64's memory
    batches: list[NDArray[np.int32]] = []
    for start in range(0, len(order), batch_size * _WINDOW):
        window = order[start : start + batch_size * _WINDOW]
        window = window[np.argsort(lengths[window], kind="stable")]
        batches += [window[i : i + batch_size] for i in range(0, len(window), batch_size)]
    return [batches[i] for i in rng.permutation(len(batches))]


class UnlabelledReviews:
    """Reviews without labels, in epochs of their own, a batch of them for each step.

    Which those are is a pure function of (seed, step).

    Args:
        reviews: token ids; their labels are never read.
        batch_size: reviews a batch.
        seed: of the run.
    """

    def __init__(self, reviews: TokenDataset, *, batch_size: int, seed: int) -> None:
        self._reviews = reviews
        self._order = partial(epoch_batches, reviews.lengths, batch_size=batch_size, seed=seed)
        self._per_epoch = -(-len(reviews) // batch_size)
        self._epoch = -1
        self._batches: list[NDArray[np.int32]] = []

    def at(self, step: int) -> list[NDArray[np.int32]]:
        """Return the token ids of the reviews that stand beside the batch of a step."""
        epoch, number = divmod(step, self._per_epoch)
        if epoch != self._epoch:
            self._epoch, self._batches = epoch, self._order(epoch=epoch)
        return [self._reviews[i] for i in self._batches[number]]


def collate(
    sequences: Sequence[NDArray[np.int32]],
    labels: NDArray[np.int64],
    unlabelled: Sequence[NDArray[np.int32]] = (),
    others: Sequence[NDArray[np.int32]] = (),
) -> Batch:
    """Return reviews as one padded batch.

    Args:
        sequences: N arrays of token ids, none of them empty.
        labels: classes, (N,).
        unlabelled: further arrays of token ids, without classes.
        others: arrays of token ids whose rows are wanted, though they are read elsewhere.
    """
    special = np.array([PAD, UNK], dtype=np.int32)
    flat = np.concatenate([special, *sequences, *unlabelled, *others])
    rows, positions = np.unique(flat, return_inverse=True)
    real = positions[len(special) :]
    own = padded(sequences, real)
    return Batch(
        torch.from_numpy(rows.astype(np.int64)),
        own.ids,
        own.lengths,
        torch.from_numpy(labels),
        padded(unlabelled, real[int(own.lengths.sum()) :]) if unlabelled else None,
    )


def take(
    dataset: TokenDataset,
    indices: NDArray[np.integer],
    unlabelled: Sequence[NDArray[np.int32]] = (),
    part: slice | None = None,
) -> Batch:
    """Return the reviews at `indices` as one padded batch, others without labels beside them.

    Args:
        dataset: token ids and labels.
        indices: of the whole batch, (W,).
        unlabelled: token ids of its reviews without labels.
        part: which of both stand in it, the others being read elsewhere; None for all.
    """
    sequences, labels = [dataset[i] for i in indices], dataset.labels[indices]
    if part is None:
        return collate(sequences, labels, unlabelled)
    everyone = [*sequences, *unlabelled]
    own = collate(sequences[part], labels[part], unlabelled[part], others=everyone)
    whole = Whole(torch.from_numpy(labels), len(unlabelled), sum(map(len, everyone)))
    return replace(own, whole=whole)


def padded(sequences: Sequence[NDArray[np.int32]], positions: NDArray[np.int64]) -> Padded:
    """Return reviews whose tokens stand one behind the other at the head of `positions`."""
    lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    filled = np.arange(lengths.max(initial=0)) < lengths[:, None]  # (N, L)
    ids = np.zeros(filled.shape, dtype=np.int64)  # position 0 is PAD
    ids[filled] = positions[: int(lengths.sum())]
    return Padded(torch.from_numpy(ids), torch.from_numpy(lengths))
