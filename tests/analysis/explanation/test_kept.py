"""What is still in the state at the end, against torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.predictor import predictor

from sentiment_cli.analysis.explanation.kept import kept_by_word, remaining
from sentiment_cli.network.replay import Replay

from .recurrence import encoded

IDS = np.array([2, 5, 3, 8, 4, 2, 9, 7])
SHAPES = [(layers, both) for layers in (1, 2) for both in (False, True)]


def replayed(cell, num_layers=1, bidirectional=False):
    engine = predictor(cell=cell, num_layers=num_layers, bidirectional=bidirectional).engine
    return Replay(engine.architecture, engine.weights, engine.table)


def left_of(side, gate, write):
    """Let one word after another write alone, and pass what it wrote through the later gates."""
    length = len(write)
    for word in range(length):
        state = torch.zeros_like(write[0])
        for t in range(length):
            state = gate[t] * state + (write[t] if t == word else 0.0)
        yield state.square().mean().sqrt().item()


@pytest.mark.parametrize(("num_layers", "bidirectional"), SHAPES)
@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_with_gates_it_is_what_the_later_gates_leave(cell, num_layers, bidirectional):
    own = replayed(cell, num_layers, bidirectional)
    kept = kept_by_word(own, own.trace(IDS))
    assert kept.shape == (1 + bidirectional, len(IDS))
    for d, side in enumerate(encoded(own.architecture, own.weights, own.table, IDS)[-1]):
        side = {name: value.flip(0) if d else value for name, value in side.items()}
        if cell == "lstm":
            expected = list(left_of(side, side["f"], side["i"] * side["g"]))
        else:
            expected = list(left_of(side, side["z"], (1 - side["z"]) * side["n"]))
        np.testing.assert_allclose(kept[d], expected[::-1] if d else expected, atol=1e-5)


@pytest.mark.parametrize(("num_layers", "bidirectional"), SHAPES)
def test_without_gates_it_is_the_norm_of_autograds_jacobian(num_layers, bidirectional):
    own = replayed("rnn", num_layers, bidirectional)
    kept = kept_by_word(own, own.trace(IDS))
    last_layer = own.architecture.layer_weights(num_layers - 1)
    for d, side in enumerate(encoded(own.architecture, own.weights, own.table, IDS)[-1]):
        hidden = side["h"].flip(0) if d else side["h"]
        weight_hh = torch.tensor(own.weights[last_layer[d]["weight_hh"]]).double()
        # What is added to W_hh h at each word, read back from the states.
        added = hidden.atanh() - torch.cat([torch.zeros(1, 5), hidden[:-1]]) @ weight_hh.T

        def rest(h, after, added=added, weight_hh=weight_hh):
            for x in added[after + 1 :]:
                h = torch.tanh(x + weight_hh @ h)
            return h

        expected = [
            torch.autograd.functional.jacobian(lambda h, t=t, rest=rest: rest(h, t), hidden[t])
            .square().sum().div(5).sqrt().item()
            for t in range(len(IDS))
        ]  # fmt: skip
        np.testing.assert_allclose(kept[d], expected[::-1] if d else expected, atol=1e-5)
        assert expected[-1] == pytest.approx(1.0)


@pytest.mark.parametrize("cell", ["lstm", "gru"])
def test_what_is_left_of_all_words_is_the_state_at_the_end(cell):
    ((reading,),) = (own := replayed(cell)).trace(IDS).readings
    state = reading.hidden if reading.cell is None else reading.cell
    assert own.cell.has_cell_state == (reading.cell is not None)
    np.testing.assert_allclose(remaining(reading).sum(axis=0), state[-1], atol=1e-5)


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_backward_ends_at_the_first_word(cell):
    # Without n-gram inputs, which a review read backward does not mirror.
    engine = predictor(cell=cell, ngrams=0).engine
    weights = dict(engine.weights)
    for name in engine.weights:
        if name.endswith("_reverse"):
            weights[name] = weights[name.removesuffix("_reverse")]
    mirrored = Replay(engine.architecture, weights)
    forward = kept_by_word(mirrored, mirrored.trace(IDS))[0]
    backward = kept_by_word(mirrored, mirrored.trace(IDS[::-1]))[1]
    np.testing.assert_allclose(forward, backward[::-1], atol=1e-6)
