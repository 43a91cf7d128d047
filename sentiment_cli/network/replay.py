"""The saved classifier in NumPy: answers at once, and shows what its gates did.

Axes: N reviews, T tokens of all of them, L tokens of one, E embedding size, F n-gram inputs of a
token, H hidden size, D directions, P pooled size, G blocks of a cell's weights, C classes.

Reviews are read side by side without padding. The longest comes first, so that the reviews that
still have a token at a step are always the first ones, and the tokens of a step lie side by side.
Both directions run in the same step, each with its own weights and its own order of the tokens.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.cells import CELLS, Array, Gates, State, Step
from sentiment_cli.network.ngram_inputs import NgramTable

Ids = NDArray[np.integer]


@dataclass(frozen=True, slots=True)
class Reading:
    """What one layer did as it read one review in one direction; row t belongs to token t."""

    gates: Gates
    """Each gate by name, (L, H)."""

    hidden: Array
    """The state h after each token, (L, H)."""

    cell: Array | None
    """The cell state c after each token, (L, H), where the cell has one."""


@dataclass(frozen=True, slots=True)
class Trace:
    """One review's way through the network."""

    readings: tuple[tuple[Reading, ...], ...]
    """By layer, then by direction: forward, backward."""

    output: Array
    """The last layer's states, both directions side by side, (L, D*H)."""

    ngrams: Array
    """Each token's n-gram inputs, (L, F)."""

    logits: Array
    """One a class, (C,)."""


class _Layer(NamedTuple):
    """A layer's weights, cut into blocks and turned to stand right of what they multiply."""

    weight_ih: Array  # (G, D, E+F or D*H, H)
    weight_hh: Array  # (G, D, H, H)
    bias_ih: Array  # (G, D, 1, H)
    bias_hh: Array  # (G, D, 1, H)


class _Order(NamedTuple):
    """In which order tokens are read; N reviews lie one after another, the longest first."""

    tokens: NDArray[np.intp]  # (D, T): step after step, which of the T tokens is read
    counts: list[int]  # how many reviews have a token at each step


