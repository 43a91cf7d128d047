"""Whether what an earlier run learned from is what an experiment is judged by."""

from __future__ import annotations

import os
import shlex
from fnmatch import fnmatchcase
from pathlib import PurePath
from typing import TYPE_CHECKING

from sentiment_cli.config.paths import is_name
from sentiment_cli.config.writer import written
from sentiment_cli.errors import UsageError

if TYPE_CHECKING:
    from sentiment_cli.config.schema import DataConfig, Experiment

_HELD_OUT = ("validation", "test", "validation_fraction", "test_fraction")


def require_same_split(experiment: Experiment, earlier: Experiment, *, named: str) -> None:
    """Refuse an earlier run that was taught by reviews which steer or test here.

    Args:
        experiment: that is to be trained.
        earlier: settings of the run.
        named: the setting that names it, and its value, for the message.

    Raises:
        UsageError: both read a source in common, and split it otherwise.
    """
    own, other = _split(experiment), _split(earlier)
    if _in_both(_sources(experiment.data), _sources(earlier.data)) and own != other:
        differing = next(name for name, value in own.items() if value != other[name])
        theirs = written(other[differing])
        raise UsageError(
            f"{named} has {differing}: {theirs}, and here it is {written(own[differing])}: "
            "reviews that steer or test here taught it",
            hint=f"--set {shlex.quote(f'{differing}={theirs}')}, or train that run as here",
        )


def _in_both(own: set[str], others: set[str]) -> set[str]:
    """Return those that are among the others. A glob and a file that it finds are one, though no
    disk is searched for it; of two globs nobody asks what both find."""
    return {
        one
        for one in own
        if any(one == other or _finds(one, other) or _finds(other, one) for other in others)
    }


def _finds(pattern: str, path: str) -> bool:
    """Return whether a glob finds a file: `**` stands for any folders, other signs for one name."""
    names = PurePath(path).parts
    reached = {0}  # how many of them what stands so far may stand for
    for sign in PurePath(pattern).parts:
        if sign == "**":
            reached = set(range(min(reached), len(names) + 1))
        else:
            reached = {at + 1 for at in reached if at < len(names) and fnmatchcase(names[at], sign)}
        if not reached:
            return False
    return len(names) in reached


def _split(experiment: Experiment) -> dict[str, object]:
    """What tells which reviews of a source are held out, by dotted name."""
    held_out = {f"data.{name}": getattr(experiment.data, name) for name in _HELD_OUT}
    return {"data.split_seed": experiment.split_seed, **held_out}


def _sources(data: DataConfig) -> set[str]:
    return {*_listed(data.source), *_listed(data.validation), *_listed(data.test)}


def _listed(named: str | tuple[str, ...] | None) -> list[str]:
    """The sources that a setting names; of a path that leads over links, where it ends."""
    listed = [named] if isinstance(named, str) else named or ()
    return [source if is_name(source) else os.path.realpath(source) for source in listed]
