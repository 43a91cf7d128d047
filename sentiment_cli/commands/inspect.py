"""`sentiment inspect`: what a source of reviews is like."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from sentiment_cli.commands.options import Force, Json, SetReading, require_output
from sentiment_cli.console import output
from sentiment_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.reviews.quality import Inspection
    from sentiment_cli.reviews.sources import Source


def command(
    source: Annotated[
        str,
        typer.Argument(
            metavar="SOURCE", help="A file, glob, folder, hub:OWNER/NAME, or - (stdin)."
        ),
    ],
    test: Annotated[
        str | None,
        typer.Option("--test", metavar="SOURCE", help="Test reviews: do they stand in SOURCE too?"),
    ] = None,
    write_config: Annotated[
        Path | None,
        typer.Option("--write-config", metavar="FILE", help="Write an experiment file that fits."),
    ] = None,
    text: Annotated[
        str | None, typer.Option("--text-column", metavar="COLUMN", help="Column of the review.")
    ] = None,
    label: Annotated[
        str | None, typer.Option("--label-column", metavar="COLUMN", help="Column of the label.")
    ] = None,
    overrides: SetReading = None,
    json: Json = False,
    force: Force = False,
) -> None:
    """Look at a file of reviews before training on it.

    Columns, classes, lengths, empty and repeated texts, contradictions, characters that are no
    text. --write-config writes an experiment file for it that trains as it is.
    """
    if "-" in (source, test) and write_config:
        raise UsageError(
            "--write-config: standard input is gone once it was read",
            hint="save them to a file, then: sentiment inspect reviews.csv --write-config "
            f"{shlex.quote(str(write_config))}",
        )
    if write_config:
        sources = [source, *([] if test is None else [test])]
        require_output("--write-config", write_config, force=force, sources=sources)
    from sentiment_cli.config.reading import reading_settings
    from sentiment_cli.console.answers import show_skipped
    from sentiment_cli.console.inspection import show_inspection
    from sentiment_cli.console.progress import counting
    from sentiment_cli.reviews.experiment_file import write_experiment
    from sentiment_cli.reviews.quality import inspect_reviews
    from sentiment_cli.reviews.sources import require_columns
    from sentiment_cli.reviews.sources.columns import prediction_warning

    reading = reading_settings(overrides or ())
    opened = _opened(source, reading)
    opened_test = None if test is None else _opened(test, reading)
    with counting("reviews") as advance:
        inspection = inspect_reviews(
            opened, text=text, label=label, test=opened_test, advance=advance
        )
    show_skipped(opened.skipped)
    label_column = inspection.columns.label
    for warning in prediction_warning(opened, label_column.name if label_column else None):
        output.note(warning)

    named = {"--test": test, "--text-column": text, "--label-column": label}
    following = _next_command(inspection, source, named, overrides or (), write_config)
    fault = None
    if write_config is not None:
        try:
            if opened_test and label_column:
                names = inspection.columns.text.name, label_column.name
                require_columns(opened_test, *names, like=source)
            write_experiment(
                write_config,
                inspection,
                source,
                test,
                reading=reading,
                command=_train(write_config),
            )
            output.note(f"{write_config} is written")
        except DataError as found:  # what was seen is told all the same
            fault = found
    report = inspection.report()
    if json:
        output.json_line({**report, "next": following})
    else:
        show_inspection(report)
    if fault is not None:
        raise fault
    if following and not json:
        output.result(f"next: {following}")


def _opened(source: str, reading: DataConfig) -> Source:
    from sentiment_cli.reviews.sources import ReadOptions, open_source

    return open_source(source, base=Path.cwd(), options=ReadOptions.of(reading))


def _next_command(
    inspection: Inspection,
    source: str,
    named: Mapping[str, str | None],
    overrides: Sequence[str],
    config: Path | None,
) -> str | None:
    """What to type next; nothing where there are no classes to train on, or no file."""
    if inspection.classes.labels is None or source == "-":
        return None
    if config is not None:
        return _train(config)
    from sentiment_cli.runs.listing import next_free

    name = Path(source).name.split(".")[0].strip("*?[]") or "reviews"
    words = ["sentiment", "inspect", source]
    for option, value in named.items():
        words += [] if value is None else [option, value]
    for argument in overrides:
        words += ["--set", argument]
    words += ["--write-config", str(next_free(Path(), name, ".yaml"))]
    return output.one_line(shlex.join(words))


def _train(config: Path) -> str:
    return output.one_line(shlex.join(["sentiment", "train", str(config)]))
