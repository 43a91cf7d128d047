"""What a cell did with each word, in figures and in the guide's terms."""

from __future__ import annotations

import numpy as np
import pytest

from sentiment_cli.analysis.explanation.steps import TERMS, steps_of
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.replay import Reading

WORDS = ["amazing", "cereal"]


def rows(*values):
    return np.array(values, np.float32)


LSTM = Reading(
    gates={
        "i": rows([0.5, 0.5], [0.25, 1.0]),
        "f": rows([0.9, 0.9], [1.0, 0.5]),
        "g": rows([1.0, -1.0], [0.0, -1.0]),
        "o": rows([1.0, 1.0], [0.5, 0.5]),
    },
    hidden=rows([0.46, -0.46], [0.23, -0.4]),
    cell=rows([0.5, -0.5], [0.5, -1.25]),
)
GRU = Reading(
    gates={"r": rows([0.2, 0.4], [1, 1]), "z": rows([0, 0], [1, 0.5]), "n": rows([1, 1], [0, -1])},
    hidden=rows([1.0, 1.0], [1.0, 0.0]),
    cell=None,
)
RNN = Reading(gates={}, hidden=rows([0.5, 0.5], [-0.5, 0.5]), cell=None)


def test_the_forget_gate_keeps_a_share_of_the_cell_state():
    first, second = steps_of(LSTM, WORDS, backward=False)
    assert "The cell state was empty; the input gate let 50% of “amazing” in" in first.sentence
    # 1.0 * 0.5 + 0.5 * 0.5 of 0.5 + 0.5
    assert second.figures["f"] == pytest.approx(0.75)
    assert second.figures["i"] == pytest.approx(1.0)
    assert second.sentence == (
        "The forget gate kept 75% of the cell state; the input gate let 100% of “cereal” in; "
        "the output gate showed 50% of the cell state."
    )


def test_the_cell_state_is_measured_by_its_largest():
    assert [s.figures["c"] for s in steps_of(LSTM, WORDS, backward=False)] == pytest.approx(
        [0.5 / 0.875, 1.0]
    )


def test_the_update_gate_keeps_a_share_and_lets_the_rest_in():
    first, second = steps_of(GRU, WORDS, backward=False)
    assert first.sentence.startswith("The hidden state was empty; the update gate let 100% of")
    assert second.sentence == (
        "The update gate kept 75% of the hidden state and let 50% of “cereal” in; "
        "the reset gate let the candidate see 100% of the past."
    )


def test_the_plain_network_rewrites_all_of_its_state():
    _, second = steps_of(RNN, WORDS, backward=False)
    assert second.figures["m"] == pytest.approx(0.25)
    assert "by 25% of its range" in second.sentence


@pytest.mark.parametrize("reading", [LSTM, GRU])
def test_backward_begins_at_the_last_word(reading):
    first, last = steps_of(reading, WORDS, backward=True)
    assert "empty" in last.sentence
    assert "empty" not in first.sentence


@pytest.mark.parametrize("reading", [LSTM, GRU, RNN])
def test_every_figure_is_a_share(reading):
    for step in steps_of(reading, WORDS, backward=False):
        assert all(0 <= value <= 1 for value in step.figures.values())


def test_every_gate_has_its_term():
    assert {name for cell in CELLS.values() for name in cell.gates} <= set(TERMS)
