"""A gate that no longer moves, and a network without its tanh."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from network.samples import VOCABULARY, architecture, classifier, padded

from sentiment_cli.analysis.memory.held import hold, untamed_step
from sentiment_cli.network.classifier import load_arrays, state_to_arrays
from sentiment_cli.network.replay import Replay

GATES = [("lstm", "i"), ("lstm", "f"), ("lstm", "o"), ("gru", "r"), ("gru", "z")]


def network(cell, **changes):
    model = classifier(architecture(cell=cell, **changes))
    return model, model.architecture, state_to_arrays(model)


def reviews(number=12, longest=20):
    rng = np.random.default_rng(2)
    return [
        rng.integers(1, VOCABULARY, rng.integers(1, longest + 1)).astype(np.int32)
        for _ in range(number)
    ]


@pytest.mark.parametrize(("cell", "gate"), GATES)
def test_a_held_gate_has_its_value_at_every_word(cell, gate):
    _, shape, weights = network(cell, num_layers=2)
    values = np.random.default_rng(0).uniform(size=(2, 2, shape.hidden_size))
    values[0, 0, :2] = 0.0, 1.0
    trace = Replay(shape, hold(shape, weights, gate, values)).trace(reviews()[0])
    for layer, directions in enumerate(trace.readings):
        for direction, reading in enumerate(directions):
            held = np.broadcast_to(values[layer, direction], reading.gates[gate].shape)
            np.testing.assert_allclose(reading.gates[gate], held, atol=1e-6)
    assert set(trace.readings[0][0].gates[gate][:, :2].flatten()) == {0.0, 1.0}


@pytest.mark.parametrize(("cell", "gate"), GATES)
def test_holding_what_never_moves_changes_nothing(cell, gate):
    _, shape, weights = network(cell)
    values = np.random.default_rng(0).uniform(size=(1, 2, shape.hidden_size))
    still = hold(shape, weights, gate, values)
    before = Replay(shape, still)(reviews())
    trace = Replay(shape, still).trace(reviews()[0])
    as_read = np.array([[reading.gates[gate][0] for reading in trace.readings[0]]])
    after = Replay(shape, hold(shape, still, gate, as_read.astype(float)))(reviews())
    np.testing.assert_allclose(after, before, atol=1e-5)


@pytest.mark.parametrize(("cell", "gate"), GATES)
def test_torch_reads_the_altered_weights_alike(cell, gate):
    model, shape, weights = network(cell, num_layers=2)
    altered = hold(shape, weights, gate, np.ones((2, 2, shape.hidden_size)))
    load_arrays(model, altered)
    with torch.inference_mode():
        expected = model(*padded([ids.tolist() for ids in reviews()])).numpy()
    np.testing.assert_allclose(Replay(shape, altered)(reviews()), expected, atol=1e-5)


def test_the_weights_themselves_stay_as_they_are():
    _, shape, weights = network("lstm")
    copies = {name: array.copy() for name, array in weights.items()}
    hold(shape, weights, "f", np.ones((1, 2, shape.hidden_size)))
    for name, array in weights.items():
        np.testing.assert_array_equal(array, copies[name])


def test_without_tanh_a_state_is_the_sum_of_what_was_read():
    _, shape, weights = network("rnn", bidirectional=False, pooling="last")
    weights["encoder.weight_hh_l0"] = np.eye(shape.hidden_size, dtype=np.float32)
    weights["encoder.bias_hh_l0"] = np.zeros(shape.hidden_size, np.float32)
    (ids,) = reviews(1)
    projected = weights["embedding.weight"][ids] @ weights["encoder.weight_ih_l0"].T
    expected = (projected + weights["encoder.bias_ih_l0"]).cumsum(axis=0)
    trace = Replay(shape, weights, step=untamed_step).trace(ids)
    np.testing.assert_allclose(trace.output, expected, rtol=1e-4, atol=1e-5)
