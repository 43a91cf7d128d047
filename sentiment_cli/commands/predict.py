"""`sentiment predict`: is this review good or bad?"""

from __future__ import annotations

import glob
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment_cli.commands.options import Device, Json, Run, chosen_run
from sentiment_cli.console import output
from sentiment_cli.console.answers import show_json, show_lines, show_skipped
from sentiment_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.device import DeviceChoice


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
        typer.Option("--out", metavar="FILE", help="Table to write: csv, tsv, jsonl or parquet."),
    ] = None,
    text: Annotated[
        str | None,
        typer.Option("--text", metavar="COLUMN", help="Column of the review in --file."),
    ] = None,
) -> None:
    """Say of each review which class it is, and how probably.

    `-` reads from stdin: a review a line, or JSON lines with a `text` field (the first line
    decides). Each answer is written as soon as it is known, one line a review, in order.

    --file and --out score a whole source: every column is kept, and the answer's are added.
    """
    if file is not None or out is not None or text is not None:
        source, table = _file_and_out(texts, json, file, out)
        _score_file(run, device, source, table, text)
        return
    if not texts:
        raise UsageError("no review was given", hint='sentiment predict "the review"')
    if "-" in texts and len(texts) > 1:
        raise UsageError(
            "`-` stands alone: it reads every review from stdin", hint="sentiment predict -"
        )
    if texts == ["-"] and sys.stdin is None:
        raise DataError("-: there is no standard input", hint="sentiment predict - < reviews.txt")
    predictor = _loaded(chosen_run(run), device)
    show = show_json if json else show_lines
    if texts != ["-"]:
        show(texts, predictor(texts))
        return
    from sentiment_cli.inference.stream import batches, texts_of_lines

    for batch in batches(texts_of_lines(sys.stdin.buffer)):
        show(batch, predictor(batch))
        output.flush()


def _loaded(path: Path, device: DeviceChoice | None) -> Predictor:
    from sentiment_cli.inference.predictor import Predictor

    predictor = Predictor.load(path, device=device)
    if predictor.step is not None:
        output.note(f"{path} is not finished: its checkpoint of step {predictor.step} answers")
    return predictor


def _file_and_out(
    texts: list[str] | None, json: bool, file: str | None, out: Path | None
) -> tuple[str, Path]:
    """Return what is scored and where the table goes, if all that was given goes together."""
    shown = f"sentiment predict --file {file or 'SOURCE'} --out {out or 'scored.csv'}"
    if file is None or out is None:
        raise UsageError("--file, --out and --text belong together", hint=shown)
    if texts:
        raise UsageError("--file takes the place of reviews on the command line", hint=shown)
    if json:
        raise UsageError(
            "--json is for answers on the screen; a table is of the kind that --out ends in",
            hint=f"sentiment predict --file {file} --out {out.stem}.jsonl",
        )
    from sentiment_cli.inference.tables import require_table

    require_table(out)
    given = Path(file).expanduser() if file.startswith("~/") else Path(file)
    # Path.glob takes no absolute pattern.
    found = [] if given.exists() else glob.glob(file, recursive=True)  # noqa: PTH207
    read = [given, *map(Path, found)]
    if out.exists() and any(path.exists() and out.samefile(path) for path in read):
        raise UsageError(
            f"--out {out} is a file that is read", hint="name another file, which can be checked"
        )
    return file, out


def _score_file(
    run: Path | None, device: DeviceChoice | None, file: str, out: Path, text: str | None
) -> None:
    path = chosen_run(run)
    predictor = _loaded(path, device)
    from sentiment_cli.console.progress import counting
    from sentiment_cli.inference.columns import text_column
    from sentiment_cli.inference.scoring import score_file
    from sentiment_cli.inference.settings import run_settings
    from sentiment_cli.reviews.sources import open_source

    data = run_settings(path).data
    with counting("reviews") as advance:
        source = open_source(
            file, base=Path.cwd(), encoding=data.encoding, on_bad_row=data.on_bad_row
        )
        column = text_column(source, text, text=data.text, label=data.label)
        labels = score_file(
            predictor, source, column, out, formula_guard=data.formula_guard, advance=advance
        )
    counts = ", ".join(f"{output.one_line(name)} {count:,}" for name, count in labels.most_common())
    output.note(f"{out}: {labels.total():,} reviews of the column {column!r}: {counts}")
    show_skipped(source.skipped)
