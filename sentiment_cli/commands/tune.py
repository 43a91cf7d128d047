"""`sentiment tune`: better settings, and whether they hold."""

from __future__ import annotations

import shlex
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from sentiment_cli.commands.again import command_line, end_stopped
from sentiment_cli.commands.completion import config_files
from sentiment_cli.commands.options import RUNS, Set
from sentiment_cli.commands.signals import StopSignals
from sentiment_cli.console import output
from sentiment_cli.errors import UsageError

_TRIALS = 20


def command(
    config: Annotated[
        Path,
        typer.Argument(
            metavar="CONFIG",
            autocompletion=config_files,
            help="Experiment file; it is the start.",
        ),
    ],
    minutes: Annotated[
        float | None,
        typer.Option(
            "--minutes",
            metavar="M",
            min=0.0,
            help="Time for it all, reading and the last trainings too: no trial begins that would "
            "not leave them room, by what those before took. Two are made in any case.",
        ),
    ] = None,
    trials: Annotated[
        int | None,
        typer.Option(
            "--trials",
            metavar="N",
            min=2,
            max=1000,
            help=f"Trials in all, those of earlier calls among them; left out, {_TRIALS}.",
        ),
    ] = None,
    overrides: Set = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Where trials are kept; left out, runs/tune."
        ),
    ] = None,
) -> None:
    """Search for better settings, and say whether what was found holds.

    The file's `tune:` says what may be varied; without it, a few settings around the experiment
    are. Trials that fall behind are given up. The best one is trained again beside the start, with
    three fresh seeds each, and judged on validation reviews that had no say in the choice. Test
    reviews are not looked at. A second call goes on where the first stood.
    """
    if minutes is not None and trials is not None:
        raise UsageError("--minutes and --trials say both how long", hint="give one of the two")
    from sentiment_cli.config.space import read_space

    space = read_space(config, overrides or ())

    from sentiment_cli.analysis.tuning.budget import Budget
    from sentiment_cli.analysis.tuning.study import Study
    from sentiment_cli.console.tuning import TuneView, show_search

    if minutes is None and trials is None:
        trials = _TRIALS
    budget, signals = Budget(trials, minutes), StopSignals()
    with closing(Study(space, out or RUNS / "tune")) as study:
        with TuneView(study.journal.trials, budget) as view, signals:
            for name, event in study.run(budget, progress=view.preparing, stop=signals.arrived):
                view.show(name, event)
                signals.patient = view.started
        if signals.number is not None:
            options = {
                "--minutes": minutes, "--trials": trials, "--set": overrides or [], "--out": out,
            }  # fmt: skip
            again = command_line("tune", [config], options)
            end_stopped(signals.number, unsaved=view.fault, again=again)
        verdict = study.verdict()
        show_search(study.journal.trials, verdict)
        if verdict is not None:
            output.result(shlex.join(["sentiment", "train", str(study.save_winner(verdict))]))
