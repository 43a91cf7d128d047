"""Checkpoints of a run: whole directories, each with a manifest of its own.

checkpoints/step-000400/      the state after 400 steps
checkpoints/step-000400-2/    the same step, saved again: a saved directory is never changed
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from sentiment_cli.errors import ModelError
from sentiment_cli.runs.durable import (
    clear_partials,
    commit_directory,
    environment_faults,
    remove_directory,
)
from sentiment_cli.runs.manifest import DAMAGED_HINT, LARGEST_WEIGHTS, MANIFEST, encode
from sentiment_cli.runs.verified import read_verified

CHECKPOINTS = "checkpoints"

_NAME = re.compile(r"step-([0-9]{6,15})(?:-([0-9]{1,6}))?")


@dataclass(frozen=True)
class Checkpoint:
    """A verified checkpoint: `files` by name, and what is wrong with the newer ones, if any."""

    step: int
    files: dict[str, bytes]
    passed_over: tuple[str, ...] = ()


class _Place(NamedTuple):
    """Where a checkpoint lies: its step, and how often the step has been saved by then."""

    step: int
    times: int
    path: Path


def newest_checkpoint(
    run: Path, names: Collection[str] | None = None, *, largest: int = LARGEST_WEIGHTS
) -> Checkpoint | None:
    """The newest checkpoint of the folder `run` that verifies; None where none was ever saved.

    Only the files in `names` are read, where given. One with a file of more than `largest` bytes
    counts as damaged.

    Raises:
        ModelError: there are checkpoints and each of them is damaged.
        EnvironmentFault: the machine refuses to read.
    """
    passed_over: list[str] = []
    for place in _places(run):
        try:
            files = _verified(place, names, largest)
        except ModelError as fault:
            if not os.path.lexists(place.path):
                # The training that owns the folder has saved a newer one and removed this one.
                return newest_checkpoint(run, names, largest=largest)
            passed_over.append(fault.what)
        else:
            return Checkpoint(place.step, files, tuple(passed_over))
    if passed_over:
        raise ModelError(
            f"no checkpoint of {run} is whole: {'; '.join(passed_over)}", hint=DAMAGED_HINT
        )
    return None


def checkpoint(run: Path, step: int, names: Collection[str] | None = None) -> Checkpoint:
    """The checkpoint after `step` steps; only the files in `names` are read, where given.

    Raises:
        ModelError: there is none of that step, or it is damaged.
        EnvironmentFault: the machine refuses to read.
    """
    places = _places(run)
    for place in places:
        if place.step == step:
            return Checkpoint(step, _verified(place, names, LARGEST_WEIGHTS))
    there = ", ".join(str(place.step) for place in places) or "none"
    raise ModelError(f"{run} holds no checkpoint of step {step}", hint=f"it holds: {there}")


def save(
    run: Path, step: int, files: Mapping[str, bytes], *, best_step: int | None, keep: int
) -> None:
    """Save `files` as the state after `step` steps; only then remove checkpoints out of use.

    The newest `keep` (at least 1) steps up to this one and `best_step` stay. Those of later steps
    go: they were passed over when the training went on from an earlier one.

    Raises:
        EnvironmentFault: the disk refuses; all that was saved before is still there.
    """
    folder = run / CHECKPOINTS
    clear_partials(folder)
    again = max((place.times for place in _places(run) if place.step == step), default=0) + 1
    name = f"step-{step:06}" if again == 1 else f"step-{step:06}-{again}"
    commit_directory(folder / name, {**files, MANIFEST: encode(files)})

    places = _places(run)
    steps = sorted({place.step for place in places if place.step <= step}, reverse=True)
    kept = {*steps[:keep], best_step}
    for place in places:
        # Each step's newest directory comes first.
        if place.step in kept:
            kept.remove(place.step)
        else:
            remove_directory(place.path)


def _verified(place: _Place, names: Collection[str] | None, largest: int) -> dict[str, bytes]:
    """The files of the checkpoint at `place`, which must lie there itself."""
    if place.path.is_symlink():
        raise ModelError(f"{place.path} is no folder, but a link", hint=DAMAGED_HINT)
    return read_verified(place.path, names, largest=largest)


def _places(run: Path) -> list[_Place]:
    """Where the checkpoints of `run` lie, the newest first, whole or damaged."""
    folder = run / CHECKPOINTS
    with environment_faults("read", folder):
        if folder.is_symlink():
            raise ModelError(f"{folder} is no folder, but a link", hint=DAMAGED_HINT)
        paths = list(folder.iterdir()) if folder.is_dir() else []
    found = [(match, path) for path in paths if (match := _NAME.fullmatch(path.name))]
    return sorted((_Place(int(m[1]), int(m[2] or 1), path) for m, path in found), reverse=True)
