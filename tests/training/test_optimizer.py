"""How weights move."""

from __future__ import annotations

import copy

import pytest
import torch

from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.training.batches import Batch, GlobalBatch
from sentiment_cli.training.loss import cross_entropy
from sentiment_cli.training.optimizer import BETA1, BETA2, EPSILON, Optimizer

VOCABULARY = 40


def classifier(seed=0):
    torch.manual_seed(seed)
    return Classifier(
        Architecture(
            cell="gru", vocab_size=VOCABULARY, embedding_dim=6, hidden_size=5, num_layers=1,
            bidirectional=True, pooling="mean", num_classes=2, ngrams=1,
        )
    )  # fmt: skip


def optimizer(model, kind="adamw", clip_norm=None, ema_decay=0.9, weight_decay=0.01):
    return Optimizer(
        model, kind=kind, weight_decay=weight_decay, clip_norm=clip_norm, ema_decay=ema_decay
    )


def batch(step, device="cpu"):
    """Four tokens in each of three reviews."""
    chance = torch.Generator().manual_seed(step)
    ids = torch.randint(2, VOCABULARY, (3, 4), generator=chance).to(device)
    labels = torch.randint(2, (3,), generator=chance).to(device)
    ngrams = torch.rand(3, 4, 1, generator=chance).to(device)
    whole = GlobalBatch(labels.cpu(), 12)
    return Batch(ids, ngrams, torch.tensor([4, 4, 4]), labels, whole)


def add_gradients(model, step):
    own = batch(step, model.embedding.weight.device)
    logits = model(own.ids, own.ngrams, own.lengths)
    cross_entropy(logits, own.labels, None, own.whole).backward()


def move(model, moved, step, lr):
    """One step as the training loop makes it."""
    add_gradients(model, step)
    return moved.step(lr)


def reference(model, steps, lr, averaging):
    """The same steps by torch's dense AdamW, with a plain average of every weight."""
    embedding = [model.embedding.weight]
    rest = [p for name, p in model.named_parameters() if name != "embedding.weight"]
    dense = torch.optim.AdamW(
        [
            {"params": embedding, "weight_decay": 0.0},
            {"params": [p for p in rest if p.ndim > 1], "weight_decay": 0.01},
            {"params": [p for p in rest if p.ndim <= 1], "weight_decay": 0.0},
        ],
        lr=lr, betas=(BETA1, BETA2), eps=EPSILON, fused=True,
    )  # fmt: skip
    average = {name: torch.zeros_like(p) for name, p in model.named_parameters()}
    for step in range(steps):
        dense.zero_grad()
        add_gradients(model, step)
        dense.step()
        for name, parameter in model.named_parameters():
            average[name].lerp_(parameter.detach(), 1 - averaging)
    return {name: value / (1 - averaging**steps) for name, value in average.items()}


def test_weights_and_average_equal_those_of_torchs_dense_adamw():
    model, twin = classifier(), classifier()
    expected = reference(twin, 40, 1e-3, 0.9)
    moved = optimizer(model)
    for step in range(40):
        move(model, moved, step, 1e-3)
    for name, value in moved.averaged().items():
        assert torch.equal(model.state_dict()[name], twin.state_dict()[name]), name
        assert torch.equal(value, expected[name]), name


def test_the_average_is_a_copy():
    model = classifier()
    moved = optimizer(model)
    for step in range(3):  # step 0: before the first one
        saved = moved.averaged()
        kept = copy.deepcopy(saved)
        move(model, moved, step, 0.1)
        for name, value in saved.items():
            assert torch.equal(value, kept[name]), name


def test_unseen_rows_stay_until_they_have_been_seen_and_padding_stays_zero():
    model = classifier()
    before = model.embedding.weight.detach().clone()
    moved = optimizer(model)
    move(model, moved, 0, 0.1)
    unseen = sorted(set(range(VOCABULARY)) - set(batch(0).ids.flatten().tolist()))
    assert torch.equal(model.embedding.weight[unseen], before[unseen])
    # The average's correction divides by what it was multiplied by, within rounding.
    kept = moved.averaged()["embedding.weight"]
    torch.testing.assert_close(kept[unseen], before[unseen], atol=1e-6, rtol=0.0)
    assert not kept[0].any()


def test_only_matrices_but_the_embedding_decay():
    decayed, plain = classifier(), classifier()
    for model, weight_decay in ((decayed, 0.5), (plain, 0.0)):
        move(model, optimizer(model, weight_decay=weight_decay), 0, 0.1)
    differ = {
        name
        for name, weight in decayed.named_parameters()
        if not torch.equal(weight, plain.state_dict()[name])
    }
    matrices = {name for name, weight in plain.named_parameters() if weight.ndim > 1}
    assert differ == matrices - {"embedding.weight"}


def test_gradients_are_gone_after_a_step():
    model = classifier()
    move(model, optimizer(model), 0, 0.1)
    assert all(weight.grad is None for weight in model.parameters())


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
def test_a_step_changes_every_weight(kind):
    model = classifier()
    before = copy.deepcopy(model.state_dict())
    move(model, optimizer(model, kind), 0, 0.1)
    for name, value in model.state_dict().items():
        assert not torch.equal(value, before[name]), name


def test_sgd_subtracts_learning_rate_times_gradient():
    model = classifier()
    twin = copy.deepcopy(model)
    add_gradients(twin, 0)
    move(model, optimizer(model, "sgd"), 0, 0.5)
    for (name, new), old in zip(model.named_parameters(), twin.parameters(), strict=True):
        assert torch.allclose(new, old - 0.5 * old.grad, atol=1e-6), name


def test_a_long_gradient_is_cut_to_the_norm():
    model = classifier()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    norm = move(model, optimizer(model, "sgd", clip_norm=1e-3), 0, 1.0)
    assert norm > 1e-3
    moved = sum(((p.detach() - before[n]) ** 2).sum() for n, p in model.named_parameters()).sqrt()
    assert moved == pytest.approx(1e-3, rel=0.01)


def test_without_averaging_the_last_weights_are_kept():
    model = classifier()
    moved = optimizer(model, "sgd", ema_decay=0.0)
    move(model, moved, 0, 0.1)
    for name, value in moved.averaged().items():
        assert torch.equal(value, model.state_dict()[name])


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_a_gpu_goes_on_from_tensors_on_the_cpu():
    straight = classifier().to("cuda")
    moved = optimizer(straight)
    for step in range(3):
        move(straight, moved, step, 0.01)
    saved = {name: value.cpu() for name, value in moved.tensors().items()}
    resumed = classifier(seed=9).to("cuda")
    again = optimizer(resumed)
    again.load(saved, 3)
    move(straight, moved, 3, 0.01)
    move(resumed, again, 3, 0.01)
    for name, value in again.tensors().items():
        torch.testing.assert_close(value, moved.tensors()[name])


@pytest.mark.parametrize("kind", ["adamw", "sgd"])
@pytest.mark.parametrize("stop", [0, 3])
def test_goes_on_bit_for_bit_from_its_tensors(kind, stop):
    straight, moved = classifier(), None
    moved = optimizer(straight, kind)
    for step in range(stop):
        move(straight, moved, step, 0.01)
    saved = {name: value.clone() for name, value in moved.tensors().items()}
    for step in range(stop, 8):
        move(straight, moved, step, 0.01)

    resumed = classifier(seed=9)
    again = optimizer(resumed, kind)
    again.load(saved, stop)
    for step in range(stop, 8):
        move(resumed, again, step, 0.01)
    for name, value in again.tensors().items():
        assert torch.equal(value, moved.tensors()[name]), name
