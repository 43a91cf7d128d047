"""`sentiment predict`: the class of reviews."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from sentiment_cli.commands.options import (
    Device,
    Force,
    Json,
    Run,
    SetReading,
    chosen_run,
    loaded,
)
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
            "-o",
            metavar="FILE",
            help="Table to write: csv, tsv, jsonl or parquet; by ray, a folder.",
        ),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option(
            "--text-column",
            metavar="COLUMN",
            help="Column of the review in --file, or key of JSON lines.",
        ),
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
    force: Force = False,
) -> None:
    """Predict the class of each review, and how probable it is.

    `-` reads reviews from stdin: one per line, or JSON lines with a key like `text` or `review`
    (the first line decides). Each prediction is written at once, one line per line of stdin.

    --file and --out predict a whole source. The table has all its columns and those of the
    prediction. With --engine ray many processes write a folder of Parquet files.
    """
    by_ray = engine == "ray"
    asks_for_table = (file, out, overrides, address, force or None)
    if by_ray or any(given is not None for given in asks_for_table):
        source, table = checked(texts, json, file, out, by_ray=by_ray, address=address, force=force)
        path = chosen_run(run)
        predictor = loaded(path, device)
        data = reading_of(path, overrides or ())
        if by_ray:
            score_by_ray(data, predictor, source, table, text, device=device, address=address)
        else:
            score_here(data, predictor, source, table, text)
        return
    given = _checked(texts or [], text)
    path = chosen_run(run)
    predictor = loaded(path, device)
    show = show_json if json else show_lines
    if given != ["-"]:
        show(given, predictor(given))
        return
    from sentiment_cli.inference.stream import batches, texts_of_lines

    stdin: Any = sys.stdin.buffer
    stream = texts_of_lines(
        # Not the buffer: its lock, held while a thread waits, would abort the interpreter's end.
        getattr(stdin, "raw", stdin).read,
        key=text,
        run_key=lambda: _text_column(path),
        on_guess=lambda key: output.note(f"stdin: the reviews are read from the key {key!r}"),
    )
    for batch in batches(stream):
        show(batch, predictor(batch))
        output.flush()


def _checked(texts: list[str], text_column: str | None) -> list[str]:
    """Return the reviews of the command line, or `-` alone.

    Raises:
        UsageError: There are none, one is the name of a file, or the options do not fit.
        DataError: `-` is given and there is no standard input.
    """
    if text_column is not None and texts != ["-"]:
        shown = "sentiment predict --file SOURCE --out scored.csv --text-column"
        raise UsageError(
            "--text-column names a column of --file, or a key of JSON lines on stdin",
            hint=f"{shown} {shlex.quote(text_column)}",
        )
    if not texts:
        raise UsageError(
            "no review was given",
            hint='sentiment predict "the review"; `sentiment predict -` reads them from stdin',
        )
    for text in texts:
        # A review that is the name of a file would be judged by its letters.
        if os.path.isfile(text) and Path(text).suffix:  # noqa: PTH113
            name = shlex.quote(output.one_line(text))
            raise UsageError(
                f"{output.one_line(text)} is a file, not a review",
                hint=f"sentiment predict --file {name} --out scored.csv; or, with a review a line, "
                f"sentiment predict - < {name}",
            )
    if "-" in texts and len(texts) > 1:
        raise UsageError(
            "`-` stands alone: it reads every review from stdin", hint="sentiment predict -"
        )
    if texts == ["-"] and sys.stdin is None:
        raise DataError("-: there is no standard input", hint="sentiment predict - < reviews.txt")
    return texts


def _text_column(run: Path) -> str:
    """Return the name of the text column that a run was trained on."""
    from sentiment_cli.reviews.settings import run_settings

    return run_settings(run).data.text_column
