"""Many reviews through the network, without training: batches of like length, least padding.

Axes: N reviews, L tokens of the longest, T tokens of all of them, F n-gram inputs of a token.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

import numpy as np
import torch
from torch import Tensor

from sentiment_cli.network.architecture import PAD
from sentiment_cli.network.ngram_inputs import flat_ids

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from numpy.typing import NDArray

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.network.ngram_inputs import NgramTable

# Padded tokens a batch: enough to fill the kernels, little enough to stay in a small memory.
_TOKENS = 32_768


class _Sequences(Protocol):
    """Token ids by position: a list of arrays, or a data set on disk."""

    def __getitem__(self, index: int, /) -> NDArray[np.int32]: ...


class PaddedBatch(NamedTuple):
    """N reviews, padded to the longest of them.

    Args:
        ids: token ids, (N, L).
        ngrams: n-gram inputs, (N, L, F).
        lengths: tokens of each review, (N,).
    """

    ids: Tensor
    ngrams: Tensor
    lengths: Tensor


def padded(
    sequences: Sequence[NDArray[np.integer]], ngrams: NDArray[np.float32] | None
) -> PaddedBatch:
    """Return reviews as one batch, padded with PAD and 0.

    Args:
        sequences: token ids of each review, none of them empty.
        ngrams: their n-gram inputs, one review after the other, (T, F); None without.
    """
    if ngrams is None:
        ngrams = np.zeros((sum(map(len, sequences)), 0), np.float32)
    lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
    filled = np.arange(lengths.max(initial=0)) < lengths[:, None]  # (N, L)
    ids = np.full(filled.shape, PAD, np.int64)
    inputs = np.zeros((*filled.shape, ngrams.shape[1]), np.float32)  # (N, L, F)
    if len(sequences):
        ids[filled] = np.concatenate(sequences)
        inputs[filled] = ngrams
    return PaddedBatch(*map(torch.from_numpy, (ids, inputs, lengths)))


def classify_all(
    model: Classifier,
    sequences: _Sequences,
    lengths: NDArray[np.int64],
    table: NgramTable | None,
) -> NDArray[np.float32]:
    """Return the logits of every review, in the order given, (N, C).

    Args:
        model: in any mode; it is left in evaluation mode.
        sequences: token ids of N reviews, none of them empty.
        lengths: tokens of each, (N,).
        table: counts of n-grams; None without n-gram inputs.
    """
    logits = np.empty((len(lengths), model.architecture.num_classes), dtype=np.float32)
    batches = batches_by_length(lengths)
    for indices, own in classify_batches(model, sequences, batches, table):
        logits[indices] = own
    return logits


def classify_batches(
    model: Classifier,
    sequences: _Sequences,
    batches: Iterable[NDArray[np.int64]],
    table: NgramTable | None,
) -> Iterator[tuple[NDArray[np.int64], NDArray[np.float32]]]:
    """Yield the indices (n,) and logits (n, C) of batch after batch, as `classify_all` does it."""
    model.eval()
    device = model.embedding.weight.device
    for indices in batches:
        own = [sequences[i] for i in indices]
        inputs = None if table is None else table.inputs(*flat_ids(own))
        ids, ngrams, lengths = padded(own, inputs)
        with torch.inference_mode():
            logits = model(ids.to(device), ngrams.to(device), lengths)
        yield indices, logits.cpu().numpy()


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
