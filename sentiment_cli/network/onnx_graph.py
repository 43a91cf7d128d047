"""A saved classifier as an ONNX graph, built node by node: https://onnx.ai/onnx/operators/

Axes: N reviews, L tokens of the longest, E embedding size, F n-gram inputs of a token, H hidden
size, D directions, P pooled size, C classes.

ONNX's recurrent operators take the lengths of the reviews and read each direction within them, so
that padding reaches no state. Their names, letters and order of the blocks are others than
PyTorch's, as is the place of the biases.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.cells import CELLS, Array

if TYPE_CHECKING:
    from onnx import NodeProto

IDS, NGRAMS, LENGTHS, PROBABILITIES = "ids", "ngrams", "lengths", "probabilities"
"""The graph's inputs, (N, L), (N, L, F) and (N,), and its output, (N, C). Without n-grams there is
no input for them."""

_ORDERS: dict[str, tuple[str, ...]] = {
    "rnn": (),
    "lstm": ("i", "o", "f", "g"),
    "gru": ("z", "r", "n"),
}
"""Cell: the order of the blocks in ONNX's operator of that name, by our letters."""

_OPSET, _IR_VERSION = 17, 8  # read by every runtime since 2022
_MOST_PARAMETERS = 2**29 - 2**20  # of a file that a protocol buffer can be
_LEAST = np.float32(np.finfo(np.float32).min)


def onnx_graph(
    architecture: Architecture,
    weights: Mapping[str, Array],
    temperature: float,
    told: Mapping[str, str],
) -> bytes:
    """Return the ONNX file of a classifier.

    Its inputs are ids (N, L), n-gram inputs (N, L, F) and lengths (N,), its output probabilities
    (N, C). What is in `ids` and `ngrams` behind a review's length has no effect.

    Args:
        architecture: the classifier's shape.
        weights: what `architecture.weight_shapes()` names.
        temperature: what the logits are divided by before the softmax.
        told: what the file says of itself, by name.

    Raises:
        ModelError: the weights are more than such a file holds.
    """
    if architecture.num_parameters > _MOST_PARAMETERS:
        raise ModelError(
            f"the network has {architecture.num_parameters:,} weights, and an ONNX file holds "
            f"{_MOST_PARAMETERS:,} at most"
        )
    from onnx import TensorProto, helper

    graph = _Graph()
    states, last = _encoded(graph, architecture, weights)
    pooled = _pooled(graph, architecture, weights, states, last)  # (N, P)
    inputs = [helper.make_tensor_value_info(IDS, TensorProto.INT64, ["reviews", "tokens"])]
    if architecture.ngrams:
        pooled = graph.add("Concat", pooled, _summed(graph), axis=1)  # (N, P+F)
        shape: list[str | int | None] = ["reviews", "tokens", architecture.ngram_dim]
        inputs.append(helper.make_tensor_value_info(NGRAMS, TensorProto.FLOAT, shape))
    inputs.append(helper.make_tensor_value_info(LENGTHS, TensorProto.INT64, ["reviews"]))
    head = [graph.constant(name, weights[name]) for name in ("head.weight", "head.bias")]
    logits = graph.add("Gemm", pooled, *head, transB=1)  # (N, C)
    scale = graph.constant("temperature", np.float32(temperature))
    graph.add("Softmax", graph.add("Div", logits, scale), axis=1, output=PROBABILITIES)
    made = helper.make_graph(
        graph.nodes,
        "sentiment",
        inputs,
        [
            helper.make_tensor_value_info(
                PROBABILITIES, TensorProto.FLOAT, ["reviews", architecture.num_classes]
            )
        ],
        graph.constants,
    )
    model = helper.make_model(
        made, opset_imports=[helper.make_opsetid("", _OPSET)], ir_version=_IR_VERSION
    )
    helper.set_model_props(model, dict(told))
    content: bytes = model.SerializeToString(deterministic=True)
    return content


class _Graph:
    """Nodes and constants, as they are added."""

    def __init__(self) -> None:
        self.nodes: list[NodeProto] = []
        self.constants: list[Any] = []

    def constant(self, name: str, value: Any) -> str:
        """Put a value in, and return its name."""
        from onnx import numpy_helper

        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def add(self, operator: str, *inputs: str, output: str | None = None, **attributes: Any) -> str:
        """Put an operator of one output in, and return the output's name."""
        name = output or f"{operator.lower()}_{len(self.nodes)}"
        self.put(operator, inputs, [name], **attributes)
        return name

    def put(
        self, operator: str, inputs: tuple[str, ...], outputs: list[str], **attributes: Any
    ) -> None:
        """Put an operator in."""
        from onnx import helper

        self.nodes.append(helper.make_node(operator, inputs, outputs, **attributes))

    def axes(self, *axes: int) -> str:
        """Put a list of axes in, once, and return its name."""
        return self._once("axes_" + "_".join(map(str, axes)), np.array(axes, np.int64))

    def number(self, number: int) -> str:
        """Put a number in, once, and return its name."""
        return self._once(f"number_{number}", np.int64(number))

    def _once(self, name: str, value: Any) -> str:
        known = any(constant.name == name for constant in self.constants)
        return name if known else self.constant(name, value)


