"""`sentiment memory`: how far back a network remembers."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from sentiment_cli.commands.completion import run_folders
from sentiment_cli.commands.options import Force, Json, Set, chosen_run, require_output
from sentiment_cli.console import output


def command(
    run: Annotated[
        list[Path] | None,
        typer.Option(
            "--run",
            metavar="DIR",
            autocompletion=run_folders,
            help="Run folder, or bundled; may be repeated; left out, the newest finished one.",
        ),
    ] = None,
    data: Annotated[
        str | None,
        typer.Option("--data", metavar="SOURCE", help="Labelled reviews; left out, the run's own."),
    ] = None,
    overrides: Set = None,
    json: Json = False,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FILE", help="Write a page with the curves.")
    ] = None,
    force: Force = False,
) -> None:
    """Measure how far back a run remembers, on 200 test reviews.

    How the gradient fades with every word between a word and the end; from how far a decisive
    phrase still decides; and what the accuracy owes to each gate. Several runs stand side by side.
    """
    if html is not None:
        require_output("--html", html, force=force)
    paths = [chosen_run(path) for path in run] if run else [chosen_run(None)]
    from sentiment_cli.analysis.memory.measure import STAGES, measure
    from sentiment_cli.console.memory import show_memory
    from sentiment_cli.console.progress import counting

    reports = []
    with counting("measures", STAGES * len(paths)) as advance:
        for path in paths:
            measured = measure(path, data, overrides=overrides or (), advance=advance)
            reports.append(measured.report())
    for report in reports:
        for note in report["notes"]:
            output.note(f"{report['run']}: {note}")
    if json:
        output.json_line({"runs": reports})
    else:
        show_memory(reports)
    if html is not None:
        from sentiment_cli.analysis.memory.page import memory_page
        from sentiment_cli.runs.durable import replace_file

        replace_file(html, memory_page(reports))
        output.note(f"page: {html}")
