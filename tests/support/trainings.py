"""Trainings of a few steps in this process, stopped and gone on with at will."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from typing import Any

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.runs.reader import HASHES, NGRAMS
from sentiment_cli.training import experiment as training
from sentiment_cli.training.events import Event, Finished, Stopped
from sentiment_cli.training.loop import EpochRecord, StepRecord, ValidationRecord
from support.cli import TINY, write_reviews

RESULTS = (
    "config.json",
    "config.yaml",
    "history.jsonl",
    "metrics.json",
    "model.safetensors",
    "tokenizer.json",
    HASHES,
)
"""What two equal runs have in common; the rest tells of seconds and memory."""

STEPS_AN_EPOCH = 6
"""Of the training that `tiny` describes."""

_SHORT = ("training.epochs=3", "training.batch_size=16")


def tiny(folder: Path, *settings: str) -> Any:
    """An experiment on 120 reviews in `folder`: three epochs of six steps."""
    if not (folder / "reviews.csv").exists():
        write_reviews(folder / "reviews.csv", ["bad", "good"])
        (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    return read_experiment(folder / "tiny.yaml", [*_SHORT, *settings]).experiment


def begun(experiment: Any, out: Path, stop_at: Event | None = None) -> list[Event]:
    """The events of a new run, up to the first that looks like `stop_at`."""
    return _events(stop_at, lambda stop: training.start(experiment, out, **_told(stop)))


def gone_on(out: Path, stop_at: Event | None = None) -> list[Event]:
    """The events of going on with a run, up to the first that looks like `stop_at`."""
    return _events(stop_at, lambda stop: training.resume(out, **_told(stop)))


def killed(experiment: Any, out: Path, step: int) -> None:
    """Train a new run, which ends after `step` without a word."""
    killed_at(experiment, out, at_step(step))


def killed_at(experiment: Any, out: Path, last: Event) -> None:
    """Train a new run, which ends without a word at the first event that looks like `last`."""
    with closing(training.start(experiment, out, **_told(lambda: False))) as events:
        for event in events:
            if _alike(event, last):
                break


def results(out: Path) -> dict[str, bytes]:
    """What a finished run holds that must equal."""
    names = (*RESULTS, NGRAMS) if (out / NGRAMS).exists() else RESULTS
    return {name: (out / name).read_bytes() for name in names}


def at_step(step: int) -> StepRecord:
    """The event to stop at after so many steps."""
    return StepRecord(step, 0, 0, 0.0, None, None)


def at_validation() -> ValidationRecord:
    """The event to stop at in the next validation."""
    return ValidationRecord(0, 0)


def at_epoch(epoch: int) -> EpochRecord:
    """The event to stop at after so many epochs."""
    return EpochRecord({"epoch": epoch}, improved=True)


def _told(stop: Any) -> dict[str, Any]:
    return {"device": "cpu", "progress": lambda *_: None, "stop": stop}


def _events(stop_at: Event | None, begin: Any) -> list[Event]:
    seen: list[Event] = []
    for event in begin(lambda: stop_at is not None and _alike(seen[-1], stop_at)):
        seen.append(event)
    assert isinstance(seen[-1], Finished if stop_at is None else Stopped)
    return seen


def _alike(event: Event, other: Event) -> bool:
    if type(event) is not type(other):
        return False
    if isinstance(event, StepRecord) and isinstance(other, StepRecord):
        return event.step == other.step
    if isinstance(event, EpochRecord) and isinstance(other, EpochRecord):
        return event.figures["epoch"] == other.figures["epoch"]
    return True
