"""What training makes small."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence

    from torch import Tensor


def cross_entropy(logits: Tensor, labels: Tensor, class_weights: Tensor | None) -> Tensor:
    """Return the mean of -log p(true class) in nats, (N, C) and (N,) to ().

    With class weights each review counts as its class does, and the mean is over those weights.
    """
    return functional.cross_entropy(logits, labels, weight=class_weights)


def balanced_weights(counts: Sequence[int]) -> Tensor:
    """Return N / (C * n_c) for each class c, scikit-learn's `balanced` weights, (C,)."""
    n = torch.tensor(counts, dtype=torch.float32)
    return n.sum() / (len(counts) * n.clamp(min=1))
