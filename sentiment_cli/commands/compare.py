"""`sentiment compare`: which experiment is better, beyond the noise of seeds and reviews?"""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentiment_cli.commands.again import command_line, end_stopped
from sentiment_cli.commands.completion import config_files
from sentiment_cli.commands.looks import tell_looks
from sentiment_cli.commands.options import RUNS, Device, Force, Json, Set, require_output
from sentiment_cli.commands.signals import StopSignals
from sentiment_cli.console import output


def command(
    configs: Annotated[
        list[Path],
        typer.Argument(
            metavar="CONFIG...",
            autocompletion=config_files,
            help="Experiment files; a sweep in one is many.",
        ),
    ],
    seeds: Annotated[
        int, typer.Option("--seeds", metavar="N", min=1, max=1000, help="Trainings of each.")
    ] = 3,
    overrides: Set = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out", "-o", metavar="DIR", help="Where runs are kept; left out, runs/compare."
        ),
    ] = None,
    device: Device = None,
    json: Json = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page of it, too.")
    ] = None,
    texts: Annotated[
        bool, typer.Option("--texts/--no-texts", help="Whether the page quotes reviews.")
    ] = True,
    force: Force = False,
) -> None:
    """Train each experiment with several seeds, and say which differences are beyond doubt.

    All meet the same split and the same test reviews. Runs are kept and found again: a second call
    trains only what is new, and one that was stopped goes on where it stood.
    """
    from sentiment_cli.config.sweep import read_sweep

    if html is not None:
        require_output("--html", html, force=force, sources=configs)
    files = [read_sweep(config, overrides or ()) for config in configs]

    from sentiment_cli.analysis.comparison.contest import contestants
    from sentiment_cli.analysis.comparison.disagreement import disagreements
    from sentiment_cli.analysis.comparison.jobs import Comparison
    from sentiment_cli.analysis.comparison.page import comparison_page
    from sentiment_cli.analysis.comparison.report import report
    from sentiment_cli.console.comparison import show_comparison
    from sentiment_cli.console.contest import ContestView
    from sentiment_cli.console.progress import counting
    from sentiment_cli.runs.durable import replace_file

    work = Comparison(
        contestants(files), seeds=seeds, folder=out or RUNS / "compare", device=device
    )
    signals = StopSignals()
    with ContestView([(job.name, job.trained) for job in work.jobs]) as view, signals:
        for job, event in work.train(progress=view.preparing, stop=signals.arrived):
            view.show(job.name, job.experiment.seed, event)
            signals.patient = view.started
    if view.stopped and signals.number is not None:
        options = {
            "--seeds": seeds, "--set": overrides or [], "--out": out, "--device": device,
            "--html": html, "--no-texts": None if texts else True, "--json": json or None,
            "--force": force or None,
        }  # fmt: skip
        again = command_line("compare", configs, options)
        end_stopped(signals.number, unsaved=view.fault, again=again)
    with counting("test reviews") as advance:
        looks = [run for run, _ in work.measure(progress=view.preparing, advance=advance)]
    entries = work.entries()
    found = report(entries)
    tell_looks(found["test_set"], looks)
    if json:
        output.json_line(found)
    else:
        show_comparison(found)
    if html is not None:
        quoted = disagreements(entries, work.corpus) if texts else None
        replace_file(html, comparison_page(found, entries, work.contestants, quoted))
        output.note(f"page: {html}")
