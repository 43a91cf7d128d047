"""`sentiment predict`: is this review good or bad?"""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Literal

import typer

from sentiment_cli.commands.options import Device, Json, Run, SetReading, chosen_run, loaded
from sentiment_cli.commands.predict_file import (
    checked,
    reading_of,
    score_by_ray,
    score_here,
)
from sentiment_cli.console import output
from sentiment_cli.console.answers import show_json, show_lines
from sentiment_cli.errors import DataError, UsageError


def command(
    texts: Annotated[
        list[str] | None,
        typer.Argument(metavar="[TEXT]...", help="Reviews; `-` reads them from stdin."),
    ] = None,
    run: Run = None,
    json: Json = False,
    device: Device = None,
    file: Annotated[
        str | None,
        typer.Option("--file", metavar="SOURCE", help="Score a whole source; needs --out."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option(
            "--out",
            metavar="FILE",
            help="Table to write: csv, tsv, jsonl or parquet; by ray, a folder.",
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option("--text-column", metavar="COLUMN", help="Column of the review in --file."),
    ] = None,
    overrides: SetReading = None,
    engine: Annotated[
        Literal["local", "ray"],
        typer.Option("--engine", help="What scores --file: this process, or many by Ray."),
    ] = "local",
    address: Annotated[
        str | None,
        typer.Option("--address", metavar="A", help="A Ray cluster; left out, this machine alone."),
    ] = None,
) -> None:
    """Say of each review which class it is, and how probably.

    `-` reads from stdin: a review a line, or JSON lines with a `text` field (the first line
    decides). Each answer is written as soon as it is known, one line a review, in order.

    --file and --out score a whole source: every column is kept, and the answer's are added.
    With --engine ray many processes do, and write a folder of Parquet files.
    """
    by_ray = engine == "ray"
    of_a_source = (file, out, text, overrides, address)
    if by_ray or any(given is not None for given in of_a_source):
        source, table = checked(texts, json, file, out, by_ray=by_ray, address=address)
        path = chosen_run(run)
        predictor = loaded(path, device)
        data = reading_of(path, overrides or ())
        if by_ray:
            score_by_ray(data, predictor, source, table, text, device=device, address=address)
        else:
            score_here(data, predictor, source, table, text)
        return
    if not texts:
        raise UsageError(
            "no review was given",
            hint='sentiment predict "the review"; `sentiment predict -` reads them from stdin',
        )
    for given in texts:
        # A review that is the name of a file would be judged by its letters.
        if os.path.isfile(given) and Path(given).suffix:  # noqa: PTH113
            name = shlex.quote(output.one_line(given))
            raise UsageError(
                f"{output.one_line(given)} is a file, not a review",
                hint=f"sentiment predict --file {name} --out scored.csv; or, with a review a line, "
                f"sentiment predict - < {name}",
            )
    if "-" in texts and len(texts) > 1:
        raise UsageError(
            "`-` stands alone: it reads every review from stdin", hint="sentiment predict -"
        )
    if texts == ["-"] and sys.stdin is None:
        raise DataError("-: there is no standard input", hint="sentiment predict - < reviews.txt")
    predictor = loaded(chosen_run(run), device)
    show = show_json if json else show_lines
    if texts != ["-"]:
        show(texts, predictor(texts))
        return
    from sentiment_cli.inference.stream import batches, texts_of_lines

    for batch in batches(texts_of_lines(sys.stdin.buffer)):
        show(batch, predictor(batch))
        output.flush()
