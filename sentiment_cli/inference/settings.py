"""The settings that a run was trained with."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.runs.manifest import DAMAGED_HINT
from sentiment_cli.runs.reader import CONFIG, open_run
from sentiment_cli.runs.verified import read_text

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment

_LARGEST = 2**21  # bytes


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
