"""What an experiment tells of itself, for whoever shows it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sentiment_cli.training.loop import Record

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.runs.checkpoints import Checkpoint


@dataclass(frozen=True, slots=True)
class Started:
    """The reviews are read and the network is built.

    Args:
        processes: that train together.
        epoch: that begins, or goes on, from 1.
        vectors: shares of the vocabulary and of the running tokens that began with a vector
            that was not drawn at random; None where all were.
        init: the run that it began with, if any.
        initial_accuracy: Validation accuracy of that run; None if it has other classes, or training
            resumes.
        ngrams: n-grams that have counts; None without n-gram inputs.
        known: training reviews that the run it began with was trained on.
    """

    path: Path
    device: str
    processes: int
    prepared: Prepared
    architecture: Architecture
    parameters: int
    total_steps: int
    resumed_at: int
    epoch: int
    vectors: dict[str, float] | None
    init: str | None
    initial_accuracy: float | None
    ngrams: int | None
    known: int


@dataclass(frozen=True, slots=True)
class RoundStarted:
    """A round of self-training begins with a new network.

    Args:
        round: from 1.
        rounds: how many there are.
        reviews: unlabelled reviews whose n-grams are counted.
        epoch: of all rounds, from 1.
    """

    round: int
    rounds: int
    reviews: int
    epoch: int


@dataclass(frozen=True, slots=True)
class UnlabelledPredicted:
    """Some of the unlabelled reviews are predicted: `done` of `total`."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Saved:
    """A checkpoint lies on disk, or could not be written, for the reason in `fault`."""

    step: int
    fault: str | None = None


@dataclass(frozen=True, slots=True)
class Warned:
    """Something is amiss that training outlives."""

    what: str


def passed_over(checkpoint: Checkpoint) -> list[Warned]:
    """Return a warning of each newer checkpoint that could not be read."""
    return [Warned(f"passed over a newer checkpoint: {what}") for what in checkpoint.passed_over]


@dataclass(frozen=True, slots=True)
class Stopped:
    """Training ended before its time, as it was asked to.

    Args:
        step: where it stopped.
        saved: the newest step that is saved; None where none could be.
    """

    path: Path
    step: int
    saved: int | None


@dataclass(frozen=True, slots=True)
class Finished:
    """The run folder is whole.

    Args:
        figures: what `metrics.json` holds.
        timing: what `timing.json` holds.
    """

    path: Path
    figures: dict[str, Any]
    timing: dict[str, Any]


Event = Started | UnlabelledPredicted | RoundStarted | Record | Saved | Warned | Stopped | Finished
