"""What a cell did with each word: the figures that its drawing shows, and a sentence in words.

Axes: L words, H hidden size.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.network.replay import Reading

Figures = dict[str, float]

TERMS = {
    "f": "forget gate",
    "i": "input gate",
    "g": "candidate",
    "o": "output gate",
    "z": "update gate",
    "r": "reset gate",
    "n": "candidate",
    "c": "cell state",
    "h": "hidden state",
}
"""What each letter of `network.cells` stands for, in the order in which they are told."""


class Step(NamedTuple):
    """One word read by one layer in one direction.

    Args:
        figures: shares from 0 to 1 by letter. Of a gate that multiplies a state or a candidate,
            what it let through: sum of |gate * value| over sum of |value|, over the units. Of a
            candidate or a state, its mean size; a cell state's, over the largest in the review.
        sentence: what the gates did.
    """

    figures: Figures
    sentence: str


def steps_of(reading: Reading, words: Sequence[str], *, backward: bool) -> list[Step]:
    """Return a layer's steps in one direction, in the order of the text."""
    order = range(len(words))[:: -1 if backward else 1]
    nothing = np.zeros_like(reading.hidden[0])
    before = before_cell = nothing
    steps: dict[int, Step] = {}
    largest = 1.0 if reading.cell is None else float(np.abs(reading.cell).mean(axis=1).max()) or 1.0
    for t in order:
        gates = {name: gate[t] for name, gate in reading.gates.items()}
        after = reading.hidden[t]
        word = f"“{words[t]}”"
        if reading.cell is not None:
            steps[t] = _lstm(gates, before_cell, reading.cell[t], after, largest, word)
            before_cell = reading.cell[t]
        elif gates:
            steps[t] = _gru(gates, before, after, word)
        else:
            steps[t] = _rnn(before, after, word)
        before = after
    return [steps[t] for t in range(len(words))]


def _lstm(
    gates: dict[str, NDArray[np.float32]],
    before: NDArray[np.float32],
    cell: NDArray[np.float32],
    hidden: NDArray[np.float32],
    largest: float,
    word: str,
) -> Step:
    figures = {
        "f": _passed(gates["f"], before),
        "i": _passed(gates["i"], gates["g"]),
        "g": _size(gates["g"]),
        "o": _passed(gates["o"], np.tanh(cell)),
        "c": _size(cell) / largest,
        "h": _size(hidden),
    }
    began = (
        f"the forget gate kept {figures['f']:.0%} of the cell state"
        if before.any()
        else "the cell state was empty"
    )
    return Step(
        figures,
        f"{_capital(began)}; the input gate let {figures['i']:.0%} of {word} in; "
        f"the output gate showed {figures['o']:.0%} of the cell state.",
    )


def _gru(
    gates: dict[str, NDArray[np.float32]],
    before: NDArray[np.float32],
    hidden: NDArray[np.float32],
    word: str,
) -> Step:
    figures = {
        "r": float(gates["r"].mean()),
        "z": _passed(gates["z"], before),
        "n": _size(gates["n"]),
        "w": _passed(1.0 - gates["z"], gates["n"]),
        "h": _size(hidden),
    }
    began = (
        f"the update gate kept {figures['z']:.0%} of the hidden state and"
        if before.any()
        else "the hidden state was empty; the update gate"
    )
    return Step(
        figures,
        f"{_capital(began)} let {figures['w']:.0%} of {word} in; "
        f"the reset gate let the candidate see {figures['r']:.0%} of the past.",
    )


def _rnn(before: NDArray[np.float32], hidden: NDArray[np.float32], word: str) -> Step:
    moved = float(np.abs(hidden - before).mean()) / 2
    return Step(
        {"m": moved, "h": _size(hidden)},
        f"No gate: {word} and the hidden state were combined, and tanh rewrote all of it, "
        f"by {moved:.0%} of its range.",
    )


def _passed(gate: NDArray[np.float32], value: NDArray[np.float32]) -> float:
    """Return the share of a value that a gate let through; of nothing, the gate's mean."""
    whole = float(np.abs(value).sum())
    return float(np.abs(gate * value).sum()) / whole if whole else float(gate.mean())


def _size(value: NDArray[np.float32]) -> float:
    return float(np.abs(value).mean())


def _capital(sentence: str) -> str:
    return sentence[0].upper() + sentence[1:]
