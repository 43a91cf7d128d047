"""The learning rate of each step."""

from __future__ import annotations

import math
from typing import Literal

_FLOOR = 0.01  # where the cosine ends, as a share of the peak


def learning_rate(
    step: int,
    *,
    total: int,
    peak: float,
    warmup_ratio: float,
    schedule: Literal["cosine", "linear", "constant"],
) -> float:
    """Return the learning rate of a step: a straight rise to the peak, then the schedule's fall.

    Args:
        step: counted from 0.
        total: steps of the whole training.
        peak: highest learning rate.
        warmup_ratio: share of all steps in which it rises.
        schedule: `cosine` falls to 1% of the peak (Loshchilov and Hutter 2017), `linear` to zero,
            `constant` stays.
    """
    rising = round(warmup_ratio * total)
    if step < rising:
        return peak * (step + 1) / rising
    if schedule == "constant":
        return peak
    gone = (step - rising) / max(1, total - rising)
    if schedule == "linear":
        return peak * (1 - gone)
    return peak * (_FLOOR + (1 - _FLOOR) * 0.5 * (1 + math.cos(math.pi * gone)))
