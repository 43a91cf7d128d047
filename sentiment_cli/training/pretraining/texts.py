"""What a language model reads: reviews of several parts as one, a batch of them with negatives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.training.batches import padded
from sentiment_cli.training.joined import Joined

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from torch import Tensor

_CHUNK = 4_000_000  # tokens counted at once


class Texts(Joined):
    """The reviews of some parts, one part behind the other, and how common their words are."""

    def shares(self, vocab_size: int) -> NDArray[np.float64]:
        """Return the share of each token among all, each seen once more than it was, (V,).

        That of PAD is 0.
        """
        counts = np.ones(vocab_size)
        for part in self.parts:
            for start in range(0, len(part.tokens), _CHUNK):
                counts += np.bincount(part.tokens[start : start + _CHUNK], minlength=vocab_size)
        counts[PAD] = 0.0
        found: NDArray[np.float64] = counts / counts.sum()
        return found


@dataclass(frozen=True, slots=True)
class Passage:
    """N reviews, padded to the longest of them, and K negatives.

    Args:
        rows: the R vocabulary rows that occur in either, PAD and UNK first, (R,).
        ids: positions in `rows`, (N, L).
        lengths: tokens of each review, on the CPU, (N,).
        negatives: positions in `rows`, (K,).
    """

    rows: Tensor
    ids: Tensor
    lengths: Tensor
    negatives: Tensor

    def to(self, device: torch.device) -> Passage:
        """Return it on a device; lengths stay on the CPU."""
        return Passage(
            self.rows.to(device), self.ids.to(device), self.lengths, self.negatives.to(device)
        )


def passage(
    sequences: Sequence[NDArray[np.int32]],
    negatives: NDArray[np.int64],
    part: slice | None = None,
) -> Passage:
    """Return reviews as one padded batch, with the rows of the negatives beside theirs.

    Args:
        sequences: arrays of token ids, none of them empty.
        negatives: token ids, none twice, (K,).
        part: which of the reviews stand in it, N of them; the rows are those of all. None for all.
    """
    beside = np.concatenate([[PAD, UNK], negatives])
    own, others = (sequences, []) if part is None else (sequences[part], sequences)
    rows, positions = np.unique(np.concatenate([beside, *own, *others]), return_inverse=True)
    read = padded(own, positions[len(beside) :])
    return Passage(
        torch.from_numpy(rows.astype(np.int64)),
        read.ids,
        read.lengths,
        torch.from_numpy(positions[2 : len(beside)]),
    )
