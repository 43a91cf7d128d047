"""Adversarial training on the embedded review."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from torch.nn import functional

from sentiment_cli.training.objectives.cross_entropy import cross_entropy
from sentiment_cli.training.seeds import seed_torch

if TYPE_CHECKING:
    from torch import Tensor

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.training.batches import Batch


@dataclass(frozen=True, slots=True)
class Adversarial:
    """-log p(y | s) - log p(y | s + r), the mean over the batch, where

        r = epsilon * g / |g|,   g = gradient by s of -log p(y | s)

    Miyato, Dai and Goodfellow, Adversarial Training Methods for Semi-Supervised Text
    Classification, ICLR 2017, section 3. s is the embedded review, all its L x (E+F) numbers as
    one vector, n-gram inputs among them; r is a constant to the gradient; p drops the same units
    both times. The paper normalises embeddings first, lest they grow until r is nothing; here they
    hardly grow.

    Args:
        epsilon: length of r.
        class_weights: weight of each class in both terms, (C,), or None.
    """

    epsilon: float
    class_weights: Tensor | None

    def __call__(self, model: Classifier, batch: Batch, *, seed: int) -> Tensor:
        """Add the gradient and return the loss, as `Objective` asks.

        Two readings, forward and backward: the first gives the plain term's gradient and g at once.
        """
        embedded = model.embed(batch.ids, batch.ngrams)  # (N, L, E+F)
        leaf = embedded.detach().requires_grad_()

        def loss_at(place: Tensor) -> Tensor:
            seed_torch(seed, place.device)  # drops the same units both times
            logits = model.classify(place, batch.lengths)  # (N, C)
            loss = cross_entropy(logits, batch.labels, self.class_weights, batch.whole)
            loss.backward()  # type: ignore[no-untyped-call]
            return loss.detach()

        plain = loss_at(leaf)
        assert leaf.grad is not None
        adversarial = loss_at(leaf + of_length(leaf.grad, self.epsilon))
        embedded.backward(leaf.grad)  # type: ignore[no-untyped-call]
        return plain + adversarial


def of_length(direction: Tensor, length: float) -> Tensor:
    """Return directions (N, L, E+F), each review's numbers stretched to a length as a whole."""
    flat = functional.normalize(direction.flatten(1), dim=1)  # (N, L*(E+F))
    return length * flat.view_as(direction)
