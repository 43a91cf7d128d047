"""Each hand-written step against PyTorch's own cell."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import nn

from sentiment_cli.network.cells import CELLS, sigmoid

REVIEWS, INPUT, HIDDEN = 4, 6, 5
TORCH_CELLS = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


@pytest.fixture(params=sorted(CELLS))
def name(request):
    return request.param


@pytest.fixture
def torch_cell(name):
    torch.manual_seed(0)
    return TORCH_CELLS[name](INPUT, HIDDEN)


@pytest.fixture
def inputs():
    torch.manual_seed(1)
    return torch.randn(REVIEWS, INPUT)


@pytest.fixture
def state(name):
    torch.manual_seed(2)
    return tuple(torch.randn(REVIEWS, HIDDEN) for _ in range(1 + CELLS[name].has_cell_state))


def preactivations(torch_cell, inputs, hidden):
    """The cell's two linear parts, each cut into its blocks, as PyTorch orders them."""
    blocks = torch_cell.weight_ih.shape[0] // HIDDEN
    projected = nn.functional.linear(inputs, torch_cell.weight_ih, torch_cell.bias_ih)
    recurrent = nn.functional.linear(hidden, torch_cell.weight_hh, torch_cell.bias_hh)
    return projected.chunk(blocks, dim=1), recurrent.chunk(blocks, dim=1)


@pytest.fixture
def stepped(name, torch_cell, inputs, state):
    """The hand-written step on the same weights, in one direction."""
    projected, _ = preactivations(torch_cell, inputs, state[0])
    weights = torch_cell.weight_hh.detach().numpy().reshape(-1, 1, HIDDEN, HIDDEN)
    return CELLS[name].step(
        np.stack([block.detach().numpy()[None] for block in projected]),
        tuple(part.numpy()[None] for part in state),
        weights.swapaxes(2, 3),
        torch_cell.bias_hh.detach().numpy().reshape(-1, 1, 1, HIDDEN),
    )


def test_state_equals_pytorchs(torch_cell, inputs, state, stepped):
    expected = torch_cell(inputs, state if len(state) == 2 else state[0])
    expected = expected if isinstance(expected, tuple) else (expected,)
    for ours, theirs in zip(stepped[0], expected, strict=True):
        np.testing.assert_allclose(ours[0], theirs.detach(), atol=1e-6)


def test_gates_are_the_blocks_that_their_names_say(name, torch_cell, inputs, state, stepped):
    gates = stepped[1]
    assert tuple(gates) == CELLS[name].gates
    projected, recurrent = preactivations(torch_cell, inputs, state[0])
    for place, letter in enumerate(CELLS[name].gates):
        reset = torch.tensor(gates["r"][0]) if letter == "n" else 1.0
        squash = torch.tanh if letter in "gn" else torch.sigmoid
        expected = squash(projected[place] + reset * recurrent[place]).detach()
        np.testing.assert_allclose(gates[letter][0], expected, atol=1e-6)


def test_number_of_blocks_is_pytorchs(name, torch_cell):
    assert CELLS[name].blocks * HIDDEN == torch_cell.weight_hh.shape[0]


def test_sigmoid_is_exact_at_the_ends_and_in_the_middle():
    x = np.array([-1e30, -200.0, 0.0, 200.0, 1e30], np.float32)
    assert sigmoid(x).tolist() == [0.0, 0.0, 0.5, 1.0, 1.0]


def test_single_precision_stays_single(stepped):
    states, gates = stepped
    assert {array.dtype for array in (*states, *gates.values())} == {np.dtype(np.float32)}
