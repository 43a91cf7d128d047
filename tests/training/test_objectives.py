"""Objectives: each beside its equation, written out and left to autograd."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch.nn import functional

from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.reviews.dataset import TokenDataset
from sentiment_cli.training.batches import collate, take
from sentiment_cli.training.objectives.adversarial import Adversarial, of_length
from sentiment_cli.training.objectives.cross_entropy import CrossEntropy
from sentiment_cli.training.world import Place, World

REVIEWS = [[2, 3, 4, 5, 6], [7], [8, 9, 2]]
LABELS = [0, 1, 1]
WEIGHTS = torch.tensor([0.5, 2.0])
OBJECTIVES = [CrossEntropy, Adversarial]


def ids(reviews):
    return [np.array(review, dtype=np.int32) for review in reviews]


def batch(reviews=REVIEWS, labels=LABELS):
    return collate(ids(reviews), np.array(labels))


def classifier(cell="lstm", *, dropout=0.0):
    torch.manual_seed(0)
    model = Classifier(
        Architecture(
            cell=cell, vocab_size=14, embedding_dim=6, hidden_size=5, num_layers=2,
            bidirectional=True, pooling="mean+max", num_classes=2,
        ),
        dropout=dropout, embedding_dropout=dropout, word_dropout=dropout,
    ).train()  # fmt: skip
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)  # far enough from zero for the classes to differ
    return model


def dataset(texts, labels):
    return TokenDataset(np.concatenate(texts), np.cumsum([0, *map(len, texts)]), np.array(labels))


def objective(kind, epsilon=0.7, class_weights=WEIGHTS):
    return kind(class_weights) if kind is CrossEntropy else kind(epsilon, class_weights)


def graded(model, compute):
    """The loss and all gradients, the table's last."""
    model.zero_grad()
    rows = batch().rows
    table = model.embedding.weight.detach()[rows].requires_grad_()
    torch.manual_seed(1)
    loss = compute(table)
    own = [p.grad for name, p in model.named_parameters() if name != "embedding.weight"]
    return loss, [*own, table.grad]


def written_out(kind, model, table, reviews, epsilon=0.7):
    """The loss as its docstring says it, with a graph."""

    def logits_at(place, lengths):
        if kind is not CrossEntropy:  # which reads once, with whatever dropout comes next
            torch.manual_seed(5)
        return model.classify(place, lengths)

    def worst(loss, place):
        (g,) = torch.autograd.grad(loss, place)
        return epsilon * g / g.flatten(1).norm(dim=1)[:, None, None]

    def plain(place):
        logits = logits_at(place, reviews.lengths)
        return functional.cross_entropy(logits, reviews.labels, weight=WEIGHTS.double())

    s = model.embed(reviews.ids, table)
    if kind is CrossEntropy:
        return plain(s)
    moved = s.detach().requires_grad_()
    return plain(s) + plain(s + worst(plain(moved), moved))


def agree(kind, cell="lstm", dropout=0.0):
    """Compare loss and gradients with those of the equation, in float64."""
    model, reviews = classifier(cell, dropout=dropout).double(), batch()

    def reference(table):
        loss = written_out(kind, model, table, reviews)
        loss.backward()
        return loss.detach()

    own = objective(kind, class_weights=WEIGHTS.double())
    ours = graded(model, lambda table: own(model, table, reviews, seed=5))
    torch.testing.assert_close(ours, graded(model, reference), atol=1e-9, rtol=1e-7)


@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("kind", OBJECTIVES)
def test_loss_and_gradients_are_those_of_the_equation(kind, cell, dropout):
    agree(kind, cell, dropout)


@pytest.mark.parametrize("threads", [1, 2])
def test_so_they_are_where_both_directions_are_read_at_once(threads):
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        agree(Adversarial)
    finally:
        torch.set_num_threads(before)


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("kind", OBJECTIVES)
def test_the_parts_of_a_batch_add_up_to_the_whole(kind, size):
    model, small = classifier(), ids(REVIEWS)
    reviews = dataset(small, LABELS)

    def read(part):
        own = take(reviews, np.arange(len(small)), part)
        return graded(model, lambda table: objective(kind)(model, table, own, seed=5))

    worlds = [World(lambda: False, Place(rank, size)) for rank in range(size)]
    found = [read(world.part()) for world in worlds if world.rank < len(small)]
    assert len(found) == min(size, len(small))
    losses, gradients = zip(*found, strict=True)
    summed = [torch.stack(own).sum(dim=0) for own in zip(*gradients, strict=True)]
    torch.testing.assert_close((sum(losses), summed), read(None), atol=2e-5, rtol=1e-3)


def test_the_way_that_is_found_hurts_more_than_chance():
    model, reviews = classifier(), batch()
    s = model.embed(reviews.ids, model.embedding.weight[reviews.rows]).detach()

    @torch.no_grad()
    def loss(place):
        logits = model.classify(place, reviews.lengths)
        return float(functional.cross_entropy(logits, reviews.labels, weight=WEIGHTS))

    both, _ = graded(
        model, lambda table: objective(Adversarial, 0.1)(model, table, reviews, seed=5)
    )
    worst = float(both) - loss(s)
    real = (torch.arange(s.shape[1]) < reviews.lengths[:, None])[:, :, None]
    by_chance = [loss(s + of_length(torch.randn_like(s) * real, 0.1)) for _ in range(50)]
    assert worst > max(by_chance)


def test_a_step_has_one_length_over_all_tokens_of_a_review_and_none_without_a_direction():
    direction = torch.randn(3, 4, 2)
    direction[1] = 0
    lengths = of_length(direction, 2.5).flatten(1).norm(dim=1)
    torch.testing.assert_close(lengths, torch.tensor([2.5, 0.0, 2.5]))


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_what_else_is_in_the_batch_does_not_matter(kind):
    model = classifier()

    def loss(reviews, labels):
        together = batch(reviews, labels)
        table = model.embedding.weight.detach()[together.rows].requires_grad_()
        return float(objective(kind, class_weights=None)(model, table, together, seed=5))

    alone = [loss([review], [label]) for review, label in zip(REVIEWS, LABELS, strict=True)]
    assert loss(REVIEWS, LABELS) == pytest.approx(np.mean(alone), rel=1e-5)


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_the_same_draws_give_the_same_gradients(kind):
    model = classifier(dropout=0.3)
    one, other = (
        graded(model, lambda table: objective(kind)(model, table, batch(), seed=5)) for _ in "ab"
    )
    for a, b in zip(one[1], other[1], strict=True):
        assert torch.equal(a, b)
