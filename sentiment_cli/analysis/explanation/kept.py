"""How much of what each word wrote is still in the state at the end.

Axes: D directions, L words, H hidden size. A direction's end is where it stops to read: the last
word forward, the first word backward.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentiment_cli.network.replay import Reading, Replay, Trace

Values = NDArray[np.float64]


def kept_by_word(replay: Replay, trace: Trace) -> Values:
    """Return how much of each word the last layer's state holds at the end, (D, L).

    Root mean square over the units. With gates: of what the word wrote and the end still holds, in
    the unit of the state (`remaining`). Without: of the Jacobian's rows, so that 1 is a state that
    arrives as it was (`remembered_by_tanh`).
    """
    kept = []
    names = replay.architecture.layer_weights(replay.architecture.num_layers - 1)
    for d, reading in enumerate(trace.readings[-1]):
        reading = _turned(reading) if d else reading
        if reading.gates:
            amount = np.sqrt(np.square(remaining(reading)).mean(axis=1))  # (L,)
        else:
            weight_hh = replay.weights[names[d]["weight_hh"]]
            amount = remembered_by_tanh(reading, weight_hh)  # (L,)
        kept.append(amount[::-1] if d else amount)
    return np.stack(kept)


def remaining(reading: Reading) -> Values:
    """Return what is left at the end of what each word wrote, unit by unit, (L, H).

    With t a word and s each word read after it:

        LSTM    i_t * g_t * product of f_s
        GRU     (1 - z_t) * n_t * product of z_s

    Letters and equations are those of `network.cells`. The state after a word is what the gate
    leaves of the state before it, and what the word writes. Written out to the beginning, the state
    at the end, c of an LSTM and h of a GRU, is the sum of these rows.
    """
    gates = {name: gate.astype(np.float64) for name, gate in reading.gates.items()}
    if "f" in gates:
        written, passed = gates["i"] * gates["g"], gates["f"]
    else:
        written, passed = (1.0 - gates["z"]) * gates["n"], gates["z"]
    later = np.cumprod(passed[::-1], axis=0)[::-1]  # (L, H): the product from t on
    later = np.concatenate([later[1:], np.ones_like(later[:1])])
    return np.asarray(written * later)


def remembered_by_tanh(reading: Reading, weight_hh: NDArray[np.float32]) -> Values:
    """Return how strongly the last state of a plain RNN still depends on each state, (L,).

        d h_L / d h_t = product over s = L, ..., t+1 of diag(1 - h_s ** 2) W_hh

    h_s is the state after word s and W_hh (H, H) the recurrent weight. The norm is Frobenius's over
    the root of H: the root mean square gain of a change of h_t.

    Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks, ICML 2013.
    """
    hidden = reading.hidden.astype(np.float64)
    jacobian = np.eye(hidden.shape[1])
    norms = np.empty(len(hidden))
    with np.errstate(all="ignore"):  # weights from a stranger may lead beyond any number
        for t in reversed(range(len(hidden))):
            norms[t] = np.linalg.norm(jacobian)
            jacobian = (jacobian * (1.0 - hidden[t] ** 2)) @ weight_hh
    gains: Values = np.nan_to_num(norms / np.sqrt(hidden.shape[1]))
    return gains


def _turned(reading: Reading) -> Reading:
    """Return a backward reading in the order in which it was read."""
    return type(reading)(
        gates={name: gate[::-1] for name, gate in reading.gates.items()},
        hidden=reading.hidden[::-1],
        cell=None if reading.cell is None else reading.cell[::-1],
    )
