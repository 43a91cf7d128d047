"""What a gate buys: the accuracy of the same network with that gate held still.

Axes: N reviews, L tokens, H hidden size, D directions, C classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_cli import metrics
from sentiment_cli.analysis.memory.held import hold, untamed_step
from sentiment_cli.network.cells import Array
from sentiment_cli.network.replay import Replay

if TYPE_CHECKING:
    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.network.ngram_inputs import NgramTable

Ids = NDArray[np.int32]


class _Held(NamedTuple):
    """An alteration: its name, what it does, the gate's letter, and the value that it is held at.

    No value stands for each unit's mean.
    """

    name: str
    what: str
    gate: str
    value: float | None


_HELD: dict[str, tuple[_Held, ...]] = {
    "rnn": (),
    "lstm": (
        _Held("forget_gate_1", "forget gate at 1: keeps all", "f", 1.0),
        _Held("forget_gate_0", "forget gate at 0: keeps nothing", "f", 0.0),
        _Held("forget_gate_mean", "forget gate at its mean: does not choose", "f", None),
        _Held("input_gate_1", "input gate at 1: lets all in", "i", 1.0),
        _Held("input_gate_mean", "input gate at its mean: does not choose", "i", None),
    ),
    "gru": (
        _Held("update_gate_1", "update gate at 1: keeps all, adds nothing", "z", 1.0),
        _Held("update_gate_0", "update gate at 0: keeps nothing", "z", 0.0),
        _Held("update_gate_mean", "update gate at its mean: does not choose", "z", None),
    ),
}


@dataclass(frozen=True, slots=True)
class Altered:
    """How an altered network does on the same reviews.

    Args:
        what: the alteration, in plain words.
        accuracy: share of right answers; one that is no number is wrong.
        difference: accuracy less that of the untouched network.
        difference_interval: at 95%.
        overflows: reviews with an answer that is no number.
        largest_state: of the network without tanh, the largest value in the state after the last
            word, the median over reviews; None where that is no number.
    """

    what: str
    accuracy: float
    difference: float
    difference_interval: metrics.Interval
    overflows: int
    largest_state: float | None = None


@dataclass(frozen=True, slots=True)
class Surgery:
    """The untouched network's accuracy, and that of each alteration by name."""

    accuracy: float
    altered: dict[str, Altered]


def operate(
    architecture: Architecture,
    weights: Mapping[str, Array],
    table: NgramTable | None,
    sequences: Sequence[Ids],
    labels: NDArray[np.int64],
) -> Surgery:
    """Return what happens to the accuracy on N reviews once a gate no longer moves.

    A gate held at 1 lets everything through, at 0 nothing; held at its mean, each unit's own over
    all words, it still lets through what it does on average but no longer chooses by the word.
    The LSTM's forget and input gate (Gers, Schmidhuber and Cummins 2000; Hochreiter and
    Schmidhuber 1997), the GRU's update gate (Cho et al. 2014; here z is the share that is kept,
    so that at 1 nothing is ever taken in). The plain RNN has no gate; it is read without its tanh,
    which leaves h' = W_ih x + b_ih + W_hh h + b_hh: a product of W_hh with itself, which grows
    without bound where W_hh has an eigenvalue beyond 1.

    All layers and directions are altered alike. Nothing is trained again: this is what the network
    as it is owes to the gate, not what a network without that gate could learn.
    """
    untouched = Replay(architecture, weights, table)
    right = _logits(untouched, sequences).argmax(axis=1) == labels  # (N,)
    altered = {}
    held = _HELD[architecture.cell]
    means = _mean_gates(untouched, sequences) if held else {}
    for name, what, gate, value in held:
        at = means[gate] if value is None else np.full_like(means[gate], value)
        other = Replay(architecture, hold(architecture, weights, gate, at), table)
        altered[name] = _compared(what, _logits(other, sequences), labels, right)
    if architecture.cell == "rnn":
        untamed = Replay(architecture, weights, table, untamed_step)
        altered["no_tanh"] = replace(
            _compared("without tanh", _logits(untamed, sequences), labels, right),
            largest_state=_largest_state(untamed, sequences),
        )
    return Surgery(float(right.mean()), altered)


def _logits(replay: Replay, sequences: Sequence[Ids]) -> Array:
    with np.errstate(all="ignore"):
        return replay(sequences)


def _compared(
    what: str, logits: Array, labels: NDArray[np.int64], untouched: NDArray[np.bool_]
) -> Altered:
    finite = np.isfinite(logits).all(axis=1)
    right = finite & (logits.argmax(axis=1) == labels)
    difference, interval = metrics.paired_difference(right, untouched)
    return Altered(what, float(right.mean()), difference, interval, int((~finite).sum()))


def _mean_gates(replay: Replay, sequences: Sequence[Ids]) -> dict[str, NDArray[np.float64]]:
    """Return each gate's mean over all words, (layers, D, H)."""
    sums: dict[str, Any] = dict.fromkeys(replay.cell.gates, 0.0)
    for ids in sequences:
        readings = replay.trace(ids).readings
        for name in sums:
            sums[name] += np.array(
                [[one.gates[name].sum(axis=0) for one in layer] for layer in readings]
            )
    words = sum(map(len, sequences))
    return {name: total / words for name, total in sums.items()}


def _largest_state(replay: Replay, sequences: Sequence[Ids]) -> float | None:
    with np.errstate(all="ignore"):
        ends = [abs(replay.trace(ids).output[-1]).max() for ids in sequences]
    median = float(np.median(np.nan_to_num(ends, nan=np.inf)))
    return median if np.isfinite(median) else None
