"""What a classifier and a language model have in common: token ids in, a state a token out.

Axes: N reviews, L tokens of the longest, E embedding size, H hidden size, D directions.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from sentiment_cli.network.architecture import PAD, UNK, Architecture
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.directions import encode_by_direction

_ENCODERS: dict[str, Callable[..., nn.RNNBase]] = {"rnn": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}
"""Cell: the module that holds its weights."""

_EMBEDDING_STD = 0.1


class Backbone(nn.Module):
    """Embedding and recurrent encoder, on fused kernels.

    A state does not depend on what else is in the batch, nor on the ids that stand behind a
    review's length.

    Args:
        architecture: whose pooling and classes are left to others.
        dropout: share of the states between layers dropped in training.
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

    @torch.no_grad()
    def begin(self) -> None:
        """Give every weight its first value.

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

    def _encode_packed(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (N, L, D*H), all layers and directions in one call of cuDNN."""
        packed = pack_padded_sequence(
            embedded, lengths.cpu(), batch_first=True, enforce_sorted=False
        )
        states, _ = pad_packed_sequence(
            self.encoder(packed)[0], batch_first=True, total_length=embedded.shape[1]
        )
        return states
