"""What a gate buys."""

from __future__ import annotations

import numpy as np
import pytest
from network.samples import VOCABULARY, architecture, classifier

from sentiment_cli.analysis.memory.held import hold
from sentiment_cli.analysis.memory.surgery import operate
from sentiment_cli.network.classifier import state_to_arrays
from sentiment_cli.network.replay import Replay


def operated(cell):
    """A network, its weights, reviews, and its own answers to them as their classes."""
    shape = architecture(cell=cell, bidirectional=False, pooling="last")
    weights = state_to_arrays(classifier(shape))
    rng = np.random.default_rng(2)
    sequences = [
        rng.integers(1, VOCABULARY, rng.integers(1, 21)).astype(np.int32) for _ in range(40)
    ]
    return shape, weights, sequences, Replay(shape, weights)(sequences).argmax(axis=1)


def test_accuracies_are_those_of_the_altered_networks():
    shape, weights, sequences, answers = operated("lstm")
    found = operate(shape, weights, None, sequences, answers)
    assert found.accuracy == 1.0
    assert list(found.altered) == [
        "forget_gate_1", "forget_gate_0", "forget_gate_mean", "input_gate_1", "input_gate_mean",
    ]  # fmt: skip
    ones = np.ones((1, 1, shape.hidden_size))
    other = Replay(shape, hold(shape, weights, "f", ones))(sequences).argmax(axis=1)
    one = found.altered["forget_gate_1"]
    assert one.accuracy == pytest.approx((other == answers).mean())
    assert one.difference == pytest.approx(one.accuracy - 1.0)
    assert one.difference_interval[0] <= one.difference <= one.difference_interval[1]


def test_an_update_gate_that_keeps_all_leaves_one_answer():
    shape, weights, sequences, answers = operated("gru")
    found = operate(shape, weights, None, sequences, answers)
    always = weights["head.bias"].argmax()
    assert found.altered["update_gate_1"].accuracy == pytest.approx((answers == always).mean())
    assert found.altered["update_gate_mean"].overflows == 0


def test_without_tanh_a_small_recurrence_explodes():
    shape, weights, sequences, answers = operated("rnn")
    weights["encoder.weight_hh_l0"] = np.eye(shape.hidden_size, dtype=np.float32) * 1000
    found = operate(shape, weights, None, [np.resize(ids, 30) for ids in sequences], answers)
    one = found.altered["no_tanh"]
    assert one.overflows == len(sequences)
    assert one.accuracy == 0.0
    assert one.largest_state is None
