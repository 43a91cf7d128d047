"""Integrated gradients on the embeddings: torch's word on what each word contributed.

Axes: L words, E embedding size, F n-gram inputs of a word, K stretches of the way to the review,
S points on one, C classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

from sentiment_cli.network.architecture import UNK
from sentiment_cli.network.bulk import read_batch
from sentiment_cli.network.classifier import Classifier, load_arrays
from sentiment_cli.network.device import pick_device

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.judge import Values
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.replay import Ids

COMPLETE = 0.01
"""The largest gap, as a share of all that is attributed, that counts as complete."""

_STRETCHES = 4  # at first
_POINTS, _WEIGHTS = np.polynomial.legendre.leggauss(8)
_MOST = 4096  # points in all
_NARROWEST = 2.0**-40
_TOKENS = 8192  # read side by side


class Integrated(NamedTuple):
    """An answer's log odds, shared out among the words of its review.

    Args:
        values: of each word, in natural logarithms, (L,).
        gap: their sum less what they share out: the log odds of the answer less those of the same
            answer to as many unknown words.
        points: of the way there at which the gradient was taken.
    """

    values: Values
    gap: float
    points: int

    @property
    def share(self) -> float:
        """The gap's size as a share of the sum of absolute values."""
        total = float(np.abs(self.values).sum())
        return abs(self.gap) / total if total else float(self.gap != 0.0)

    @property
    def complete(self) -> bool:
        """Whether the gap is no larger than COMPLETE."""
        return self.share <= COMPLETE


class _Stretches(NamedTuple):
    """Parts of the way, each with its own gap, because the odds are known at both of its ends."""

    edges: Tensor  # (K, 2)
    values: Tensor  # (K, L)
    gaps: Tensor  # (K,)


class IntegratedGradients:
    """Shares out the log odds of answers among words.

        value_t = (x_t - u) . integral from 0 to 1 of d F(u + a * (x - u)) / d x_t da

    x is the review's embeddings and n-gram inputs (L, E+F), u the embedding of an unknown word
    without n-gram inputs, which says nothing, and
    F the answer's log odds, log(p / (1 - p)) of its calibrated probability p, which itself hardly
    moves where it is near 1. The integral is Gauss and Legendre's sum over stretches of the way, in
    double precision. Where a stretch misses the difference of F at its ends, it is halved, until
    all gaps together are at most COMPLETE. A plain RNN can all but jump from one answer to another
    at some point of the way; there no stretch is short enough, and what is missed stays in the gap.

    Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, ICML 2017.

    Args:
        predictor: whose answers are shared out.
    """

    def __init__(self, predictor: Predictor) -> None:
        self._temperature = predictor.config.temperature
        self._table = predictor.engine.table
        self._model = Classifier(predictor.engine.architecture)
        load_arrays(self._model, predictor.engine.weights)
        self._model.to(pick_device("cpu")).double().eval()

    def __call__(self, ids: Ids, answer: int) -> Integrated:
        """Attribute the log odds of the class `answer` to the words of a review, (L,)."""
        unknown = np.full(len(ids), UNK)
        batch = read_batch([unknown, ids], self._table)
        with torch.no_grad():
            start, end = self._model.embed(batch.ids, batch.ngrams.double())  # (L, E+F)
        edges = torch.linspace(0, 1, _STRETCHES + 1, dtype=torch.double)
        found = self._read(torch.stack([edges[:-1], edges[1:]], dim=1), start, end, answer)
        points = len(found.edges) * len(_POINTS)
        while True:
            allowed = COMPLETE * found.values.sum(dim=0).abs().sum()
            missed = found.gaps.abs()
            wide = found.edges.diff()[:, 0] > _NARROWEST
            halve = (missed > allowed / (2 * len(missed))) & wide
            more = 2 * int(halve.sum()) * len(_POINTS)
            if missed.sum() <= allowed or not more or points + more > _MOST:
                break
            halved = self._read(_halves(found.edges[halve]), start, end, answer)
            kept = _Stretches(*(part[~halve] for part in found))
            found = _Stretches(*(torch.cat(parts) for parts in zip(kept, halved, strict=True)))
            points += more
        return Integrated(found.values.sum(dim=0).numpy(), float(found.gaps.sum()), points)

    def _read(self, edges: Tensor, start: Tensor, end: Tensor, answer: int) -> _Stretches:
        """Take the gradient at the points of each stretch, a few stretches at once."""
        at_once = max(1, _TOKENS // (len(start) * len(_POINTS)))
        parts = [
            self._integrate(edges[first : first + at_once], start, end, answer)
            for first in range(0, len(edges), at_once)
        ]
        return _Stretches(edges, *(torch.cat(part) for part in zip(*parts, strict=True)))

    def _integrate(
        self, edges: Tensor, start: Tensor, end: Tensor, answer: int
    ) -> tuple[Tensor, Tensor]:
        """Return the values (K, L) and the gaps (K,) of stretches."""
        points, weights = torch.tensor(_POINTS), torch.tensor(_WEIGHTS)  # (S,)
        half = edges.diff() / 2  # (K, 1)
        places = (edges.mean(dim=1, keepdim=True) + half * points).flatten()  # (K*S,)
        way = end - start  # (L, E+F)
        reviews = (start + places[:, None, None] * way).requires_grad_()  # (K*S, L, E+F)
        (gradient,) = torch.autograd.grad(self._log_odds(reviews, answer).sum(), reviews)
        slopes = (gradient * way).sum(dim=2).view(len(edges), len(points), -1)  # (K, S, L)
        values = (slopes * (half * weights)[:, :, None]).sum(dim=1)  # (K, L)
        with torch.no_grad():
            ends = self._log_odds(start + edges.flatten()[:, None, None] * way, answer)
        return values, values.sum(dim=1) - ends.view(-1, 2).diff()[:, 0]

    def _log_odds(self, embedded: Tensor, answer: int) -> Tensor:
        lengths = torch.full((len(embedded),), embedded.shape[1])
        logits = self._model.classify(embedded, lengths) / self._temperature  # (N, C)
        others = [c for c in range(logits.shape[1]) if c != answer]
        return logits[:, answer] - logits[:, others].logsumexp(dim=1)


def _halves(edges: Tensor) -> Tensor:
    """Return both halves of each stretch (K, 2), (2*K, 2)."""
    low, high = edges.T
    middle = (low + high) / 2
    return torch.cat([torch.stack([low, middle], dim=1), torch.stack([middle, high], dim=1)])
