"""`sentiment train`: an experiment file becomes a run folder."""

from __future__ import annotations

import shlex
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment_cli.commands.options import RUNS, Device, Json, Set
from sentiment_cli.console import output
from sentiment_cli.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from types import FrameType


def command(
    config: Annotated[
        Path | None,
        typer.Argument(metavar="[CONFIG]", help="Experiment file; left out, configs/lstm.yaml."),
    ] = None,
    overrides: Set = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Run folder to make; left out, runs/NAME."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option("--resume", metavar="DIR", help="Go on with an unfinished run, as it was."),
    ] = None,
    device: Device = None,
    json: Json = False,
) -> None:
    """Train a classifier as an experiment file says.

    The run folder holds the model, the settings as they ran and the validation scores. A run that
    was stopped or killed goes on with --resume.
    """
    if resume is not None and (config or overrides or out):
        raise UsageError(
            "--resume goes on with a run as it was: it takes no CONFIG, no --set and no --out",
            hint=f"sentiment train --resume {shlex.quote(str(resume))}",
        )
    from sentiment_cli.config.reader import read_experiment
    from sentiment_cli.console.training import TrainingView
    from sentiment_cli.runs.checkpoints import CHECKPOINTS
    from sentiment_cli.runs.listing import next_free
    from sentiment_cli.runs.reader import is_finished
    from sentiment_cli.runs.store import RunFolder

    if resume is not None and is_finished(resume):
        if (resume / CHECKPOINTS).exists():  # a kill left them, after the last rename
            RunFolder.resume(resume).close()
        output.note(f"{resume} is finished: there is nothing to go on with")
        return
    loaded = None if resume is not None else read_experiment(config, overrides or ())

    from sentiment_cli.training import experiment as training

    signals = _Signals()
    with TrainingView(json=json) as view, signals:
        if loaded is None:
            assert resume is not None
            events = training.resume(
                resume, device=device, progress=view.preparing, stop=signals.arrived
            )
        else:
            events = training.start(
                loaded.experiment,
                out or next_free(RUNS, loaded.name),
                device=device,
                progress=view.preparing,
                stop=signals.arrived,
            )
        for event in events:
            view.show(event)
            signals.patient = view.started
    if view.stopped and view.fault:
        raise EnvironmentFault(
            f"the last checkpoint could not be saved: {view.fault}",
            hint="mend that, then go on from the step that is saved",
        )
    if view.stopped and signals.number is not None:
        raise typer.Exit(128 + signals.number)


class _Signals:
    """SIGINT and SIGTERM ask for a checkpoint and an end; a second one ends at once.

    Until there is something to save (`patient`), the first one does too.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.patient = False

    def __enter__(self) -> None:
        self._before = [
            (number, signal.signal(number, self._note))
            for number in (signal.SIGINT, signal.SIGTERM)
        ]

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)

    def arrived(self) -> bool:
        """Return whether a signal asked for the end."""
        return self.number is not None

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.number is not None or not self.patient:
            sys.exit(128 + number)
        self.number = number
