"""Which reviews are in a batch together, and what the network gets of them.

The order is a pure function of (seed, epoch): a resumed run sees what an uninterrupted one would,
and several processes agree without communication.

Axes: N reviews, L tokens of the longest, F n-gram inputs of a token.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sentiment_cli.network.bulk import padded

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_cli.reviews.dataset import TokenDataset
    from sentiment_cli.training.ngrams import TrainingNgrams

# Reviews are sorted by length among so many batches: little padding, much chance.
_WINDOW = 100


class GlobalBatch(NamedTuple):
    """The batch of all processes together.

    Args:
        labels: class of each of its reviews, on the CPU, (W,).
        tokens: of its reviews.
    """

    labels: Tensor
    tokens: int


@dataclass(frozen=True, slots=True)
class Batch:
    """N reviews, padded to the longest of them; of several processes, the part of one.

    Args:
        ids: token ids, (N, L).
        ngrams: n-gram inputs, without what each review itself adds to the counts, (N, L, F).
        lengths: tokens of each review, on the CPU, (N,).
        labels: classes, (N,).
        whole: the batch of all processes.
    """

    ids: Tensor
    ngrams: Tensor
    lengths: Tensor
    labels: Tensor
    whole: GlobalBatch

    def to(self, device: torch.device) -> Batch:
        """Return the batch on a device; lengths stay on the CPU."""
        if device.type == "cpu":
            return self
        return Batch(
            self.ids.to(device, non_blocking=True),
            self.ngrams.to(device, non_blocking=True),
            self.lengths,
            self.labels.to(device, non_blocking=True),
            self.whole,
        )


def epoch_batches(
    lengths: NDArray[np.int64], *, batch_size: int, seed: int, epoch: int
) -> list[NDArray[np.int32]]:
    """Return the indices of each batch of an epoch; every review is in exactly one.

    Args:
        lengths: tokens of each review, (N,).
        batch_size: reviews per batch; the last one may be smaller.
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


def take(
    reviews: TokenDataset,
    indices: NDArray[np.integer],
    ngrams: TrainingNgrams | None = None,
    part: slice = slice(None),
) -> Batch:
    """Return the reviews at `indices` as one padded batch.

    Args:
        reviews: token ids and labels.
        indices: reviews of the batch of all processes, (W,).
        ngrams: their n-gram inputs; None without.
        part: which of them this process reads.
    """
    labels = torch.from_numpy(reviews.labels[indices])
    own = indices[part]
    batch = padded([reviews[i] for i in own], None if ngrams is None else ngrams(own))
    return Batch(*batch, labels[part], GlobalBatch(labels, int(reviews.lengths[indices].sum())))
