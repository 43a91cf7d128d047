"""The replay of reviews that are much alike: what they have in common is read once.

Axes: S inputs that differ, T tokens of all reviews, n reviews at a step, E embedding size, F n-gram
inputs of a token, H hidden size, D directions, G blocks of a cell's weights.

A state depends on what was read before it alone. The states of many variants of one review are
therefore those of a tree: variants part where they first differ, and each node is computed once.
One word left out of a review of L words, for each word, takes half of the L * L steps; all
beginnings of a review take none beside the review's own in one direction. Two directions are read
at the same time. What a token brings, its vector and its n-gram inputs, depends on the token and
the few before it: variants share a backward state as long as those tokens are the same too.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from sentiment_cli.network.cells import Array, State
from sentiment_cli.network.replay import Ids, Replay, _Layer, _Order

Index = NDArray[np.intp]


class _Values(NamedTuple):
    """What stands at T places: the rows that differ, and which of them each place has."""

    rows: Array  # (S, E+F), (S, H) or (S, D*H)
    places: Index  # (T,)


class VariantReplay(Replay):
    """A classifier that answers as `Replay` does, and quickly where reviews begin or end alike."""

    tokens_at_once = 32_768

    def _classify(self, sequences: list[Ids], lengths: Index) -> Array:
        order = self._order(lengths)
        ids = np.concatenate(sequences)
        ngrams = self._ngrams(ids, lengths)  # (T, F)
        sides = [self._inputs(ids, ngrams)]
        with ThreadPoolExecutor(len(order.tokens)) as directions:
            for layer in self._layers:
                values = sides[0] if len(sides) == 1 else _side_by_side(*sides)
                read = partial(self._read, layer, values, order)
                sides = list(directions.map(read, range(len(order.tokens))))
        ends = np.cumsum(lengths)
        pooled = [
            self._pooled(
                np.hstack([side.rows[side.places[start:end]] for side in sides]),
                ngrams[start:end],
            )
            for start, end in zip(ends - lengths, ends, strict=True)
        ]
        return self._head(np.stack(pooled))

    def _inputs(self, ids: Ids, ngrams: Array) -> _Values:
        """Return each token's vector and n-gram inputs (T, F), (S, E+F)."""
        told = np.column_stack([ids.astype(np.uint32), ngrams.view(np.uint32)])  # (T, 1+F)
        _, first, places = np.unique(told, axis=0, return_index=True, return_inverse=True)
        return _Values(np.hstack([self._embed(ids[first]), ngrams[first]]), places.ravel())

    @np.errstate(all="ignore")  # a thread does not inherit what its caller ignores
    def _read(self, layer: _Layer, values: _Values, order: _Order, d: int) -> _Values:
        """Read all reviews in one direction, step by step, each state that differs once."""
        layer = _Layer(*(part[:, d : d + 1] for part in layer))
        tokens = order.tokens[d]
        projected = values.rows @ layer.weight_ih + layer.bias_ih  # (G, 1, S, H)
        differ = projected.shape[2]
        state: State = (np.zeros((1, 1, self.architecture.hidden_size), np.float32),)
        state *= 1 + self.cell.has_cell_state
        nodes = np.zeros(order.counts[0], np.intp)  # (n,): the node that each review has come to
        places = np.empty(len(values.places), np.intp)
        hidden: list[Array] = []
        start = done = 0
        for count in order.counts:
            read = tokens[start : start + count]
            branches, nodes = np.unique(
                nodes[:count] * differ + values.places[read], return_inverse=True
            )
            parents, inputs = np.divmod(branches, differ)
            state, _ = self.cell.step(
                projected[:, :, inputs],
                tuple(part[:, parents] for part in state),
                layer.weight_hh,
                layer.bias_hh,
            )
            places[read] = done + nodes
            hidden.append(state[0][0])
            start += count
            done += len(branches)
        return _Values(np.concatenate(hidden), places)


def _side_by_side(forward: _Values, backward: _Values) -> _Values:
    """Return both directions' states as one, (S, D*H)."""
    width = len(backward.rows)
    pairs, places = np.unique(forward.places * width + backward.places, return_inverse=True)
    ahead, behind = np.divmod(pairs, width)
    return _Values(np.hstack([forward.rows[ahead], backward.rows[behind]]), places)
