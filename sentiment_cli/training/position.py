"""How far a training has come, in plain numbers."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(slots=True)
class Position:
    """Where training stands between two records; kept as JSON.

    Args:
        round: round of self-training, from 0.
        epoch: current epoch of all rounds, from 0.
        batch: batches of it that are done.
        step: place of the next optimizer step in the whole training; a round that stops early
            skips its last steps.
        reviews: reviews of this epoch that are done.
        loss_sum: their summed loss.
        best_loss: lowest validation loss so far, reached at `best_epoch` (from 1) and `best_step`.
        stale: epochs since then.
        stopped_early: whether patience ran out.
        history: one record an epoch.
        vectors: shares of the vocabulary and of the running tokens that began with a vector that
            was not drawn at random; None where all were.
    """

    round: int = 0
    epoch: int = 0
    batch: int = 0
    step: int = 0
    reviews: int = 0
    loss_sum: float = 0.0
    best_loss: float | None = None
    best_epoch: int = 0
    best_step: int = 0
    stale: int = 0
    stopped_early: bool = False
    history: list[dict[str, Any]] = field(default_factory=list)
    vectors: dict[str, float] | None = None
