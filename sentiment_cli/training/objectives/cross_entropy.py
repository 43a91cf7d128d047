"""The true class's cross-entropy, by itself and as a part of other objectives."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.training.batches import Batch, GlobalBatch


@dataclass(frozen=True, slots=True)
class CrossEntropy:
    """-log p(true class | review), the mean over the batch.

    Args:
        class_weights: weight of each class, (C,), or None.
    """

    class_weights: Tensor | None

    def __call__(self, model: Classifier, batch: Batch, *, seed: int) -> Tensor:
        """Add the gradient and return the loss, as `Objective` asks; `seed` is not needed."""
        embedded = model.embed(batch.ids, batch.ngrams)  # (N, L, E+F)
        logits = model.classify(embedded, batch.lengths)  # (N, C)
        loss = cross_entropy(logits, batch.labels, self.class_weights, batch.whole)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()


def cross_entropy(
    logits: Tensor, labels: Tensor, class_weights: Tensor | None, whole: GlobalBatch
) -> Tensor:
    """Return the mean of -log p(true class) in nats, (N, C) and (N,) to ().

    With class weights each review counts as its class does, and the mean is over those weights.
    Of several processes, it is the part that these reviews have in the mean over all reviews.
    """
    mean = functional.cross_entropy(logits, labels, weight=class_weights)
    if len(labels) == len(whole.labels):
        return mean
    if class_weights is None:
        return mean * (len(labels) / len(whole.labels))
    everyone = whole.labels.to(labels.device)
    return mean * (class_weights[labels].sum() / class_weights[everyone].sum())


def balanced_weights(counts: Sequence[int]) -> Tensor:
    """Return N / (C * n_c) for each class c, scikit-learn's `balanced` weights, (C,)."""
    n = torch.tensor(counts, dtype=torch.float32)
    return n.sum() / (len(counts) * n.clamp(min=1))
