"""Options that several commands share."""

from __future__ import annotations

import glob
import os
import shlex
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from sentiment_cli.commands.completion import run_folders
from sentiment_cli.console import output
from sentiment_cli.errors import EnvironmentFault, ModelError, OutputExistsError, UsageError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.device import DeviceChoice

RUNS = Path("runs")

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
Force = Annotated[bool, typer.Option("--force", help="Replace output files that exist.")]


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


def require_output(
    option: str, path: Path, *, force: bool, sources: Iterable[str | Path] = ()
) -> None:
    """Check before the work that an output file can be written in the end.

    Args:
        option: Option that names the file, such as `--out`.
        path: The file.
        force: Whether an existing file may be replaced.
        sources: Files and patterns of files that the command reads and must not replace.

    Raises:
        OutputExistsError: The file exists.
        UsageError: The file is one of the sources.
        EnvironmentFault: Its folder does not exist, or the path is a folder or a device.
    """
    if not path.parent.is_dir():
        raise EnvironmentFault(
            f"{option} {path}: there is no folder {path.parent}",
            hint=f"mkdir -p {shlex.quote(str(path.parent))}",
        )
    if not os.path.lexists(path):
        return
    if not path.is_file():
        raise EnvironmentFault(
            f"{option} {path}: expected a file, got a folder, a device or a broken link",
            hint="name a file that does not exist",
        )
    for source in sources:
        named = Path(source).expanduser()
        # Path.glob takes no absolute pattern.
        found = [named] if named.exists() else glob.glob(str(source), recursive=True)  # noqa: PTH207
        if any(path.samefile(file) for file in found if os.path.exists(file)):  # noqa: PTH110
            raise UsageError(
                f"{option} {path} is a file that the command reads", hint="name another file"
            )
    if not force:
        raise OutputExistsError(option, path)
