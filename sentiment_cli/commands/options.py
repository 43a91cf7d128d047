"""Options that several commands share."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sentiment_cli.commands.completion import run_folders
from sentiment_cli.console import output
from sentiment_cli.errors import EnvironmentFault, ModelError, UsageError

if TYPE_CHECKING:
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.device import DeviceChoice

RUNS = Path("runs")
_PAGES = (".html", ".htm")  # no file of reviews ends in one of these, so none is lost

Run = Annotated[
    Path | None,
    typer.Option(
        "--run",
        metavar="DIR",
        autocompletion=run_folders,
        help="Run folder, or bundled; left out, the newest finished one, else bundled.",
    ),
]
Json = Annotated[bool, typer.Option("--json", help="One JSON object a line.")]
Device = Annotated[
    Literal["auto", "cpu", "cuda"] | None,
    typer.Option("--device", help="Where to compute; auto takes CUDA where it works."),
]
Set = Annotated[
    list[str] | None,
    typer.Option("--set", metavar="KEY=VALUE", help="Override a setting; may be repeated."),
]
SetReading = Annotated[
    list[str] | None,
    typer.Option(
        "--set",
        metavar="KEY=VALUE",
        help="How a file is read: data.encoding, data.header and more; may be repeated.",
    ),
]


def chosen_run(run: Path | None) -> Path:
    """Return the run folder that was named; else the newest finished one under `runs/`, else the
    bundled one, and say which.

    Raises:
        ModelError: none was named and there is none, or there is no bundled model.
    """
    from sentiment_cli.runs.bundled import bundled_run, has_bundled, run_named

    if run is not None:
        return run_named(run)
    from sentiment_cli.runs.listing import newest_run

    newest = newest_run(RUNS)
    if newest is not None:
        accuracy = newest.validation_accuracy
        known = "" if accuracy is None else f" (validation accuracy {accuracy:.2%})"
        output.note(f"run: {newest.path}{known}")
        return newest.path
    if not has_bundled():
        raise ModelError(
            f"there is no finished run under {RUNS}/",
            hint="sentiment train, or name a run folder with --run DIR",
        )
    output.note(
        "run: the bundled model; a file of yours makes one of your own: "
        "sentiment inspect reviews.csv --write-config my.yaml"
    )
    return bundled_run()


def loaded(path: Path, device: DeviceChoice | None) -> Predictor:
    """Load a run, and say so where it is not finished."""
    from sentiment_cli.inference.predictor import Predictor

    predictor = Predictor.load(path, device=device)
    if predictor.step is not None:
        output.note(f"{path} is not finished: its checkpoint of step {predictor.step} answers")
    return predictor


def require_page(html: Path) -> None:
    """Refuse a page that could not be written in the end, or would replace something else.

    Raises:
        UsageError: it ends in neither .html nor .htm.
        EnvironmentFault: its folder is not there.
    """
    if html.suffix not in _PAGES:
        raise UsageError(
            f"--html {html}: it replaces the file, which must end in .html",
            hint=f"name the page, such as {html.stem or 'page'}.html",
        )
    if not html.parent.is_dir():
        raise EnvironmentFault(
            f"--html {html}: there is no folder {html.parent}",
            hint=f"mkdir -p {shlex.quote(str(html.parent))}",
        )
