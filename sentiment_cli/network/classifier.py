"""The classifier in torch: trains, and predicts in bulk, on fused kernels.

Axes: N reviews, L tokens of the longest, E embedding size, H hidden size, D directions,
P pooled size, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.backbone import Backbone
from sentiment_cli.network.pooling import Pooling


class Classifier(Backbone):
    """Embedding, recurrent encoder, pooling and head: token ids in, a logit a class out.

    The weights bear the names and shapes of `architecture.weight_shapes()`. An answer does not
    depend on what else is in the batch, nor on the ids that stand behind a review's length.

    Args:
        architecture: the classifier's shape.
        dropout: share of the pooled vector, and of the states between layers, dropped in training.
        embedding_dropout: as in `Backbone`.
        word_dropout: as in `Backbone`.
    """

    def __init__(
        self,
        architecture: Architecture,
        *,
        dropout: float = 0.0,
        embedding_dropout: float = 0.0,
        word_dropout: float = 0.0,
    ) -> None:
        super().__init__(
            architecture,
            dropout=dropout,
            embedding_dropout=embedding_dropout,
            word_dropout=word_dropout,
        )
        self.dropout = dropout
        self.pooling = Pooling(architecture)
        self.head = nn.Linear(architecture.pooled_dim, architecture.num_classes)
        self.begin()
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of token ids (N, L) and their lengths (N,), each at least 1."""
        return self.classify(self.embed(ids), lengths)

    def classify(self, embedded: Tensor, lengths: Tensor) -> Tensor:
        """Return the logits (N, C) of embedded reviews (N, L, E); `lengths` as in `encode`."""
        states = self.encode(embedded, lengths)  # (N, L, D*H)
        pooled = self.pooling(states, lengths.to(embedded.device, non_blocking=True))  # (N, P)
        pooled = functional.dropout(pooled, self.dropout, self.training)
        logits: Tensor = self.head(pooled)  # (N, C)
        return logits


def state_to_arrays(module: nn.Module) -> dict[str, NDArray[np.float32]]:
    """Return a copy of the module's weights by name, on the CPU."""
    return {
        name: weight.detach().cpu().numpy().copy() for name, weight in module.state_dict().items()
    }


def load_arrays(module: nn.Module, arrays: Mapping[str, NDArray[np.float32]]) -> None:
    """Give the module the weights that `state_to_arrays` returned; names and shapes must match."""
    # torch.tensor copies, which a read-only array needs.
    module.load_state_dict({name: torch.tensor(array) for name, array in arrays.items()})
