"""What an objective is, and what the adversarial ones have in common."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from torch import Tensor

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.training.batches import Batch


class Objective(Protocol):
    """A loss, and the way to its gradient."""

    def __call__(self, model: Classifier, table: Tensor, batch: Batch, *, seed: int) -> Tensor:
        """Add the loss's gradient to that of the weights and of the table, and return the loss.

        Of a batch that is a part of a whole one, it is the part that its reviews have in the loss
        of the whole: over all processes, the parts add up to it.

        Args:
            model: in training mode.
            table: the embedding's rows that the batch needs, a leaf, (R, E).
            batch: reviews; with unlabelled ones if the training has any.
            seed: of the dropouts that several readings of one review share.

        Returns:
            The loss, without a graph, ().
        """
        ...


def classified(model: Classifier, embedded: Tensor, lengths: Tensor, *, seed: int) -> Tensor:
    """Return the logits (N, C) of embedded reviews (N, L, E); one seed drops the same units."""
    torch.manual_seed(seed)
    return model.classify(embedded, lengths)


def of_length(direction: Tensor, length: float) -> Tensor:
    """Return directions (N, L, E), each review's L x E numbers stretched to a length as a whole."""
    flat = functional.normalize(direction.flatten(1), dim=1)  # (N, L*E)
    return length * flat.view_as(direction)


def gradient_of(leaf: Tensor) -> Tensor:
    """Return the gradient that has gathered at a leaf."""
    assert leaf.grad is not None
    return leaf.grad
