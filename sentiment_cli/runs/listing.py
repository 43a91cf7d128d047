"""The runs that lie in one folder: which there are, the newest, and the next free name."""

from __future__ import annotations

import json
import math
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sentiment_cli.errors import SentimentError
from sentiment_cli.runs.durable import environment_faults
from sentiment_cli.runs.manifest import MANIFEST
from sentiment_cli.runs.reader import CONFIG, METRICS, TIMING, is_finished, is_run
from sentiment_cli.runs.verified import read_text, read_verified

_LARGEST = 2**20  # bytes of JSON that are parsed for one line of a list


@dataclass(frozen=True)
class RunSummary:
    """One line of the list of runs.

    `when` is the time it was finished (begun, if it is not), in seconds since 1970; `metrics` is
    metrics.json of a finished run, and `timing` its timing.json, where that can be read; `fault`
    says what is wrong with a broken one.
    """

    path: Path
    when: float
    finished: bool
    metrics: dict[str, Any] | None = None
    timing: dict[str, Any] | None = None
    fault: str | None = None

    @property
    def name(self) -> str:
        """The folder's name."""
        return self.path.name

    @property
    def validation_accuracy(self) -> float | None:
        """Share of the validation reviews that it judged right, where metrics.json says so."""
        validation = (self.metrics or {}).get("validation")
        return number(validation.get("accuracy")) if isinstance(validation, dict) else None


def number(value: object) -> float | None:
    """Return a finite number of a run's JSON, which anyone may have written; None for all else."""
    try:
        found = float(value) if isinstance(value, int | float) else math.nan
    except OverflowError:
        return None
    return found if math.isfinite(found) else None


def list_runs(root: Path) -> list[RunSummary]:
    """The runs in the folder `root`, the newest first; none where there is no such folder.

    Raises:
        EnvironmentFault: the machine refuses to read `root`.
    """
    return list(_summaries(root))


def newest_run(root: Path) -> RunSummary | None:
    """The newest finished run in the folder `root`, broken ones left aside; None without any.

    Raises:
        EnvironmentFault: the machine refuses to read `root`.
    """
    sound = (run for run in _summaries(root) if run.finished and run.fault is None)
    return next(sound, None)


def next_free(root: Path, name: str, ending: str = "") -> Path:
    """Return the first of `name`, `name`-2, `name`-3, ... in `root` that does not exist."""
    path, number = root / f"{name}{ending}", 1
    while os.path.lexists(path):
        number += 1
        path = root / f"{name}-{number}{ending}"
    return path


def _summaries(root: Path) -> Iterator[RunSummary]:
    """The runs in `root`, the newest first, each read when it is asked for."""
    with environment_faults("read", root):
        folders = [path for path in root.iterdir() if is_run(path)] if root.is_dir() else []
    found = [(_when(path), path) for path in folders]
    for when, path in sorted(found, reverse=True):
        yield _summary(path, when)


def _when(path: Path) -> float:
    """The time of the manifest, or of config.yaml; 0 for a run that vanished meanwhile."""
    for name in (MANIFEST, CONFIG):
        try:
            return (path / name).lstat().st_mtime
        except OSError:
            continue
    return 0.0


def _summary(path: Path, when: float) -> RunSummary:
    """What the folder tells of its run, without a look at the larger files."""
    if not is_finished(path):
        return RunSummary(path, when, finished=False)
    try:
        metrics = _parsed(read_verified(path, [METRICS])[METRICS])
    except SentimentError as fault:
        return RunSummary(path, when, finished=True, fault=fault.what)
    if metrics is None:
        unlike = f"{path / METRICS} is no JSON object"
        return RunSummary(path, when, finished=True, fault=unlike)
    try:
        timing = _parsed(read_text(path / TIMING))
    except SentimentError:
        timing = None
    return RunSummary(path, when, finished=True, metrics=metrics, timing=timing)


def _parsed(text: str | bytes) -> dict[str, Any] | None:
    """The JSON object in `text`, if it is one, and no larger than ours are."""
    if len(text) > _LARGEST:
        return None
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None
    return content if isinstance(content, dict) else None
