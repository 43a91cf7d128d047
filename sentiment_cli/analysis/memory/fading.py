"""How the gradient fades with distance: d(output at the end) / d(input k words earlier).

Axes: N reviews, L tokens of the longest, E embedding size, H hidden size, D directions,
M directions in which the output is probed.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from sentiment_cli.network.bulk import read_batch
from sentiment_cli.network.directions import encode_by_direction

if TYPE_CHECKING:
    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.network.ngram_inputs import NgramTable

Norms = NDArray[np.float64]
Ids = NDArray[np.int32]

PROBES = 4
_REVIEWS_AT_ONCE = 16
_FEWEST = 10  # reviews that a quartile is taken of, where there are so many
_QUARTILES = (0.25, 0.5, 0.75)


@dataclass(frozen=True, slots=True)
class Distance:
    """The gradient's norm k words before the end, over the reviews that are so long.

    Args:
        words: k.
        low: lower quartile.
        median: of the reviews.
        high: upper quartile.
        reviews: how many are longer than k words.
    """

    words: int
    low: float
    median: float
    high: float
    reviews: int


def gradient_norms(
    model: Classifier,
    sequences: Sequence[Ids],
    table: NgramTable | None,
    *,
    probes: int = PROBES,
) -> list[Norms]:
    """Return for each review the norm of dh_L / dx_(L-k), k from 0 on, (L,).

    h_L is the state after the last word in the last layer's forward direction, x_(L-k) the vector
    of the word k words earlier. By the chain rule

        dh_L/dx_(L-k) = dh_L/dh_(L-1) ... dh_(L-k+1)/dh_(L-k) dh_(L-k)/dx_(L-k)

    a product of k Jacobians: where their norm stays below 1 it vanishes exponentially in k, where
    it stays above 1 it may explode (Bengio, Simard and Frasconi, Learning Long-Term Dependencies
    with Gradient Descent is Difficult, IEEE Transactions on Neural Networks 5, 1994).

    The norm is Frobenius', the root of the sum of all squares of the Jacobian J (H, E). It is
    estimated without bias in the squares from the products of J with M random directions that
    stand at right angles: ||J||^2 = H/M E[sum over m of ||v_m J||^2] (after Hutchinson,
    Communications in Statistics 19, 1990). With M = H it is exact.

    Args:
        model: is left in evaluation mode, and without gradients of its weights.
        sequences: token ids of N reviews, none of them empty.
        table: counts of n-grams; None without n-gram inputs, which are constants here.
        probes: M, at most H; the directions are drawn anew for each review, alike at each call.
    """
    model.eval().requires_grad_(False)
    hidden = model.architecture.hidden_size
    probes = min(probes, hidden)
    generator = torch.Generator().manual_seed(0)
    norms: list[Norms] = [np.empty(0)] * len(sequences)
    for chosen in _batches(sequences):
        batch = [sequences[n] for n in chosen]
        normal = torch.randn(len(batch), hidden, probes, generator=generator)
        directions = torch.linalg.qr(normal)[0].transpose(1, 2)  # (N, M, H)
        squares = _squared_products(model, batch, table, directions) * hidden / probes  # (N, L)
        for n, ids, row in zip(chosen, batch, squares, strict=True):
            norms[n] = np.sqrt(row[: len(ids)][::-1])  # (L,)
    return norms


def by_distance(norms: Sequence[Norms]) -> list[Distance]:
    """Return median and quartiles over reviews at each distance that enough of them reach."""
    longest = max(map(len, norms))
    padded = np.full((len(norms), longest), np.nan)  # (N, L)
    for row, own in zip(padded, norms, strict=True):
        row[: len(own)] = own
    reviews = (~np.isnan(padded)).sum(axis=0)  # (L,)
    reached = int((reviews >= min(_FEWEST, len(norms))).sum())
    low, median, high = np.nanquantile(padded[:, :reached], _QUARTILES, axis=0)  # (L,) each
    return [
        Distance(k, float(low[k]), float(median[k]), float(high[k]), int(reviews[k]))
        for k in range(reached)
    ]


def _squared_products(
    model: Classifier, batch: list[Ids], table: NgramTable | None, directions: Tensor
) -> NDArray[np.float64]:
    """Return the sum of squares of v_m J at each token, over features and over m, (N, L)."""
    reviews, probes, hidden = directions.shape
    ids, ngrams, lengths = read_batch(batch, table)
    lengths = lengths.repeat_interleave(probes)  # (N*M,)
    embedded = model.embed(ids, ngrams.to(directions.dtype))  # (N, L, E+F)
    embedded = embedded.repeat_interleave(probes, dim=0).requires_grad_()  # (N*M, L, E+F)
    states = encode_by_direction(model.encoder, embedded, lengths)  # (N*M, L, D*H)
    last = states[torch.arange(len(lengths)), lengths - 1, :hidden]  # (N*M, H)
    probed = (last * directions.flatten(0, 1).to(last.dtype)).sum()
    (gradient,) = torch.autograd.grad(probed, embedded)
    gradient = gradient[:, :, : model.architecture.embedding_dim]  # (N*M, L, E)
    # In double precision, for the square of a small number is smaller than any in single.
    largest = torch.finfo(torch.float32).max  # of one that exploded
    finite = gradient.double().nan_to_num(nan=largest, posinf=largest, neginf=largest)
    squares = finite.square().sum(dim=2)  # (N*M, L)
    summed: NDArray[np.float64] = squares.view(reviews, probes, -1).sum(dim=1).numpy()
    return summed


def _batches(sequences: Sequence[Ids]) -> Iterator[list[int]]:
    """Yield the places of reviews of like length."""
    order = sorted(range(len(sequences)), key=lambda n: len(sequences[n]))
    for start in range(0, len(order), _REVIEWS_AT_ONCE):
        yield order[start : start + _REVIEWS_AT_ONCE]
