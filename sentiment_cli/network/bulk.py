"""Many reviews through the network, without learning: batches of like length, least padding."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from sentiment_cli.network.architecture import PAD

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_cli.network.classifier import Classifier

# Padded tokens a batch: enough to fill the kernels, little enough to stay in a small memory.
_TOKENS = 32_768


class _Sequences(Protocol):
    """Token ids by position: a list of arrays, or a data set on disk."""

    def __getitem__(self, index: int, /) -> NDArray[np.int32]: ...


def classify_all(
    model: Classifier, sequences: _Sequences, lengths: NDArray[np.int64]
) -> NDArray[np.float32]:
    """Return the logits of every review, in the order given, (N, C).

    Args:
        model: in any mode; it is left in evaluation mode.
        sequences: token ids of N reviews, none of them empty.
        lengths: tokens of each, (N,).
    """
    logits = np.empty((len(lengths), model.architecture.num_classes), dtype=np.float32)
    for indices, own in classify_batches(model, sequences, lengths, batches_by_length(lengths)):
        logits[indices] = own
    return logits


def classify_batches(
    model: Classifier,
    sequences: _Sequences,
    lengths: NDArray[np.int64],
    batches: Iterable[NDArray[np.int64]],
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield the indices (n,) and logits (n, C) of batch after batch, as `classify_all` does it."""
    model.eval()
    device = model.embedding.weight.device
    for indices in batches:
        filled = np.arange(lengths[indices].max()) < lengths[indices, None]  # (n, L)
        ids = np.full(filled.shape, PAD, dtype=np.int64)
        ids[filled] = np.concatenate([sequences[i] for i in indices])
        with torch.inference_mode():
            own = model(torch.from_numpy(ids).to(device), torch.from_numpy(lengths[indices]))
        yield indices, own.cpu().numpy()


def batches_by_length(lengths: NDArray[np.int64]) -> list[NDArray[np.int64]]:
    """Return the indices of each batch, the longest reviews first."""
    order = np.argsort(-lengths, kind="stable")
    batches: list[NDArray[np.int64]] = []
    start = 0
    while start < len(order):
        size = max(1, _TOKENS // int(lengths[order[start]]))
        batches.append(order[start : start + size])
        start += size
    return batches
