"""The training loop."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.tokens import counted
from support.tokens import dataset as token_dataset

from sentiment_cli.config.schema import TrainingConfig
from sentiment_cli.errors import DivergedError
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.bulk import classify_all
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.training.loop import EpochRecord, Loop, StepRecord, ValidationRecord
from sentiment_cli.training.optimizer import Optimizer
from sentiment_cli.training.world import ALONE

VOCABULARY = 20


def dataset(reviews, seed):
    """Class 1 holds word 5 and class 0 word 6, among others."""
    chance = np.random.default_rng(seed)
    labels = np.arange(reviews) % 2
    texts = [
        chance.permutation([6 - label, *chance.integers(7, VOCABULARY, size=chance.integers(1, 8))])
        for label in labels
    ]
    return token_dataset(texts, labels)


def loop(
    seed=0, dropout=0.0, class_weights=None, world=ALONE, ngrams=0, round=0,
    rounds=1, **settings,
):  # fmt: skip
    torch.manual_seed(seed)
    model = Classifier(
        Architecture(
            cell="gru", vocab_size=VOCABULARY, embedding_dim=8, hidden_size=8, num_layers=1,
            bidirectional=True, pooling="max", num_classes=2, ngrams=ngrams,
        ),
        dropout=dropout,
    )  # fmt: skip
    chosen = TrainingConfig(
        **{"epochs": 3, "batch_size": 8, "lr": 0.02, "ema_decay": 0.5} | settings
    )
    moved = Optimizer(
        model, kind=chosen.optimizer, weight_decay=chosen.weight_decay,
        clip_norm=chosen.clip_norm, ema_decay=chosen.ema_decay,
    )  # fmt: skip
    training = dataset(60, 1)
    return Loop(
        model, moved, training=training,
        validation=dataset(40, 2), ngrams=counted(training, ngrams) if ngrams else None,
        settings=chosen, class_weights=class_weights, seed=seed, world=world, round=round,
        rounds=rounds,
    )  # fmt: skip


def epochs(found):
    return [record for record in found.run() if isinstance(record, EpochRecord)]


@pytest.mark.parametrize("ngrams", [0, 3])
def test_learns_what_tells_the_classes_apart(ngrams):
    assert epochs(loop(epochs=8, ngrams=ngrams))[-1].figures["validation_accuracy"] > 0.95


def test_yields_each_step_then_the_validation_then_the_epoch():
    kinds = [type(record) for record in loop(epochs=1).run()]
    assert kinds == [StepRecord] * 8 + [ValidationRecord, EpochRecord, ValidationRecord]


def test_counts_steps_and_real_tokens():
    found = loop(epochs=1)
    steps = [record for record in found.run() if isinstance(record, StepRecord)]
    assert [record.step for record in steps] == list(range(1, 9))
    assert sum(record.tokens for record in steps) == found.training.lengths.sum()
    assert {record.total for record in steps} == {8} == {found.total_steps}


def test_validation_reads_the_ngram_inputs_of_the_whole_table():
    found = loop(epochs=1, ngrams=2)
    list(found.run())
    own = Classifier(found.model.architecture)
    own.load_state_dict(found.kept())
    reviews = found.validation
    expected = classify_all(own, reviews, reviews.lengths, found.ngrams.table)
    np.testing.assert_array_equal(found.judged, expected)


def test_a_later_round_counts_its_epochs_and_steps_on():
    first, second = (loop(epochs=2, rounds=2, round=number) for number in range(2))
    steps = [[r for r in own.run() if isinstance(r, StepRecord)] for own in (first, second)]
    assert [record.step for record in steps[0] + steps[1]] == list(range(1, 33))
    assert {record.total for record in steps[0] + steps[1]} == {32}
    assert [record.lr for record in steps[0]] == [record.lr for record in steps[1]]
    assert [figures["epoch"] for figures in second.position.history] == [3, 4]


def test_keeps_the_weights_of_the_epoch_with_the_lowest_validation_loss():
    found = loop(epochs=6, lr=0.3, patience=None)
    records = epochs(found)
    losses = [record.figures["validation_loss"] for record in records]
    assert found.position.best_epoch == 1 + int(np.argmin(losses))
    assert found.position.best_loss == min(losses)
    assert [record.improved for record in records] == [
        loss == min(losses[: i + 1]) for i, loss in enumerate(losses)
    ]


def test_stops_once_patience_has_run_out():
    found = loop(epochs=50, lr=0.5, patience=2)
    records = epochs(found)
    assert len(records) < 50
    assert found.position.stopped_early
    assert [record.improved for record in records[-2:]] == [False, False]


def test_class_weights_change_both_losses():
    plain = epochs(loop(epochs=1))[0].figures
    weighed = epochs(loop(epochs=1, class_weights=torch.tensor([0.1, 5.0])))[0].figures
    assert plain["training_loss"] != weighed["training_loss"]
    assert plain["validation_loss"] != weighed["validation_loss"]


def test_dropout_is_a_function_of_seed_and_step():
    one, other = (epochs(loop(dropout=0.5)) for _ in range(2))
    assert [r.figures for r in one] == [r.figures for r in other]


def test_a_loss_that_is_no_number_names_step_and_learning_rate():
    found = loop(epochs=1, batch_size=2)
    with torch.no_grad():
        found.model.head.weight.fill_(float("nan"))
    with pytest.raises(DivergedError, match=r"step 20, learning rate") as fault:
        list(found.run())
    assert "training.lr=" in fault.value.hint
