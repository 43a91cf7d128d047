"""The loop of language-model pre-training."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.worlds import together
from torch.nn import functional

from sentiment_cli.config.schema import PretrainingConfig
from sentiment_cli.errors import DivergedError
from sentiment_cli.network.architecture import PAD, UNK, Architecture
from sentiment_cli.network.language_model import LanguageModel
from sentiment_cli.reviews.dataset import TokenDataset
from sentiment_cli.training.optimizer import Optimizer
from sentiment_cli.training.pretraining.loop import (
    PretrainingEpoch,
    PretrainingLoop,
    PretrainingStep,
)
from sentiment_cli.training.pretraining.texts import Texts, passage
from sentiment_cli.training.world import ALONE

VOCABULARY = 12


def dataset(texts):
    return TokenDataset(
        np.concatenate(texts).astype(np.int32),
        np.cumsum([0, *map(len, texts)]),
        np.full(len(texts), -1),
    )


def cyclic(reviews, seed):
    """Texts in which each word tells the next: 2, 3, ..., 11, 2, ... from anywhere."""
    rng = np.random.default_rng(seed)
    return dataset(
        [2 + (rng.integers(10) + np.arange(rng.integers(4, 12))) % 10 for _ in range(reviews)]
    )


def loop(parts=None, held_out=None, bidirectional=True, world=ALONE, **settings):
    torch.manual_seed(0)
    texts = Texts(parts or [cyclic(50, 1), cyclic(30, 2)])
    architecture = Architecture(
        cell="gru", vocab_size=VOCABULARY, embedding_dim=8, hidden_size=16, num_layers=1,
        bidirectional=bidirectional, pooling="max", num_classes=2,
    )  # fmt: skip
    model = LanguageModel(architecture, shares=torch.from_numpy(texts.shares(VOCABULARY)).float())
    optimizer = Optimizer(model, kind="adamw", weight_decay=0.0, clip_norm=1.0, averaging=0.0)
    chosen = {"epochs": 2, "batch_size": 8, "lr": 0.02, "negatives": 5} | settings
    return PretrainingLoop(
        model, optimizer, texts=texts, held_out=Texts([held_out or cyclic(20, 3)]),
        settings=PretrainingConfig(**chosen), seed=0, world=world,
    )  # fmt: skip


def epochs(found):
    return [r.figures for r in found.run() if isinstance(r, PretrainingEpoch)]


@pytest.mark.parametrize("bidirectional", [True, False])
def test_learns_a_language_in_which_each_word_tells_the_next(bidirectional):
    figures = epochs(loop(bidirectional=bidirectional, epochs=12))
    assert figures[0]["validation_loss"] < np.log(10)
    assert figures[-1]["validation_loss"] < 0.05
    assert figures[-1]["loss"] < 0.05


@pytest.mark.parametrize("size", [2, 3])
def test_on_several_processes_it_learns_the_same(size):
    alone = epochs(loop(batch_size=9))  # the last batch has fewer reviews than processes may be
    for own in together(size, lambda world: loop(batch_size=9, world=world), epochs):
        for one, other in zip(alone, own, strict=True):
            assert other == pytest.approx(one, abs=1e-4)


def test_cannot_learn_what_nothing_tells():
    rng = np.random.default_rng(0)
    noise, other = (
        dataset([rng.integers(2, VOCABULARY, size=8) for _ in range(reviews)])
        for reviews in (200, 100)
    )
    figures = epochs(loop([noise], other, epochs=4))
    assert figures[-1]["validation_loss"] > 0.95 * np.log(10)


def test_a_step_moves_no_row_but_those_of_its_reviews_and_negatives():
    found = loop([dataset([np.array([2, 3, 4]), np.array([3, 4, 5])])], batch_size=2)
    found._chances = np.isin(np.arange(VOCABULARY), [3, 9]).astype(np.float64)
    before = found.model.embedding.weight.detach().clone()
    list(found.run())
    moved = (found.weights()["embedding.weight"] != before).any(dim=1)
    assert moved.nonzero().flatten().tolist() == [2, 3, 4, 5, 9]


def test_the_gradient_is_that_of_the_whole_softmax_where_all_words_are_negatives():
    found = loop(negatives=VOCABULARY)
    model = found.model
    for projection in model.projections:
        torch.nn.init.normal_(projection.weight)
    batch = passage([found.texts[i] for i in range(4)], np.arange(1, VOCABULARY))
    table = model.embedding.weight.detach()[batch.rows].requires_grad_()
    found._summed(table, batch, torch.zeros(VOCABULARY - 1)).backward()
    dense = model.embedding.weight
    losses = []
    for query, target in model.queries(batch.rows[batch.ids], batch.lengths):
        logits = query @ dense.T + model.log_shares
        losses.append(
            functional.cross_entropy(
                logits.flatten(0, 1), target.flatten(), ignore_index=PAD, reduction="sum"
            )
        )
    (gradient,) = torch.autograd.grad(sum(losses), dense)
    torch.testing.assert_close(table.grad[UNK:], gradient[batch.rows][UNK:])


def test_counts_steps_and_tokens_of_all_parts():
    found = loop(epochs=1)
    steps = [record for record in found.run() if isinstance(record, PretrainingStep)]
    assert [record.step for record in steps] == list(range(1, 11))
    assert {record.total for record in steps} == {10} == {found.total_steps}
    assert sum(record.tokens for record in steps) == found.texts.lengths.sum()
    assert steps[-1].loss == found.position.history[0]["loss"]


def test_all_is_a_function_of_the_seed():
    assert epochs(loop()) == epochs(loop())


def test_reviews_of_one_token_teach_nothing_and_harm_nothing():
    single = dataset([np.array([2])] * 9)
    (figures,) = epochs(loop([single], single, epochs=1))
    assert figures == {"epoch": 1, "loss": 0.0, "validation_loss": 0.0}


def test_weights_that_are_no_numbers_name_step_and_setting():
    found = loop()
    with torch.no_grad():
        found.model.encoder.bias_hh_l0.fill_(float("nan"))
    with pytest.raises(DivergedError, match="step 10,") as fault:
        list(found.run())
    assert "pretraining.lr=" in fault.value.hint
