"""Which settings are names, and which are paths that are read from a folder."""

from __future__ import annotations

import glob
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

BUILT_IN = ("imdb", "cereal")
"""Sources that are known by a name alone."""

VECTORS = ("counted", "glove-6b-50d")
"""Word vectors that are known by a name alone."""

RUNS = ("bundled",)
"""Runs that are known by a name alone."""


def is_name(source: str) -> bool:
    """Whether a source is a name (`imdb`, `hub:OWNER/NAME`, `-` for stdin), and no path."""
    return source in BUILT_IN or source == "-" or source.startswith("hub:")


@dataclass(frozen=True, slots=True)
class Located:
    """Marks a setting that names a path: a relative one becomes absolute as it is read.

    Args:
        is_name: tells what is known by a name, and is no path.
    """

    is_name: Callable[[str], bool]


def located(source: str, folder: Path, is_name: Callable[[str], bool] = is_name) -> str:
    """A source with its path, if it is one, made absolute.

    A glob's signs in the name of the folder itself are escaped, so that only what the user wrote
    is a pattern; a file whose own name holds such signs is that file.

    Args:
        source: a name, a file, a folder or a glob; a leading `~/` is the home folder.
        folder: from where a relative path is read.
        is_name: tells what is a name, and no path.
    """
    if not source or is_name(source):
        return source
    path = Path(source)
    if source.startswith("~/"):
        return str(path.expanduser())
    if path.is_absolute():
        return source
    absolute = folder.absolute() / path
    if glob.has_magic(source) and not _exists(absolute):
        return str(Path(glob.escape(str(folder.absolute()))) / path)
    return str(absolute)


def _exists(path: Path) -> bool:
    try:
        return path.exists()
    except OSError:
        # Too long to be a file's name, or in a folder that is closed to us.
        return False
