"""Which reviews stand together in a batch, and what the network gets of them.

The order is a pure function of (seed, epoch): a resumed run sees what an uninterrupted one would,
and several processes agree without talking.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
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


class Whole(NamedTuple):
    """The batch of all processes together, of which this one has a part.

    Args:
        labels: of its reviews, on the CPU, (W,).
        tokens: of its reviews.
    """

    labels: Tensor
    tokens: int


@dataclass(frozen=True, slots=True)
class Batch:
    """N reviews, padded to the longest of them.

    Of a batch that several processes share, a part; its rows are those of the whole.

    Args:
        rows: the R vocabulary rows that occur, PAD and UNK first, (R,).
        ids: positions in `rows`, (N, L).
        lengths: tokens of each review, on the CPU, (N,).
        labels: classes, (N,).
        whole: what it is a part of; None for all there is.
    """

    rows: Tensor
    ids: Tensor
    lengths: Tensor
    labels: Tensor
    whole: Whole | None = None

    @property
    def tokens(self) -> int:
        """Real tokens of the whole batch, padding not counted."""
        return int(self.lengths.sum()) if self.whole is None else self.whole.tokens

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device; lengths stay on the CPU."""
        if device.type == "cpu":
            return self
        return Batch(
            self.rows.to(device, non_blocking=True),
            self.ids.to(device, non_blocking=True),
            self.lengths,
            self.labels.to(device, non_blocking=True),
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


def collate(
    sequences: Sequence[NDArray[np.int32]],
    labels: NDArray[np.int64],
    others: Sequence[NDArray[np.int32]] = (),
) -> Batch:
    """Return reviews as one padded batch.

    Args:
        sequences: N arrays of token ids, none of them empty.
        labels: classes, (N,).
        others: arrays of token ids whose rows are wanted, though they are read elsewhere.
    """
    special = np.array([PAD, UNK], dtype=np.int32)
    flat = np.concatenate([special, *sequences, *others])
    rows, positions = np.unique(flat, return_inverse=True)
    lengths = np.fromiter(map(len, sequences), dtype=np.int64, count=len(sequences))
    filled = np.arange(lengths.max(initial=0)) < lengths[:, None]  # (N, L)
    ids = np.zeros(filled.shape, dtype=np.int64)  # position 0 is PAD
    ids[filled] = positions[len(special) : len(special) + int(lengths.sum())]
    return Batch(
        torch.from_numpy(rows.astype(np.int64)),
        torch.from_numpy(ids),
        torch.from_numpy(lengths),
        torch.from_numpy(labels),
    )


def take(dataset: TokenDataset, indices: NDArray[np.integer], part: slice | None = None) -> Batch:
    """Return the reviews at `indices` as one padded batch.

    Args:
        dataset: token ids and labels.
        indices: of the whole batch, (W,).
        part: which of them stand in it, the others being read elsewhere; None for all.
    """
    sequences, labels = [dataset[i] for i in indices], dataset.labels[indices]
    if part is None:
        return collate(sequences, labels)
    own = collate(sequences[part], labels[part], others=sequences)
    return replace(own, whole=Whole(torch.from_numpy(labels), sum(map(len, sequences))))
