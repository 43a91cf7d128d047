"""The run that travels with the program, in the ordinary form of a run folder."""

from __future__ import annotations

from pathlib import Path

from sentiment_cli.errors import ModelError
from sentiment_cli.runs.reader import is_finished, is_run

BUNDLED = "bundled"
"""What it is called on the command line and in an experiment file."""

FOLDER = Path(__file__).resolve().parents[1] / "bundled"
"""Where it lies, in a wheel as in a checkout."""


def has_bundled() -> bool:
    """Whether this installation has it."""
    return is_finished(FOLDER)


def bundled_run() -> Path:
    """Return the folder of the bundled model.

    Raises:
        ModelError: this installation lacks it.
    """
    if not has_bundled():
        raise ModelError(
            "this installation has no bundled model",
            hint="install it again: pip install --force-reinstall sentiment-cli; or train a model "
            "of your own: sentiment train",
        )
    return FOLDER


def run_named(run: Path) -> Path:
    """Return the run folder that a name on the command line stands for: a folder, or, where no run
    folder of that name is here, `bundled`.

    Raises:
        ModelError: the bundled model is meant, and this installation lacks it.
    """
    return bundled_run() if run == Path(BUNDLED) and not is_run(run) else run


def is_bundled(run: Path) -> bool:
    """Whether a run folder is that of the bundled model."""
    return run == FOLDER


def run_folder(name: str) -> Path:
    """Return the run folder that a setting names: `bundled`, or a path.

    Raises:
        ModelError: the bundled model is meant, and this installation lacks it.
    """
    return bundled_run() if name == BUNDLED else Path(name)


def name_of(run: Path) -> str:
    """Return what a run folder is called where it is shown."""
    return BUNDLED if is_bundled(run) else str(run)
