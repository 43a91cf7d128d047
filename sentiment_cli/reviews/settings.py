"""The settings that a run was trained with."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.runs.manifest import DAMAGED_HINT
from sentiment_cli.runs.reader import CONFIG, METRICS, is_finished, open_run
from sentiment_cli.runs.verified import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment

_LARGEST = 2**21  # bytes


def run_figures(run: Path) -> dict[str, Any]:
    """Return what a finished run's metrics.json holds; nothing of an unfinished one.

    Raises:
        ModelError: it is not as it was written, or is none.
    """
    if not is_finished(run):
        return {}
    try:
        figures = json.loads(open_run(run, [METRICS], largest=_LARGEST).files[METRICS])
    except (ValueError, RecursionError):
        figures = None
    if not isinstance(figures, dict):
        raise ModelError(f"{run / METRICS} is no JSON object", hint=DAMAGED_HINT)
    return figures


def run_settings(run: Path, overrides: Sequence[str] = ()) -> Experiment:
    """Return the experiment of a run, with overrides on top.

    Raises:
        ModelError: the run's config.yaml is not as it was written, or is none.
        UsageError: an override is wrong.
    """
    path = run / CONFIG
    if read_text(path).encode() != open_run(run, [CONFIG], largest=_LARGEST).files[CONFIG]:
        raise ModelError(f"{path} was changed after the run began", hint=DAMAGED_HINT)
    try:
        experiment = read_experiment(path).experiment
    except UsageError as fault:
        raise ModelError(fault.what, hint=DAMAGED_HINT) from fault
    return read_experiment(path, overrides).experiment if overrides else experiment
