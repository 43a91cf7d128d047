"""Whether the winner of a search is better than its start, by what had no say in the choice."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.analysis.statistics.crossed import Sample, difference
from sentiment_cli.analysis.statistics.figures import SHARES, review_values
from sentiment_cli.analysis.tuning.answers import judging_half
from sentiment_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.comparison.scores import Scores

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Verdict:
    """The winner beside the start, on the reviews that judge and under fresh seeds.

    Args:
        winner: what it is called.
        losses: log loss of the start and of the winner.
        accuracies: likewise.
        lower: by how much the winner's log loss is lower, and the interval, at 95%.
        more: by how much its accuracy is higher, likewise.
        seeds: of each.
        reviews: that judge.
    """

    winner: str
    losses: tuple[float, float]
    accuracies: tuple[float, float]
    lower: tuple[float, Interval]
    more: tuple[float, Interval]
    seeds: int
    reviews: int

    @property
    def holds(self) -> bool:
        """Whether the log loss, by which the winner was chosen, is lower beyond doubt."""
        return self.lower[1][0] > 0

    def sentence(self) -> str:
        """Return the verdict in words."""
        by, (low, high) = self.lower
        if self.holds:
            said = f"{self.winner} holds: its log loss is lower than the start's by {by:.4f} "
            said += f"(95% interval {low:.4f} to {high:.4f})"
        else:
            said = f"{self.winner} did not hold: no lower log loss than the start's is shown "
            said += f"({low:.4f} to {high:.4f} lower)"
        by, (low, high) = self.more
        return (
            f"{said}; accuracy {self.accuracies[1]:.2%} and {self.accuracies[0]:.2%}, a difference "
            f"of {100 * by:.1f} points ({100 * low:.1f} to {100 * high:.1f}); {self.seeds} fresh "
            f"seeds each, {self.reviews:,} validation reviews that had no say in the choice"
        )


def judge(start: Sequence[Scores], tuned: Sequence[Scores], winner: str) -> Verdict:
    """Return the verdict on two experiments, each with the answers of its seeds.

    Args:
        start: to all validation reviews.
        tuned: to the same ones.
        winner: what `tuned` is called.

    Raises:
        DataError: they are not the same.
    """
    hashes = start[0].hashes
    if not all(np.array_equal(one.hashes, hashes) for one in (*start, *tuned)):
        raise DataError(
            "the validation reviews changed in the course of the search",
            hint="run the command again: changed reviews are another search",
        )
    half = judging_half(hashes)
    samples = [
        [review_values(one.labels[half], one.probabilities[half]) for one in side]
        for side in (start, tuned)
    ]
    figures = {}
    for name in ("log_loss", "accuracy"):
        before, after = (
            Sample(np.stack([own[name] for own in side]), is_share=name in SHARES)
            for side in samples
        )
        sign = 1 if name == "accuracy" else -1
        found = difference(after, before)
        ends = sorted(float(sign * end) for end in found.interval)
        figures[name] = (
            (float(before.values.mean()), float(after.values.mean())),
            (sign * float(found.value), (ends[0], ends[1])),
        )
    return Verdict(
        winner=winner,
        losses=figures["log_loss"][0],
        accuracies=figures["accuracy"][0],
        lower=figures["log_loss"][1],
        more=figures["accuracy"][1],
        seeds=len(tuned),
        reviews=int(half.sum()),
    )
