"""Objectives: each beside its equation, written out and left to autograd."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from support.tokens import counted, dataset
from torch.nn import functional

from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.training.batches import take
from sentiment_cli.training.objectives.adversarial import Adversarial, of_length
from sentiment_cli.training.objectives.cross_entropy import CrossEntropy
from sentiment_cli.training.world import Place, World

REVIEWS = [[2, 3, 4, 5, 6], [7], [8, 9, 2]]
LABELS = [0, 1, 1]
# Counted only: they give the n-grams of the others their values.
MORE = [[2, 3], [7, 2, 3], [2, 3, 4], [7], [7, 4], [8, 9, 7], [8, 9], [8, 9, 2]]
MORE_LABELS = [0, 0, 0, 1, 1, 1, 1, 0]
WEIGHTS = torch.tensor([0.5, 2.0])
OBJECTIVES = [CrossEntropy, Adversarial]


def batch(*numbers, ngrams=0, part=slice(None)):
    """The batch of these of the reviews, or of all of them."""
    own = dataset(REVIEWS + MORE, LABELS + MORE_LABELS)
    indices = np.array(numbers or range(len(REVIEWS)))
    return take(own, indices, counted(own, ngrams) if ngrams else None, part)


def double(reviews):
    return replace(reviews, ngrams=reviews.ngrams.double())


def classifier(cell="lstm", *, dropout=0.0, ngrams=0):
    torch.manual_seed(0)
    model = Classifier(
        Architecture(
            cell=cell, vocab_size=14, embedding_dim=6, hidden_size=5, num_layers=2,
            bidirectional=True, pooling="mean+max", num_classes=2, ngrams=ngrams,
        ),
        dropout=dropout, embedding_dropout=dropout, word_dropout=dropout,
    ).train()  # fmt: skip
    with torch.no_grad():
        for weight in model.parameters():
            weight.mul_(3)  # far enough from zero for the classes to differ
    return model


def objective(kind, epsilon=0.7, class_weights=WEIGHTS):
    return kind(class_weights) if kind is CrossEntropy else kind(epsilon, class_weights)


def graded(model, compute):
    """The loss and all gradients."""
    model.zero_grad()
    torch.manual_seed(1)
    loss = compute()
    return loss, [weight.grad.clone() for weight in model.parameters()]


def written_out(kind, model, reviews, epsilon=0.7):
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

    s = model.embed(reviews.ids, reviews.ngrams)
    if kind is CrossEntropy:
        return plain(s)
    moved = s.detach().requires_grad_()
    return plain(s) + plain(s + worst(plain(moved), moved))


def agree(kind, cell="lstm", dropout=0.0, ngrams=0):
    """Compare loss and gradients with those of the equation, in float64."""
    model = classifier(cell, dropout=dropout, ngrams=ngrams).double()
    reviews = double(batch(ngrams=ngrams))

    def reference():
        loss = written_out(kind, model, reviews)
        loss.backward()
        return loss.detach()

    own = objective(kind, class_weights=WEIGHTS.double())
    ours = graded(model, lambda: own(model, reviews, seed=5))
    torch.testing.assert_close(ours, graded(model, reference), atol=1e-9, rtol=1e-7)


@pytest.mark.parametrize("ngrams", [0, 2])
@pytest.mark.parametrize("dropout", [0.0, 0.4])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
@pytest.mark.parametrize("kind", OBJECTIVES)
def test_loss_and_gradients_are_those_of_the_equation(kind, cell, dropout, ngrams):
    agree(kind, cell, dropout, ngrams)


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
    model = classifier(ngrams=2)

    def read(part):
        own = batch(ngrams=2, part=part)
        return graded(model, lambda: objective(kind)(model, own, seed=5))

    worlds = [World(lambda: False, Place(rank, size)) for rank in range(size)]
    found = [read(world.part()) for world in worlds if world.rank < len(REVIEWS)]
    assert len(found) == min(size, len(REVIEWS))
    losses, gradients = zip(*found, strict=True)
    summed = [torch.stack(own).sum(dim=0) for own in zip(*gradients, strict=True)]
    torch.testing.assert_close((sum(losses), summed), read(slice(None)), atol=2e-5, rtol=1e-3)


def test_the_way_that_is_found_hurts_more_than_chance():
    model, reviews = classifier(ngrams=2), batch(ngrams=2)
    s = model.embed(reviews.ids, reviews.ngrams).detach()

    @torch.no_grad()
    def loss(place):
        logits = model.classify(place, reviews.lengths)
        return float(functional.cross_entropy(logits, reviews.labels, weight=WEIGHTS))

    both, _ = graded(model, lambda: objective(Adversarial, 0.1)(model, reviews, seed=5))
    worst = float(both) - loss(s)
    real = (torch.arange(s.shape[1]) < reviews.lengths[:, None])[:, :, None]
    by_chance = [loss(s + of_length(torch.randn_like(s) * real, 0.1)) for _ in range(50)]
    assert worst > max(by_chance)


def test_a_step_has_one_length_over_all_tokens_of_a_review_and_none_without_a_direction():
    direction = torch.randn(3, 4, 2)
    direction[1] = 0
    lengths = of_length(direction, 2.5).flatten(1).norm(dim=1)
    torch.testing.assert_close(lengths, torch.tensor([2.5, 0.0, 2.5]))


@pytest.mark.parametrize("ngrams", [0, 2])
@pytest.mark.parametrize("kind", OBJECTIVES)
def test_what_else_is_in_the_batch_does_not_matter(kind, ngrams):
    model = classifier(ngrams=ngrams)

    def loss(*numbers):
        own = batch(*numbers, ngrams=ngrams)
        return float(objective(kind, class_weights=None)(model, own, seed=5))

    assert loss(0, 1, 2) == pytest.approx(np.mean([loss(0), loss(1), loss(2)]), rel=1e-5)


@pytest.mark.parametrize("kind", OBJECTIVES)
def test_the_same_draws_give_the_same_gradients(kind):
    model = classifier(dropout=0.3, ngrams=2)
    one, other = (
        graded(model, lambda: objective(kind)(model, batch(ngrams=2), seed=5)) for _ in "ab"
    )
    for a, b in zip(one[1], other[1], strict=True):
        assert torch.equal(a, b)
