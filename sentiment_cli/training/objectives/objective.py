"""What an objective is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from torch import Tensor

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.training.batches import Batch


class Objective(Protocol):
    """A loss, and the way to its gradient."""

    def __call__(self, model: Classifier, batch: Batch, *, seed: int) -> Tensor:
        """Add the loss's gradient to that of the weights, and return the loss.

        Of a batch that is a part of a whole one, it is the part that its reviews have in the loss
        of the whole: over all processes, the parts add up to it.

        Args:
            model: in training mode.
            batch: reviews.
            seed: of the dropouts that several readings of one review share.

        Returns:
            The loss, without a graph, ().
        """
        ...