def _encoded(
    graph: _Graph, architecture: Architecture, weights: Mapping[str, Array]
) -> tuple[str, str]:
    """Add embedding and encoder; return the names of the states (L, N, D*H) and of each direction's
    last one (D, N, H)."""
    table = graph.constant("embedding.weight", weights["embedding.weight"])
    states = graph.add("Gather", table, graph.add("Transpose", IDS, perm=[1, 0]))  # (L, N, E)
    if architecture.ngrams:
        by_step = graph.add("Transpose", NGRAMS, perm=[1, 0, 2])  # (L, N, F)
        states = graph.add("Concat", states, by_step, axis=2)  # (L, N, E+F)
    lengths = graph.add("Cast", LENGTHS, to=6)  # int32
    last = ""
    for layer in range(architecture.num_layers):
        names = architecture.layer_weights(layer)
        own = [
            graph.constant(f"layer{layer}.{kind}", np.stack(arrays))
            for kind, arrays in _directions(architecture.cell, names, weights).items()
        ]
        read, last = f"layer{layer}.states", f"layer{layer}.last"
        exact = {"linear_before_reset": 1} if architecture.cell == "gru" else {}
        graph.put(
            architecture.cell.upper(),
            (states, *own, lengths),
            [read, last],
            hidden_size=architecture.hidden_size,
            direction="bidirectional" if architecture.bidirectional else "forward",
            **exact,
        )
        shape = graph.constant(f"layer{layer}.shape", np.array([0, 0, -1], np.int64))
        side_by_side = graph.add("Transpose", read, perm=[0, 2, 1, 3])  # (L, N, D, H)
        states = graph.add("Reshape", side_by_side, shape)  # (L, N, D*H)
    return states, last


def _directions(
    cell: str, names: list[dict[str, str]], weights: Mapping[str, Array]
) -> dict[str, list[Array]]:
    """Return a layer's W, R and B, each a list over its directions, blocks in ONNX's order."""
    gates = CELLS[cell].gates
    order = [gates.index(gate) for gate in _ORDERS[cell]] or [0]

    def ordered(name: str) -> Array:
        blocks = np.split(weights[name], len(order))
        return np.concatenate([blocks[n] for n in order])

    return {
        "W": [ordered(own["weight_ih"]) for own in names],
        "R": [ordered(own["weight_hh"]) for own in names],
        "B": [np.concatenate([ordered(own["bias_ih"]), ordered(own["bias_hh"])]) for own in names],
    }


def _pooled(
    graph: _Graph,
    architecture: Architecture,
    weights: Mapping[str, Array],
    states: str,
    last: str,
) -> str:
    """Add the pooling, as `network.pooling` does it; return the name of the vectors (N, P)."""
    if architecture.pooling == "last":
        flat = graph.constant("flat", np.array([0, -1], np.int64))
        return graph.add("Reshape", graph.add("Transpose", last, perm=[1, 0, 2]), flat)
    real = _real(graph, states)  # (L, N)
    match architecture.pooling:
        case "mean":
            return _mean(graph, states, real)
        case "max":
            return _max(graph, states, real)
        case "mean+max":
            both = _mean(graph, states, real), _max(graph, states, real)
            return graph.add("Concat", *both, axis=1)
        case _:
            query = graph.constant("pooling.query", weights["pooling.query"])
            scores = graph.add("MatMul", states, query)  # (L, N)
            known = graph.add("Where", real, scores, graph.constant("least", _LEAST))
            return _mix(graph, states, graph.add("Softmax", known, axis=0))


def _summed(graph: _Graph) -> str:
    """Add the sum of the n-gram inputs over each review, divided by the root of its length."""
    by_step = graph.add("Transpose", NGRAMS, perm=[1, 0, 2])  # (L, N, F)
    real = graph.add("Unsqueeze", _real(graph, by_step), graph.axes(2))  # (L, N, 1)
    # Not a product with 0, because whatever is behind a review may be NaN.
    known = graph.add("Where", real, by_step, graph.constant("no_ngram", np.float32(0)))
    total = graph.add("ReduceSum", known, graph.axes(0), keepdims=0)  # (N, F)
    roots = graph.add("Sqrt", graph.add("Cast", LENGTHS, to=1))  # (N,)
    return graph.add("Div", total, graph.add("Unsqueeze", roots, graph.axes(1)))


def _real(graph: _Graph, states: str) -> str:
    """Add the question which tokens (L, N) are no padding."""
    steps = graph.add("Shape", states, start=0, end=1)
    begin, step = (graph.number(n) for n in (0, 1))
    numbers = graph.add("Range", begin, graph.add("Squeeze", steps), step)  # (L,)
    return graph.add("Less", graph.add("Unsqueeze", numbers, graph.axes(1)), LENGTHS)


def _mean(graph: _Graph, states: str, real: str) -> str:
    shares = graph.add(
        "Div", graph.add("Cast", real, to=1), graph.add("Cast", LENGTHS, to=1)
    )  # (L, N)
    return _mix(graph, states, shares)


def _mix(graph: _Graph, states: str, shares: str) -> str:
    """Add the sum of the states (L, N, D*H), weighed by shares (L, N)."""
    weighed = graph.add("Mul", states, graph.add("Unsqueeze", shares, graph.axes(2)))
    return graph.add("ReduceSum", weighed, graph.axes(0), keepdims=0)  # (N, D*H)


def _max(graph: _Graph, states: str, real: str) -> str:
    shown = graph.add("Unsqueeze", real, graph.axes(2))  # (L, N, 1)
    least = graph.constant("least", _LEAST)
    return graph.add("ReduceMax", graph.add("Where", shown, states, least), axes=[0], keepdims=0)
