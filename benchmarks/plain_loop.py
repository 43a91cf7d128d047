"""The loops that one writes in plain PyTorch, to be measured beside the package's own."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils import clip_grad_norm_
from torch.nn.utils.rnn import pack_padded_sequence, pad_sequence

from sentiment_cli.network.architecture import Architecture
from sentiment_cli.reviews.dataset import TokenDataset

KERNELS: dict[str, type[nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


class PlainModel(nn.Module):
    """Embedding, bidirectional encoder, mean and maximum over the tokens, head.

    The encoder reads the padding too, as unpacked loops let it.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        size, hidden = architecture.embedding_dim, architecture.hidden_size
        self.embedding = nn.Embedding(architecture.vocab_size, size, padding_idx=0)
        self.encoder = KERNELS[architecture.cell](
            size, hidden, batch_first=True, bidirectional=True
        )
        self.head = nn.Linear(4 * hidden, architecture.num_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of padded ids (N, L) and lengths (N,)."""
        states, _ = self.encoder(self.embedding(ids))  # (N, L, 2H)
        real = (torch.arange(ids.shape[1], device=ids.device) < lengths[:, None])[:, :, None]
        mean = (states * real).sum(1) / lengths[:, None]
        highest = states.masked_fill(~real, -torch.inf).amax(1)
        pooled = functional.dropout(torch.cat([mean, highest], 1), 0.5, self.training)
        logits: Tensor = self.head(pooled)
        return logits


class PackedModel(PlainModel):
    """The usual tutorial's model: packed reviews, the last state of each direction, head."""

    def __init__(self, architecture: Architecture) -> None:
        super().__init__(architecture)
        self.head = nn.Linear(2 * architecture.hidden_size, architecture.num_classes)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of padded ids (N, L) and lengths (N,)."""
        packed = pack_padded_sequence(
            self.embedding(ids), lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        _, last = self.encoder(packed)
        hidden = last[0] if isinstance(last, tuple) else last  # (2, N, H)
        logits: Tensor = self.head(torch.cat([hidden[0], hidden[1]], 1))
        return logits


class PlainLoop:
    """Random batches padded to their longest review, dense AdamW, clipping."""

    def __init__(self, architecture: Architecture, dataset: TokenDataset, device: str) -> None:
        self.dataset = dataset
        self.device = device
        self.model = PlainModel(architecture).to(device)
        self.optimizer = torch.optim.AdamW(self.model.parameters(), lr=2e-3, fused=True)
        self.batches = random_batches(len(dataset), 32)

    def run(self, steps: int) -> int:
        """Train so many steps; returns their tokens, padding not counted."""
        return sum(self._step(indices) for indices in islice(self.batches, steps))

    def _step(self, indices: np.ndarray) -> int:
        ids, lengths = _padded([self.dataset[i] for i in indices])
        labels = torch.from_numpy(self.dataset.labels[indices])
        logits = self.model(ids.to(self.device), lengths.to(self.device))
        functional.cross_entropy(logits, labels.to(self.device)).backward()
        clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()
        self.optimizer.zero_grad()
        return int(lengths.sum())


def packed_rate(
    architecture: Architecture,
    batches: Sequence[Sequence[np.ndarray]],
    labels: Sequence[np.ndarray],
    device: str,
) -> float:
    """Return tokens a second of the packed loop, with Adam and denormals as they come."""
    model = PackedModel(architecture).to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    start, read = time.perf_counter(), 0
    for sequences, target in zip(batches, labels, strict=True):
        ids, lengths = _padded(sequences)
        logits = model(ids.to(device), lengths)
        functional.cross_entropy(logits, torch.from_numpy(target).to(device)).backward()
        optimizer.step()
        optimizer.zero_grad()
        read += int(lengths.sum())
    if device == "cuda":
        torch.cuda.synchronize()
    return read / (time.perf_counter() - start)


def random_batches(reviews: int, size: int) -> Iterator[np.ndarray]:
    """Yield batches of indices for ever, in an order that looks at nothing."""
    rng = np.random.default_rng(0)
    while True:
        order = rng.permutation(reviews)
        yield from (order[i : i + size] for i in range(0, reviews, size))


def waste(lengths: np.ndarray, batches: Sequence[np.ndarray]) -> float:
    """Return the share of padding among all that a kernel reads of the batches."""
    padded = sum(len(batch) * int(lengths[batch].max()) for batch in batches)
    return 1 - sum(int(lengths[batch].sum()) for batch in batches) / padded


def _padded(sequences: Sequence[np.ndarray]) -> tuple[Tensor, Tensor]:
    lengths = torch.tensor([len(ids) for ids in sequences])
    tensors = [torch.from_numpy(ids.astype(np.int64)) for ids in sequences]
    return pad_sequence(tensors, batch_first=True), lengths
