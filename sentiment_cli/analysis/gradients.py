"""Integrated gradients on the embeddings: torch's word on what each word contributed.

Axes: L words, E embedding size, S steps from nothing to the review, C classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from torch import Tensor

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentiment_cli.analysis.judge import Values
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.replay import Ids

COMPLETE = 0.01
"""The largest gap, as a share of all that is attributed, that counts as complete."""

_FEWEST, _MOST = 32, 2048  # steps
_TOKENS = 8192  # read side by side


class Integrated(NamedTuple):
    """A review's probability, shared out among its words.

    Args:
        values: of each word, in probability, (L,).
        gap: their sum less what they share out: the review's probability less that of nothing.
        steps: of the way from nothing to the review (S).
    """

    values: Values
    gap: float
    steps: int

    @property
    def share(self) -> float:
        """The gap's size as a share of the sum of absolute values."""
        total = float(np.abs(self.values).sum())
        return abs(self.gap) / total if total else 0.0

    @property
    def complete(self) -> bool:
        """Whether the gap is no larger than COMPLETE."""
        return self.share <= COMPLETE


def integrated_gradients(predictor: Predictor, ids: Ids, answer: int) -> Integrated:
    """Attribute the probability of the class `answer` to the words of a review.

        value_t = x_t . integral from 0 to 1 of d p(a * x) / d x_t da

    x is the review's embeddings (L, E) and p the calibrated probability. The way begins where every
    embedding is zero, as padding is. The integral is Gauss and Legendre's sum; its steps are
    doubled until the gap is small enough (COMPLETE), or there are _MOST.

    Sundararajan, Taly and Yan, Axiomatic Attribution for Deep Networks, ICML 2017.
    """
    model = predictor.engine.use_torch().eval()
    with torch.no_grad():
        embedded = model.embed(torch.from_numpy(ids.astype(np.int64))[None])  # (1, L, E)

    def probability(points: Tensor) -> Tensor:
        lengths = torch.full((len(points),), len(ids))
        logits = model.classify(points, lengths) / predictor.config.temperature  # (S, C)
        return logits.softmax(dim=1)[:, answer]

    with torch.no_grad():
        nothing, whole = probability(torch.cat([torch.zeros_like(embedded), embedded])).tolist()
    steps = _FEWEST
    while True:
        values = _integral(probability, embedded, steps)
        found = Integrated(values, float(values.sum()) - (whole - nothing), steps)
        if found.complete or steps == _MOST:
            return found
        steps *= 2


def _integral(probability: Callable[[Tensor], Tensor], embedded: Tensor, steps: int) -> Values:
    nodes, weights = np.polynomial.legendre.leggauss(steps)
    places = torch.tensor((nodes + 1) / 2, dtype=embedded.dtype)[:, None, None]  # (S, 1, 1)
    shares = torch.tensor(weights / 2, dtype=embedded.dtype)
    total = torch.zeros_like(embedded[0], dtype=torch.float64)  # (L, E)
    at_once = max(1, _TOKENS // embedded.shape[1])
    for start in range(0, steps, at_once):
        portion = slice(start, start + at_once)
        points = (places[portion] * embedded).requires_grad_()
        (gradient,) = torch.autograd.grad((probability(points) * shares[portion]).sum(), points)
        total += gradient.double().sum(dim=0)
    values: Values = (total * embedded[0]).sum(dim=1).numpy()
    return values
