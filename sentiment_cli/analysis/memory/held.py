"""The same network with a gate that no longer moves, or without its tanh.

Axes: H hidden size, D directions.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.network.cells import CELLS, Array, Gates, State

if TYPE_CHECKING:
    from sentiment_cli.network.architecture import Architecture

_OPEN = 100.0  # sigmoid of it is 1 to the last digit, and of its opposite 0


def hold(
    architecture: Architecture, weights: Mapping[str, Array], gate: str, values: NDArray[Any]
) -> dict[str, Array]:
    """Return weights with which a gate has the same values at every word.

    A gate is sigmoid(W_i x + b_i + W_h h + b_h): without its rows of W_i, W_h and b_h it is
    sigmoid(b_i), whatever is read. So any network that reads the weights reads them altered.

    Args:
        architecture: of the network.
        weights: by name; they stay as they are.
        gate: one of the cell's sigmoid gates, by its letter.
        values: between 0 and 1, by layer, direction and unit, (layers, D, H).
    """
    hidden = architecture.hidden_size
    begin = CELLS[architecture.cell].gates.index(gate) * hidden
    rows = slice(begin, begin + hidden)
    values = np.clip(values, 0.0, 1.0)  # a mean may lie beyond by a rounding error
    with np.errstate(divide="ignore"):
        biases = np.clip(np.log(values) - np.log1p(-values), -_OPEN, _OPEN)
    altered = dict(weights)
    for layer in range(architecture.num_layers):
        for direction, names in enumerate(architecture.layer_weights(layer)):
            for kind, name in names.items():
                altered[name] = weights[name].copy()
                altered[name][rows] = biases[layer, direction] if kind == "bias_ih" else 0.0
    return altered


def without_direct_sum(
    architecture: Architecture, weights: Mapping[str, Array]
) -> dict[str, Array]:
    """Return weights with which the head does not read the sum of the n-gram inputs."""
    head = weights["head.weight"].copy()  # (C, P+F)
    head[:, architecture.pooled_dim :] = 0
    return {**weights, "head.weight": head}


def untamed_step(
    projected: Array, state: State, weight_hh: Array, bias_hh: Array
) -> tuple[State, Gates]:
    """Read one token with the plain recurrent network that lacks its tanh.

    h' = W_ih x + b_ih + W_hh h + b_hh
    """
    (h,) = state
    (h,) = projected + h @ weight_hh + bias_hh
    return (h,), {}