class Replay:
    """A classifier read from its weights.

    Args:
        architecture: the classifier's shape.
        weights: what `architecture.weight_shapes()` names.
        table: counts of n-grams; None without n-gram inputs.
        step: reads a token in place of the cell's own step.
    """

    tokens_at_once = 8192
    """Reviews of about so many tokens run side by side: more would gain no time and cost memory."""

    def __init__(
        self,
        architecture: Architecture,
        weights: Mapping[str, Array],
        table: NgramTable | None = None,
        step: Step | None = None,
    ) -> None:
        self.architecture = architecture
        self.weights = weights
        self.table = table
        self.cell = CELLS[architecture.cell]
        if step is not None:
            self.cell = self.cell._replace(step=step)
        self._layers = [
            self._stack(architecture.layer_weights(layer))
            for layer in range(architecture.num_layers)
        ]

    def __call__(self, sequences: Sequence[Ids]) -> Array:
        """Return the logits (N, C) of reviews of at least one token id each."""
        lengths = np.array([len(ids) for ids in sequences])
        longest_first = np.argsort(-lengths, kind="stable")
        logits = np.empty((len(sequences), self.architecture.num_classes), np.float32)
        for chosen in _portions(longest_first, lengths, self.tokens_at_once):
            logits[chosen] = self._classify([sequences[n] for n in chosen], lengths[chosen])
        return logits

    def trace(self, ids: Ids) -> Trace:
        """Read one review of at least one token and keep all that happens on the way."""
        lengths = np.array([len(ids)])
        order = self._order(lengths)
        ngrams = self._ngrams(ids, lengths)  # (L, F)
        states = np.hstack([self._embed(ids), ngrams])  # (L, E+F)
        readings = []
        for layer in self._layers:
            steps = list(self._steps(layer, states, order))
            gates = {
                name: _in_reading_order([gates[name] for _, gates in steps], order)  # (L, D, H)
                for name in self.cell.gates
            }
            hidden, *cell = (
                _in_reading_order(part, order)  # (L, D, H)
                for part in zip(*(state for state, _ in steps), strict=True)
            )
            readings.append(
                tuple(
                    Reading(
                        gates={name: gate[:, d] for name, gate in gates.items()},
                        hidden=hidden[:, d],
                        cell=cell[0][:, d] if cell else None,
                    )
                    for d in range(self.architecture.num_directions)
                )
            )
            states = hidden.reshape(len(ids), -1)  # (L, D*H)
        logits = self._head(self._pooled(states, ngrams))
        return Trace(tuple(readings), output=states, ngrams=ngrams, logits=logits)

    def _stack(self, directions: list[dict[str, str]]) -> _Layer:
        blocks = self.cell.blocks

        def matrix(kind: str) -> Array:
            weights = [self.weights[names[kind]] for names in directions]
            return np.stack([np.stack(np.split(w.T, blocks, axis=1)) for w in weights], axis=1)

        def bias(kind: str) -> Array:
            biases = [self.weights[names[kind]] for names in directions]
            return np.stack([b.reshape(blocks, 1, -1) for b in biases], axis=1)

        return _Layer(matrix("weight_ih"), matrix("weight_hh"), bias("bias_ih"), bias("bias_hh"))

    def _order(self, lengths: NDArray[np.intp]) -> _Order:
        """Return the order of reading for reviews of falling length."""
        starts = np.cumsum(lengths) - lengths  # (N,)
        step = np.arange(lengths[0])[:, np.newaxis]  # (L, 1)
        real = step < lengths  # (L, N)
        forward = starts + step
        backward = starts + lengths - 1 - step
        tokens = np.stack([forward[real], backward[real]][: self.architecture.num_directions])
        return _Order(tokens, real.sum(axis=1).tolist())

    def _embed(self, ids: Ids) -> Array:
        return self.weights["embedding.weight"][ids]

    def _ngrams(self, ids: Ids, lengths: NDArray[np.intp]) -> Array:
        """Return the n-gram inputs of reviews, one review after the other, (T, F)."""
        if self.table is None:
            return np.zeros((len(ids), 0), np.float32)
        return self.table.inputs(ids, lengths)

    def _steps(self, layer: _Layer, inputs: Array, order: _Order) -> Iterator[tuple[State, Gates]]:
        """Read `inputs` (T, E+F or D*H) and yield each step's new state and gates (D, N, H)."""
        projected = inputs[order.tokens] @ layer.weight_ih + layer.bias_ih  # (G, D, T, H)
        shape = (self.architecture.num_directions, order.counts[0], self.architecture.hidden_size)
        state: State = (np.zeros(shape, np.float32),) * (1 + self.cell.has_cell_state)
        start = 0
        for count in order.counts:
            if count < state[0].shape[1]:
                state = tuple(part[:, :count] for part in state)
            state, gates = self.cell.step(
                projected[:, :, start : start + count], state, layer.weight_hh, layer.bias_hh
            )
            yield state, gates
            start += count

    def _classify(self, sequences: list[Ids], lengths: NDArray[np.intp]) -> Array:
        """Return the logits (N, C) of reviews of falling length."""
        order = self._order(lengths)
        ids = np.concatenate(sequences)
        ngrams = self._ngrams(ids, lengths)  # (T, F)
        states = np.hstack([self._embed(ids), ngrams])  # (T, E+F)
        for layer in self._layers:
            hidden = [state[0] for state, _ in self._steps(layer, states, order)]
            states = _in_reading_order(hidden, order).reshape(len(states), -1)  # (T, D*H)
        ends = np.cumsum(lengths)[:-1]
        reviews = zip(np.split(states, ends), np.split(ngrams, ends), strict=True)
        return self._head(np.stack([self._pooled(*review) for review in reviews]))

    def _pooled(self, states: Array, ngrams: Array) -> Array:
        """Return what the head reads of one review's states (L, D*H) and n-gram inputs (L, F):
        the pooled states, and the sum of the inputs over the root of the length, (P+F,)."""
        summed = ngrams.sum(axis=0) / np.sqrt(np.float32(len(ngrams)))
        return np.concatenate([self._pool(states), summed])

    def _pool(self, states: Array) -> Array:
        """Pool one review's states (L, D*H) to one vector (P,), as `network.pooling` does."""
        pooled: Array
        match self.architecture.pooling:
            case "last":
                hidden = self.architecture.hidden_size
                pooled = np.concatenate([states[-1, :hidden], states[0, hidden:]])
            case "mean":
                pooled = states.mean(axis=0)
            case "max":
                pooled = states.max(axis=0)
            case "mean+max":
                pooled = np.concatenate([states.mean(axis=0), states.max(axis=0)])
            case _:
                scores = states @ self.weights["pooling.query"]  # (L,)
                shares = np.exp(scores - scores.max())
                pooled = shares @ states / shares.sum()
        return pooled

    def _head(self, pooled: Array) -> Array:
        logits: Array = pooled @ self.weights["head.weight"].T + self.weights["head.bias"]
        return logits


def _in_reading_order(steps: Sequence[Array], order: _Order) -> Array:
    """Return the steps' values (D, N, H) as one array (T, D, H), each token's in its place."""
    read = np.concatenate(steps, axis=1)  # (D, T, H)
    placed = np.empty((read.shape[1], read.shape[0], read.shape[2]), np.float32)
    for d, tokens in enumerate(order.tokens):
        placed[tokens, d] = read[d]
    return placed


def _portions(
    longest_first: NDArray[np.intp], lengths: NDArray[np.intp], tokens: int
) -> Iterator[Ids]:
    """Cut the reviews into portions of about so many tokens, longest first."""
    end = 0
    while end < len(longest_first):
        start = end
        end += max(1, tokens // int(lengths[longest_first[start]]))
        yield longest_first[start:end]
