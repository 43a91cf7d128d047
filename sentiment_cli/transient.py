"""Files that must not outlive the process, when a signal ends it where no `finally` can run.

An exception out of a signal's handler may arise between any two instructions: it can leave a thread
that nobody joins, or be lost in a callback. So a signal ends the process itself, and this is what
is cleared away first.
"""

from __future__ import annotations

from contextlib import suppress
from pathlib import Path

_files: set[Path] = set()


def add(file: Path) -> Path:
    """Let `file` or folder, which may not be there yet, go with the process."""
    _files.add(file)
    return file


def remove(file: Path) -> None:
    """Delete `file`, or the folder and what is in it, if it is there."""
    if file.is_dir():
        import shutil

        shutil.rmtree(file, ignore_errors=True)
    else:
        file.unlink(missing_ok=True)
    _files.discard(file)


def keep(file: Path) -> None:
    """Let `file` stay: it has become what it was made for."""
    _files.discard(file)


def clear() -> None:
    """Delete all of them."""
    for file in list(_files):
        with suppress(OSError):
            remove(file)
