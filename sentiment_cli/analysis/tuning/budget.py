"""How long a search goes on."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.tuning.journal import Trial

SEEDS = 3
"""Fresh ones, with which the start and the winner are trained again."""
FEWEST = 2
"""Trials, the start among them, that are made however short the time is."""


@dataclass(frozen=True, slots=True)
class Budget:
    """A number of trials, those kept from before among them, or minutes from now on.

    Args:
        trials: at most so many.
        minutes: in which the trials and the trainings with fresh seeds have to fit.
        began: when the minutes began, by the monotonic clock.
    """

    trials: int | None
    minutes: float | None
    began: float = field(default_factory=time.monotonic)

    @property
    def spent(self) -> float:
        """Seconds since the beginning."""
        return time.monotonic() - self.began

    def allows(self, trials: Sequence[Trial]) -> bool:
        """Return whether one more trial may begin.

        Of the minutes it takes that a whole trial's mean time is left, and what the fresh seeds
        would take, as long as the start and the best trial did.
        """
        if self.minutes is None:
            return self.trials is None or len(trials) < self.trials
        if len(trials) < FEWEST:
            return True
        whole = [trial for trial in trials if trial.loss is not None]
        timed = [trial.seconds for trial in whole if trial.seconds is not None]
        if not timed:
            return self.spent < 60 * self.minutes
        mean = sum(timed) / len(timed)
        best = min(whole, key=lambda trial: (trial.loss, trial.number))
        fresh = SEEDS * ((trials[0].seconds or mean) + (best.seconds or mean))
        return self.spent + mean + fresh <= 60 * self.minutes
