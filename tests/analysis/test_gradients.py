"""Integrated gradients: what they share out is all there is."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.predictor import predictor

from sentiment_cli.analysis import gradients
from sentiment_cli.analysis.gradients import integrated_gradients

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


@pytest.mark.parametrize(("cell", "bidirectional", "num_layers"), SHAPES)
def test_the_values_sum_to_the_probability_less_that_of_nothing(cell, bidirectional, num_layers):
    own = predictor(cell=cell, bidirectional=bidirectional, num_layers=num_layers)
    found = integrated_gradients(own, IDS, 1)
    model = own.engine.use_torch()
    nothing = torch.zeros(1, len(IDS), 6)
    with torch.no_grad():
        logits = model.classify(nothing, torch.tensor([len(IDS)])) / own.config.temperature
    whole = own.probabilities([own.tokenizer.encode(["x"])[0]._replace(ids=IDS)])[0, 1]
    expected = whole - logits.softmax(dim=1)[0, 1].item()
    assert found.complete
    assert abs(found.values.sum() - expected) <= 0.01 * np.abs(found.values).sum() + 1e-6
    assert found.gap == pytest.approx(found.values.sum() - expected, abs=1e-6)


def test_a_network_that_is_a_sum_is_shared_out_exactly():
    own = predictor(("bad", "good"), pooling="mean")
    model = own.engine.use_torch()
    own.config = type(own.config)(**{**_fields(own.config), "temperature": 1000.0})
    # So hot that the probability is all but linear in the logits, whose sum is what is left.
    model.classify = lambda embedded, _: torch.stack(
        [torch.zeros(len(embedded)), embedded.sum(dim=(1, 2))], dim=1
    )
    found = integrated_gradients(own, IDS, 1)
    sums = own.engine.weights["embedding.weight"][IDS].sum(axis=1)
    np.testing.assert_allclose(found.values, sums / 4000.0, rtol=1e-3, atol=1e-7)


def test_steps_are_doubled_until_they_are_complete(monkeypatch):
    monkeypatch.setattr(gradients, "_FEWEST", 1)
    monkeypatch.setattr(gradients, "COMPLETE", 1.0)
    rough = integrated_gradients(predictor(), IDS, 0)
    monkeypatch.setattr(gradients, "COMPLETE", rough.share / 2)
    fine = integrated_gradients(predictor(), IDS, 0)
    assert rough.steps == 1 < fine.steps
    assert fine.complete


def test_what_is_never_complete_says_so(monkeypatch):
    monkeypatch.setattr(gradients, "COMPLETE", -1.0)
    monkeypatch.setattr(gradients, "_MOST", 64)
    found = integrated_gradients(predictor(), IDS, 0)
    assert not found.complete
    assert found.steps == 64


def test_portions_do_not_change_the_values(monkeypatch):
    whole = integrated_gradients(predictor(), IDS, 0)
    monkeypatch.setattr(gradients, "_TOKENS", 20)
    np.testing.assert_allclose(
        integrated_gradients(predictor(), IDS, 0).values, whole.values, atol=1e-6
    )


def _fields(config):
    return {name: getattr(config, name) for name in config.__dataclass_fields__}
