"""`sentiment train`: an experiment file becomes a run folder."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from sentiment_cli.commands.completion import config_files, unfinished_runs
from sentiment_cli.commands.options import RUNS, Device, Json, Set
from sentiment_cli.commands.signals import StopSignals
from sentiment_cli.console import output
from sentiment_cli.errors import EnvironmentFault, UsageError


def command(
    config: Annotated[
        Path | None,
        typer.Argument(
            metavar="[CONFIG]",
            autocompletion=config_files,
            help="Experiment file; left out, configs/lstm.yaml.",
        ),
    ] = None,
    overrides: Set = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="DIR", help="Run folder to make; left out, runs/NAME."),
    ] = None,
    resume: Annotated[
        Path | None,
        typer.Option(
            "--resume",
            metavar="DIR",
            autocompletion=unfinished_runs,
            help="Go on with an unfinished run, as it was.",
        ),
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
    from sentiment_cli.runs.checkpoints import CHECKPOINTS, PRETRAINING
    from sentiment_cli.runs.durable import PARTIAL
    from sentiment_cli.runs.listing import next_free
    from sentiment_cli.runs.reader import is_finished
    from sentiment_cli.runs.store import RunFolder

    if resume is not None and is_finished(resume):
        left = [resume / CHECKPOINTS, resume / PRETRAINING, *resume.glob(f"{PARTIAL}*")]
        if any(path.exists() for path in left):  # by a kill, after the last rename
            RunFolder.resume(resume).close()
        output.note(f"{resume} is finished: there is nothing to go on with")
        return
    loaded = None if resume is not None else read_experiment(config, overrides or ())

    from sentiment_cli.training import experiment as training

    signals = StopSignals()
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
