"""The training loss."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from sentiment_cli.training.batches import GlobalBatch
from sentiment_cli.training.loss import balanced_weights, cross_entropy

WEIGHTS = torch.tensor([0.5, 2.0, 1.0])


def drawn(reviews=7):
    chance = torch.Generator().manual_seed(0)
    labels = torch.randint(3, (reviews,), generator=chance)
    return torch.randn(reviews, 3, generator=chance, dtype=torch.double), labels


@pytest.mark.parametrize("weights", [None, WEIGHTS.double()])
def test_loss_is_the_mean_cross_entropy(weights):
    logits, labels = drawn()
    found = cross_entropy(logits, labels, weights, GlobalBatch(labels, 0))
    expected = functional.cross_entropy(logits, labels, weight=weights)
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("weights", [None, WEIGHTS.double()])
@pytest.mark.parametrize("size", [2, 3, 7])
def test_losses_of_the_parts_add_up_to_that_of_the_whole_batch(size, weights):
    logits, labels = drawn()
    whole = GlobalBatch(labels, 0)
    parts = [slice(rank, None, size) for rank in range(size)]
    summed = sum(cross_entropy(logits[part], labels[part], weights, whole) for part in parts)
    torch.testing.assert_close(summed, cross_entropy(logits, labels, weights, whole))


def test_balanced_weights_are_those_of_scikit_learn():
    from sklearn.utils.class_weight import compute_class_weight

    labels = [0] * 5 + [1] * 2 + [2]
    expected = compute_class_weight("balanced", classes=np.arange(3), y=labels)
    torch.testing.assert_close(balanced_weights([5, 2, 1]), torch.tensor(expected).float())
