"""The training loss: cross-entropy of the true class."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor

    from sentiment_cli.training.batches import GlobalBatch


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
