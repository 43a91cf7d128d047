"""The classifier in torch: trains, and predicts in bulk, on fused kernels.

Axes: N reviews, L tokens of the longest, E embedding size, H hidden size, D directions,
P pooled size, C classes.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sentiment_cli.network.architecture import PAD, UNK, Architecture
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.directions import encode_by_direction
from sentiment_cli.network.pooling import Pooling

_ENCODERS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
"""Cell: the module that holds its weights."""

_EMBEDDING_STD = 0.1


class Classifier(nn.Module):
    """Embedding, recurrent encoder, pooling and head: token ids in, a logit a class out.

    The weights bear the names and shapes of `architecture.weight_shapes()`. An answer does not
    depend on what else is in the batch, nor on the ids that stand behind a review's length.

    Args:
        architecture: the classifier's shape.
        dropout: share of the pooled vector, and of the states between layers, dropped in training.
        embedding_dropout: share of embedding features dropped in training, the same at every step
            of a review; Gal and Ghahramani, A Theoretically Grounded Application of Dropout in
            Recurrent Neural Networks, NIPS 2016.
        word_dropout: share of tokens that training replaces by UNK.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__()
        self.architecture = architecture
        self.dropout = dropout
        self.embedding_dropout = embedding_dropout
        self.word_dropout = word_dropout
        self.embedding = nn.Embedding(
            architecture.vocab_size, architecture.embedding_dim, padding_idx=PAD
        )
        self.encoder = _ENCODERS[architecture.cell](
            architecture.embedding_dim,
            architecture.hidden_size,
            architecture.num_layers,
            batch_first=True,
            # torch warns of a dropout that has no layers to stand between.
            dropout=dropout if architecture.num_layers > 1 else 0.0,
            bidirectional=architecture.bidirectional,
        )
        self.pooling = Pooling(architecture)
        self.head = nn.Linear(architecture.pooled_dim, architecture.num_classes)
        self._begin()

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of token ids (N, L) and their lengths (N,), each at least 1."""
        return self.classify(self.embed(ids), lengths)

    def embed(self, ids: Tensor, table: Tensor | None = None) -> Tensor:
        """Return the tokens' vectors (N, L, E).

        Where a table (R, E) is given, its rows are looked up instead of the embedding's: a training
        step hands in the rows that its batch needs, PAD and UNK in their places.
        """
        if self.training and self.word_dropout:
            dropped = (torch.rand(ids.shape, device=ids.device) < self.word_dropout) & (ids != PAD)
            ids = ids.masked_fill(dropped, UNK)
        # Looked up step by step, the order in which the kernels read, which saves them a copy.
        rows = self.embedding.weight if table is None else table
        looked_up: Tensor = functional.embedding(ids.T, rows, padding_idx=PAD)  # (L, N, E)
        embedded = looked_up.transpose(0, 1)  # (N, L, E)
        if self.training and self.embedding_dropout:
            kept = embedded.new_ones(len(ids), 1, embedded.shape[2])
            embedded = embedded * functional.dropout(kept, self.embedding_dropout)
        return embedded

    def encode(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (N, L, D*H) of embedded reviews (N, L, E).

        `lengths` may lie on the CPU or on the device. On a GPU the CPU is better: the kernels want
        them there, and fetching them waits for the device.
        """
        if embedded.is_cuda:
            return self._encode_packed(embedded, lengths)
        return encode_by_direction(self.encoder, embedded, lengths)

    def classify(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of embedded reviews (N, L, E); `lengths` as in `encode`."""
        states = self.encode(embedded, lengths)  # (N, L, D*H)
        pooled = self.pooling(states, lengths.to(embedded.device, non_blocking=True))  # (N, P)
        pooled = functional.dropout(pooled, self.dropout, self.training)
        logits: Tensor = self.head(pooled)  # (N, C)
        return logits

    @torch.no_grad()
    def _begin(self) -> None:
        """Give the weights their first values; the head keeps PyTorch's weights.

        Recurrent weights are orthogonal gate by gate, so that a state read back keeps its length
        (Saxe et al., ICLR 2014), and the input's are Glorot's. Biases are 0, but the forget
        gate's is 1: it begins open (Jozefowicz et al., ICML 2015). Embeddings are small, so that
        the many words seen once or twice begin as noise that the frequent ones soon outgrow.
        """
        cell = CELLS[self.architecture.cell]
        self.embedding.weight.normal_(std=_EMBEDDING_STD)
        self.embedding.weight[PAD] = 0.0
        for weight_ih, weight_hh, bias_ih, bias_hh in self.encoder.all_weights:
            for block in weight_ih.chunk(cell.blocks):
                nn.init.xavier_uniform_(block)
            for block in weight_hh.chunk(cell.blocks):
                nn.init.orthogonal_(block)
            bias_ih.zero_()
            bias_hh.zero_()
            if "f" in cell.gates:
                bias_ih.chunk(cell.blocks)[cell.gates.index("f")].fill_(1.0)
        self.head.bias.zero_()

    def _encode_packed(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (N, L, D*H), all layers and directions in one call of cuDNN."""
        packed = pack_padded_sequence(
            embedded, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, _ = pad_packed_sequence(
            self.encoder(packed)[0], batch_first=True, total_length=embedded.shape[1]
        )
        return states


def state_to_arrays(module: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return a copy of the module's weights by name, on the CPU."""
    return {
        name: weight.detach().cpu().numpy().copy() for name, weight in module.state_dict().items()
    }


def load_arrays(module: nn.Module, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Give the module the weights that `state_to_arrays` returned; names and shapes must match."""
    # torch.tensor copies, which a read-only array needs.
    module.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
