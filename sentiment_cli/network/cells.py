"""The recurrent cells, one step at a time, in NumPy.

Axes: N reviews, H hidden size, D directions, G blocks of a cell's weights.

A step reads one token. It takes the token's projection W_ih x + b_ih, which does not depend on
the past and is computed for all tokens beforehand, and the previous state; it returns the new
state and the gates by name. Each gate is a small network of its own, so its weights are a block
of their own: PyTorch's matrix of G*H rows, cut into G and turned to stand right of the state.

    projected   (G, D, N, H)   W_ih x + b_ih
    weight_hh   (G, D, H, H)   W_hh, transposed within each block
    bias_hh     (G, D, 1, H)   b_hh
    state       (D, N, H)      h, or h and c
    gate        (D, N, H)

Names, letters and the order of the blocks are PyTorch's.
"""

from __future__ import annotations

from typing import NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float32]
State = tuple[Array, ...]
Gates = dict[str, Array]


def sigmoid(x: Array) -> Array:
    """Return 1 / (1 + exp(-x)), written with tanh so that no x overflows."""
    share: Array = 0.5 * np.tanh(0.5 * x) + 0.5
    return share


def rnn_step(
    projected: Array, state: State, weight_hh: Array, bias_hh: Array
) -> tuple[State, Gates]:
    """Read one token with the plain recurrent network.

        h' = tanh(W_ih x + b_ih + W_hh h + b_hh)

    x is the token's vector, h the hidden state before it and h' the one after it. tanh keeps the
    state between -1 and 1. There is no gate: every token rewrites the whole state.

    Elman, Finding Structure in Time, Cognitive Science 14 (1990).
    """
    (h,) = state
    (combined,) = projected + h @ weight_hh + bias_hh
    h = np.tanh(combined)
    return (h,), {}


def lstm_step(
    projected: Array, state: State, weight_hh: Array, bias_hh: Array
) -> tuple[State, Gates]:
    """Read one token with the long short-term memory.

        i = sigmoid(W_ii x + b_ii + W_hi h + b_hi)
        f = sigmoid(W_if x + b_if + W_hf h + b_hf)
        g = tanh(W_ig x + b_ig + W_hg h + b_hg)
        o = sigmoid(W_io x + b_io + W_ho h + b_ho)
        c' = f * c + i * g
        h' = o * tanh(c')

    x is the token's vector, h and c the hidden and the cell state before it, h' and c' those after
    it. The forget gate f says which share of the cell state stays, the input gate i which share of
    the candidate g is written to it, and the output gate o which share of it is shown as h'.

    Hochreiter and Schmidhuber, Long Short-Term Memory, Neural Computation 9 (1997); the forget
    gate: Gers, Schmidhuber and Cummins, Learning to Forget, Neural Computation 12 (2000).
    """
    h, c = state
    i, f, g, o = projected + h @ weight_hh + bias_hh
    i = sigmoid(i)
    f = sigmoid(f)
    g = np.tanh(g)
    o = sigmoid(o)
    c = f * c + i * g
    h = o * np.tanh(c)
    return (h, c), {"i": i, "f": f, "g": g, "o": o}


def gru_step(
    projected: Array, state: State, weight_hh: Array, bias_hh: Array
) -> tuple[State, Gates]:
    """Read one token with the gated recurrent unit.

        r = sigmoid(W_ir x + b_ir + W_hr h + b_hr)
        z = sigmoid(W_iz x + b_iz + W_hz h + b_hz)
        n = tanh(W_in x + b_in + r * (W_hn h + b_hn))
        h' = (1 - z) * n + z * h

    x is the token's vector, h the hidden state before it and h' the one after it. The reset gate r
    says how much of the past the candidate n sees. The update gate z is the share of h that is
    kept, as in PyTorch; the paper gives that letter to the share that is replaced, and applies r
    to h before the product.

    Cho et al., Learning Phrase Representations using RNN Encoder-Decoder, EMNLP 2014.
    """
    (h,) = state
    projected_r, projected_z, projected_n = projected
    recurrent_r, recurrent_z, recurrent_n = h @ weight_hh + bias_hh
    r = sigmoid(projected_r + recurrent_r)
    z = sigmoid(projected_z + recurrent_z)
    n = np.tanh(projected_n + r * recurrent_n)
    h = (1.0 - z) * n + z * h
    return (h,), {"r": r, "z": z, "n": n}


class Step(Protocol):
    """One token read by a cell: the new state, h first, and the gates by name."""

    def __call__(
        self, projected: Array, state: State, weight_hh: Array, bias_hh: Array
    ) -> tuple[State, Gates]:
        """Return the state after the token."""


class Cell(NamedTuple):
    """What the rest of the network must know of a cell."""

    step: Step
    blocks: int
    """Blocks of H rows in each of its weight matrices (G)."""
    gates: tuple[str, ...]
    """Their names in that order. The plain RNN has one block and no gate."""
    has_cell_state: bool
    """Whether its state is h and c, not h alone."""


CELLS: dict[str, Cell] = {
    "rnn": Cell(rnn_step, blocks=1, gates=(), has_cell_state=False),
    "lstm": Cell(lstm_step, blocks=4, gates=("i", "f", "g", "o"), has_cell_state=True),
    "gru": Cell(gru_step, blocks=3, gates=("r", "z", "n"), has_cell_state=False),
}
