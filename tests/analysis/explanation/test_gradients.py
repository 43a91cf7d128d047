"""Integrated gradients: what they share out is all there is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from support.predictor import predictor

from sentiment_cli.analysis.explanation import gradients
from sentiment_cli.analysis.explanation.gradients import IntegratedGradients
from sentiment_cli.inference.engine import Engine
from sentiment_cli.network.architecture import UNK

IDS = np.array([2, 5, 3, 8, 4, 2, 9], np.int32)
SHAPES = [
    (cell, bidirectional, layers)
    for cell in ("rnn", "lstm", "gru")
    for bidirectional in (False, True)
    for layers in (1, 2)
]


@pytest.fixture(autouse=True, params=[1, 2])
def _threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    torch.set_num_threads(before)


def shared_out(own, ids=IDS, answer=0):
    return IntegratedGradients(own)(ids, answer)


@pytest.mark.parametrize(("cell", "bidirectional", "num_layers"), SHAPES)
def test_the_values_sum_to_the_log_odds_less_those_of_unknown_words(
    cell, bidirectional, num_layers
):
    own = predictor(cell=cell, bidirectional=bidirectional, num_layers=num_layers)
    found = shared_out(own)
    (read,) = own.tokenizer.encode(["x"])
    asked = [read._replace(ids=IDS), read._replace(ids=np.full(len(IDS), UNK, np.int32))]
    probabilities = own.probabilities(asked)[:, 0]
    whole, nothing = np.log(probabilities / (1 - probabilities))
    assert found.complete
    assert found.gap == pytest.approx(found.values.sum() - (whole - nothing), abs=1e-5)
    assert abs(found.gap) <= 0.01 * np.abs(found.values).sum()


def test_a_network_that_is_a_sum_is_shared_out_exactly():
    own = predictor(("bad", "good"))
    integrated = IntegratedGradients(own)
    integrated._model.classify = lambda embedded, _: torch.stack(
        [torch.zeros(len(embedded)), embedded.sum(dim=(1, 2))], dim=1
    )
    vectors = own.engine.weights["embedding.weight"]
    ngrams = own.engine.table.inputs(IDS, np.array([len(IDS)]))
    sums = (vectors[IDS] - vectors[UNK]).sum(axis=1) + ngrams.sum(axis=1)
    np.testing.assert_allclose(integrated(IDS, 1).values, sums / own.config.temperature, rtol=1e-5)


def test_where_vectors_say_nothing_all_is_shared_out_among_ngrams():
    own = predictor()
    engine = own.engine
    vectors = engine.weights["embedding.weight"]
    alike = {**engine.weights, "embedding.weight": np.tile(vectors[UNK], (len(vectors), 1))}
    fewer = replace(engine.table, keys=engine.table.keys[::3], counts=engine.table.counts[::3])
    own.engine = Engine(engine.architecture, alike, fewer, "cpu")
    found = shared_out(own)
    inputs = fewer.inputs(IDS, np.array([len(IDS)]))  # (L, F)
    np.testing.assert_array_equal(found.values != 0, inputs.any(axis=1))
    assert 0 < np.count_nonzero(found.values) < len(IDS)
    assert found.complete


def test_an_unknown_word_is_worth_nothing():
    values = shared_out(predictor(), np.array([4, UNK, 5], np.int32)).values
    assert values[1] == 0.0


def test_a_step_on_the_way_is_found(monkeypatch):
    own = predictor(("bad", "good"), pooling="mean", ngrams=0)
    integrated = IntegratedGradients(own)
    table = torch.tensor(own.engine.weights["embedding.weight"]).double()
    length = (table[IDS] - table[UNK]).norm()

    def steep(embedded, _):
        # From 0 to 1 at a third of the way, within a ten-thousandth of it.
        place = (embedded - table[UNK]).flatten(1).norm(dim=1) / length
        jump = torch.sigmoid(1e5 * (place - 1 / 3))
        return torch.stack([torch.zeros_like(place), jump * own.config.temperature], dim=1)

    integrated._model.classify = steep
    found = integrated(IDS, 1)
    assert found.complete
    assert found.points > 32
    assert found.values.sum() == pytest.approx(1.0, abs=0.02)
    monkeypatch.setattr(gradients, "_MOST", 32)
    assert not integrated(IDS, 1).complete


def test_portions_do_not_change_the_values(monkeypatch):
    whole = shared_out(predictor()).values
    monkeypatch.setattr(gradients, "_TOKENS", 20)
    np.testing.assert_allclose(shared_out(predictor()).values, whole, atol=1e-9)
