"""In how many words a gradient falls to half."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.stats import bootstrap

_SHORTEST = 8  # words that a review must have, for a line through fewer points tells nothing
_FLOOR = 1e-35  # below it, single precision has no digits left
_DRAWS = 2000


class HalfLife(NamedTuple):
    """A half-life in words with its 95% interval; None stands for: it never falls to half."""

    words: float | None
    interval: tuple[float | None, float | None] | None


def half_life(norms: Sequence[NDArray[np.float64]]) -> HalfLife:
    """Return the half-life of gradient norms, (L,) for each review, by distance from the end.

    In each review the norm is taken to fall like 2^(-r k) over k words; r, in halvings a word, is
    the slope of -log2(norm) by least squares. The half-life is 1 / median(r) over the reviews, and
    its interval that of the median by the percentile bootstrap over reviews (Efron 1979). Reviews
    of fewer than 8 words are left out. Where none is left there is no half-life and no interval.
    """
    rates = np.array([_halvings(own) for own in norms if len(own) >= _SHORTEST])
    rates = rates[np.isfinite(rates)]
    if not len(rates):
        return HalfLife(None, None)
    if len(rates) == 1:
        return HalfLife(_words(rates[0]), None)
    drawn = bootstrap(
        (rates,),
        np.median,
        n_resamples=_DRAWS,
        method="percentile",
        rng=np.random.default_rng(0),
    ).confidence_interval
    return HalfLife(_words(np.median(rates)), (_words(drawn.high), _words(drawn.low)))


def _halvings(norms: NDArray[np.float64]) -> float:
    """Return how often a word halves the norm, up to where nothing measurable is left of it."""
    faint = norms < _FLOOR
    end = int(faint.argmax()) if faint.any() else len(norms)
    if end < 2:
        return float("nan")
    return -float(np.polyfit(np.arange(end), np.log2(norms[:end]), 1)[0])


def _words(rate: float) -> float | None:
    return float(1 / rate) if rate > 0 else None
