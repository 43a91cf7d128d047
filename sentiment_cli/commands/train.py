"""`sentiment train`: an experiment file becomes a run folder."""

from __future__ import annotations

import shlex
from contextlib import suppress
from functools import partial
from pathlib import Path
from signal import SIGTERM
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment_cli.commands.completion import config_files, unfinished_runs
from sentiment_cli.commands.options import RUNS, Device, Json, Set
from sentiment_cli.commands.signals import StopSignals
from sentiment_cli.console import output
from sentiment_cli.errors import EnvironmentFault, UsageError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.training.events import Event
    from sentiment_cli.training.world import World


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
        typer.Option("--out", "-o", metavar="DIR", help="Run folder to make; left out, runs/NAME."),
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
    from sentiment_cli.training.torchrun import joining

    signals = StopSignals()
    with joining(signals.arrived) as world:
        if world.rank:
            _follow(world, signals, device)
            return
        training = _training(config, overrides or (), out, resume)
        if training is None:
            output.note(f"{resume} is finished: there is nothing to go on with")
        else:
            _lead(training, world, signals, device, json=json)


def _training(
    config: Path | None, overrides: Sequence[str], out: Path | None, resume: Path | None
) -> Callable[..., Iterator[Event]] | None:
    """Return what begins the training, or goes on with it; None where it is finished."""
    if resume is None:
        from sentiment_cli.config.reader import read_experiment
        from sentiment_cli.runs.listing import next_free

        loaded = read_experiment(config, overrides)
        from sentiment_cli.training import experiment as training

        folder = out or next_free(RUNS, loaded.name)
        return partial(training.start, loaded.experiment, folder)
    if config or overrides or out:
        raise UsageError(
            "--resume goes on with a run as it was: it takes no CONFIG, no --set and no --out",
            hint=f"sentiment train --resume {shlex.quote(str(resume))}",
        )
    from sentiment_cli.runs.reader import is_finished
    from sentiment_cli.runs.store import clear_leftovers

    if is_finished(resume):
        clear_leftovers(resume)
        return None
    from sentiment_cli.training import experiment as training

    return partial(training.resume, resume)


def _lead(
    training: Callable[..., Iterator[Event]],
    world: World,
    signals: StopSignals,
    device: DeviceChoice | None,
    *,
    json: bool,
) -> None:
    """Train, and show it; by torchrun, as rank 0 of the world."""
    from sentiment_cli.console.training import TrainingView
    from sentiment_cli.training.world import EndedError

    with TrainingView(json=json) as view, signals, suppress(EndedError):
        events = training(device=device, progress=view.preparing, stop=world.stopping, world=world)
        for event in events:
            view.show(event)
            signals.patient = view.started
    if view.stopped and view.fault:
        raise EnvironmentFault(
            f"the last checkpoint could not be saved: {view.fault}",
            hint="mend that, then go on from the step that is saved",
        )
    if not view.finished:  # by a signal that came to this process, or to another
        raise typer.Exit(128 + (signals.number or SIGTERM))


def _follow(world: World, signals: StopSignals, device: DeviceChoice | None) -> None:
    """Train along with rank 0."""
    from sentiment_cli.training.follower import follow

    def begun() -> None:
        signals.patient = True

    with signals:
        follow(world, device=device, begun=begun)
