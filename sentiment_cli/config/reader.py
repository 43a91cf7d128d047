"""From an experiment file and `--set` to a checked experiment."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pydantic import ValidationError

from sentiment_cli.config.faults import did_you_mean, usage_error
from sentiment_cli.config.nodes import MapNode, Place, ScalarNode
from sentiment_cli.config.overrides import override
from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.values import section_values
from sentiment_cli.config.yaml import MAX_BYTES, parse
from sentiment_cli.errors import EnvironmentFault, UsageError
from sentiment_cli.shipped import shipped

DEFAULT = "lstm"
_REVIEWS = {".csv", ".tsv", ".jsonl", ".json", ".parquet", ".gz"}  # endings of files of them
SWEEP = "sweep"
"""The key under which a file describes several experiments."""
TUNE = "tune"
"""The key under which a file says what `sentiment tune` may vary; others pass it over."""


@dataclass(frozen=True)
class Loaded:
    """An experiment as it will run.

    Args:
        experiment: every setting; a path in it is absolute.
        name: the file's name without its ending.
        path: the file that was read, which may be a shipped one.
    """

    experiment: Experiment
    name: str
    path: Path


def read_experiment(path: Path | None, overrides: Sequence[str] = ()) -> Loaded:
    """Read an experiment file, put the overrides on top, and check the whole.

    Relative paths in the file are read from the file's folder, those in an override from the
    current folder.

    Args:
        path: the YAML file; none stands for the shipped `configs/lstm.yaml`. Where there is no
            such file, `quick`, `quick.yaml` and `configs/quick.yaml` stand for the shipped
            config of that name, so that they work in any folder.
        overrides: each `section.key=value`; of two for one setting the later holds.

    Raises:
        UsageError: no such file, no valid YAML, or settings that the schema refuses: all of
            them in one error, a line each, with file and line, key, value and what is allowed.
        EnvironmentFault: the file cannot be read.
    """
    path, root = read_root(path)
    if SWEEP in root.entries:
        raise UsageError(
            f"{root.entries[SWEEP].place}: {SWEEP}: here are several experiments, where one is "
            "wanted",
            hint=f"sentiment compare {shlex.quote(str(path))}",
        )
    root = root.without(TUNE)
    for argument in overrides:
        root = override(root, argument)
    return Loaded(checked(root), path.stem, path)


def read_root(path: Path | None) -> tuple[Path, MapNode]:
    """Find an experiment file as `read_experiment` does, and return its path and its tree.

    Raises:
        UsageError: no such file, no valid YAML, or no mapping.
        EnvironmentFault: the file cannot be read.
    """
    path, data = _find(path)
    root = parse(data, Place(str(path), path.parent, line=1))
    if isinstance(root, ScalarNode) and root.value is None:
        root = MapNode({}, root.place)
    if not isinstance(root, MapNode):
        raise UsageError(
            f"{root.place}: got {root}, expected sections of settings",
            hint=f"begin with a section, for example {next(iter(Experiment.model_fields))}:",
        )
    return path, root


def checked(root: MapNode) -> Experiment:
    """Return the experiment that a tree describes.

    Raises:
        UsageError: the schema refuses some of its settings: all of them in one error.
    """
    try:
        return Experiment.model_validate(section_values(root, Experiment), strict=True)
    except ValidationError as error:
        raise usage_error(error, root, Experiment) from error


def _find(path: Path | None) -> tuple[Path, bytes]:
    """The file that is meant, and what it holds, as far as a file of settings may go."""
    if path is None:
        path = shipped("configs", f"{DEFAULT}.yaml")
    if path.suffix.lower() in _REVIEWS and path.is_file():
        config = f"{path.name.partition('.')[0]}.yaml"
        inspect = ["sentiment", "inspect", str(path), "--write-config", config]
        train = ["sentiment", "train", config]
        raise UsageError(
            f"{path}: expected an experiment file, got a file of reviews",
            hint=shlex.join(train if Path(config).exists() else inspect),
        )
    try:
        return path, _content(path)
    except (FileNotFoundError, IsADirectoryError, NotADirectoryError) as error:
        ours = {file.stem: file for file in shipped("configs").glob("*.yaml")}
        if path in (Path(path.name), Path("configs", path.name)):
            named = ours.get(path.name.removesuffix(".yaml"))
            if named:
                return named, _content(named)
        raise _missing(path, sorted(ours)) from error
    except OSError as error:
        raise EnvironmentFault(
            f"{path}: cannot be read: {error.strerror}", hint="check the file's permissions"
        ) from error


def _content(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)


def _missing(path: Path, ours: list[str]) -> UsageError:
    here = {file.name: str(file) for file in path.parent.glob("*.yaml")}
    meant = did_you_mean(path.name, here)
    close = here[meant] if meant else did_you_mean(path.stem, ours)
    question = f"did you mean {close}? " if close else ""
    what = "is a folder, not an experiment file" if path.is_dir() else "no such experiment file"
    return UsageError(f"{path}: {what}", hint=f"{question}shipped ones: {', '.join(ours)}")
