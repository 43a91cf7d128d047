"""One review, explained: every value from the saved weights."""

from __future__ import annotations

import json

import numpy as np
import pytest
from support.predictor import predictor

from sentiment_cli.analysis.explanation.attribution import together
from sentiment_cli.analysis.explanation.record import explain

from .recurrence import encoded

TEXT = "A crunchy box, the milk is GOOD!"


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_gates_and_states_equal_torchs(cell, bidirectional, num_layers):
    own = predictor(cell=cell, bidirectional=bidirectional, num_layers=num_layers)
    report = explain(own, TEXT).report()
    ids = own.tokenizer.encode([TEXT])[0].ids
    expected = encoded(own.engine.architecture, own.engine.weights, own.engine.table, ids)
    values = report["gates"] | report["states"]
    assert set(values) == set(expected[0][0])
    for name, layers in values.items():
        for ours, theirs in zip(layers, expected, strict=True):
            for side, known in zip(ours, theirs, strict=True):
                np.testing.assert_allclose(side, known[name], atol=1e-5)


def test_every_name_has_a_value_for_every_word():
    report = explain(predictor(), TEXT).report()
    assert report["tokens"] == ["A", "crunchy", "box", ",", "the", "milk", "is", "GOOD", "!"]
    assert report["unknown"] == [3, 6]
    for values in (report["running"], report["contributed"], *report["kept"]):
        assert len(values) == 9
    assert len(report["kept"]) == 2
    assert set(report["scores"]) == {"kept", "contributed", "random", "last"}
    json.dumps(report, allow_nan=False)


def test_the_running_verdict_ends_at_the_answer():
    explanation = explain(predictor(), TEXT)
    assert explanation.running[-1] == pytest.approx(explanation.prediction.probability, abs=1e-6)


@pytest.mark.parametrize(
    ("text", "flag"), [("", "empty"), ("zebra", "unknown"), ("a " * 40, "truncated")]
)
def test_any_text_is_explained(text, flag):
    report = explain(predictor(), text).report()
    assert flag in report["flags"]
    assert len(report["running"]) == len(report["tokens"]) == (12 if flag == "truncated" else 1)


def test_both_directions_together_are_one_state():
    assert together(np.array([[3.0, 0.0], [4.0, 0.0]])) == pytest.approx([12.5**0.5, 0.0])
