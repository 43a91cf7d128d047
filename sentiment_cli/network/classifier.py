"""The classifier in torch: trains, and predicts in bulk, on fused kernels.

Axes: N reviews, L tokens of the longest, E embedding size, F n-gram inputs of a token, H hidden
size, D directions, P pooled size, C classes.
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
    """Embedding, recurrent encoder, pooling and head: token ids and n-gram inputs in, a logit per
    class out.

    A token's n-gram inputs stand behind its vector, for the encoder; their sum over the review,
    divided by the root of its length, stands behind the pooled vector, for the head. The weights
    have the names and shapes of `architecture.weight_shapes()`. A prediction does not depend on
    what else is in the batch, nor on the ids and n-gram inputs behind a review's length.

    Args:
        architecture: the classifier's shape.
        dropout: share of the pooled vector, and of the states between layers, dropped in training.
        embedding_dropout: share of embedding features dropped in training, the same at every step
            of a review; Gal and Ghahramani, A Theoretically Grounded Application of Dropout in
            Recurrent Neural Networks, NIPS 2016.
        word_dropout: share of tokens that training replaces by UNK; n-grams with such a token
            lose their inputs.
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
            architecture.input_dim,
            architecture.hidden_size,
            architecture.num_layers,
            batch_first=True,
            # torch warns of a dropout that has no layers to stand between.
            dropout=dropout if architecture.num_layers > 1 else 0.0,
            bidirectional=architecture.bidirectional,
        )
        self.pooling = Pooling(architecture)
        self.head = nn.Linear(
            architecture.pooled_dim + architecture.ngram_dim, architecture.num_classes
        )
        self._begin()

    def forward(self, ids: Tensor, ngrams: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of token ids (N, L), n-gram inputs (N, L, F) and lengths (N,),
        each at least 1."""
        return self.classify(self.embed(ids, ngrams), lengths)

    def embed(self, ids: Tensor, ngrams: Tensor) -> Tensor:
        """Return the tokens' vectors and n-gram inputs, (N, L, E+F).

        Args:
            ids: token ids, (N, L).
            ngrams: n-gram inputs, (N, L, F).
        """
        if self.training and self.word_dropout:
            dropped = (torch.rand(ids.shape, device=ids.device) < self.word_dropout) & (ids != PAD)
            ids = ids.masked_fill(dropped, UNK)
            ngrams = _hide(ngrams, dropped, self.architecture.ngrams)
        # Looked up step by step, the order in which the kernels read, which saves them a copy.
        embedded: Tensor = self.embedding(ids.T)  # (L, N, E)
        if self.training and self.embedding_dropout:
            kept = embedded.new_ones(len(ids), embedded.shape[2])
            embedded = embedded * functional.dropout(kept, self.embedding_dropout)
        if self.architecture.ngrams:
            embedded = torch.cat([embedded, ngrams.transpose(0, 1)], dim=2)  # (L, N, E+F)
        return embedded.transpose(0, 1)  # (N, L, E+F)

    def encode(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Return the states (N, L, D*H) of embedded reviews (N, L, E+F).

        `lengths` may lie on the CPU or on the device. On a GPU the CPU is better: the kernels want
        them there, and fetching them waits for the device.
        """
        if embedded.is_cuda:
            return self._encode_packed(embedded, lengths)
        return encode_by_direction(self.encoder, embedded, lengths)

    def classify(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of embedded reviews (N, L, E+F); `lengths` as in `encode`."""
        states = self.encode(embedded, lengths)  # (N, L, D*H)
        lengths = lengths.to(embedded.device, non_blocking=True)
        pooled = self.pooling(states, lengths)  # (N, P)
        pooled = functional.dropout(pooled, self.dropout, self.training)
        if self.architecture.ngrams:
            ngrams = embedded[:, :, self.architecture.embedding_dim :]  # (N, L, F)
            pooled = torch.cat([pooled, _summed(ngrams, lengths)], dim=1)  # (N, P+F)
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


def _summed(ngrams: Tensor, lengths: Tensor) -> Tensor:
    """Return each review's sum of n-gram inputs (N, L, F) over the root of its length, (N, F)."""
    steps = torch.arange(ngrams.shape[1], device=ngrams.device)
    shares = (steps < lengths[:, None]) / lengths[:, None].to(ngrams.dtype).sqrt()  # (N, L)
    return (shares[:, None] @ ngrams)[:, 0]


def _hide(ngrams: Tensor, dropped: Tensor, orders: int) -> Tensor:
    """Set the inputs (N, L, F) of n-grams to 0 that contain a dropped token (N, L)."""
    if not orders:
        return ngrams
    by_order = []
    hidden = dropped
    for order, values in enumerate(ngrams.chunk(orders, dim=2)):
        by_order.append(values.masked_fill(hidden[:, :, None], 0.0))
        hidden = hidden | functional.pad(dropped, (order + 1, 0))[:, : dropped.shape[1]]
    return torch.cat(by_order, dim=2)


def state_to_arrays(module: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return a copy of the module's weights by name, on the CPU."""
    return {
        name: weight.detach().cpu().numpy().copy() for name, weight in module.state_dict().items()
    }


def load_arrays(module: nn.Module, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Give the module the weights that `state_to_arrays` returned; names and shapes must match."""
    # torch.tensor copies, which a read-only array needs.
    module.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
