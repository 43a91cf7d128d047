"""Reading the files of a run folder: plain ones alone, once, and checked before anyone parses them.

No link within the folder is followed, nothing waits (a named pipe is refused, not opened for
good), and a file is not read when its size is not what it should be, so that memory stays near the
size of the files that were asked for.
"""

from __future__ import annotations

import errno
import hashlib
import os
import stat
from collections.abc import Collection, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from sentiment_cli.errors import ModelError
from sentiment_cli.runs.durable import environment_faults
from sentiment_cli.runs.manifest import DAMAGED_HINT, LARGEST_WEIGHTS, MANIFEST, Entry, parse

# Bytes. What no manifest covers is small: config.yaml, timing.json, the holder of the lock.
_LARGEST_MANIFEST = 2**16
_LARGEST_TEXT = 2**21

_FAULTS = {
    errno.ENOENT: "is missing",
    errno.ENOTDIR: "is no folder",
    errno.ELOOP: "is no plain file, but a link",
    errno.ENXIO: "is no plain file",
    errno.EIO: "is damaged: the disk cannot read it",
}


def read_verified(
    folder: Path,
    names: Iterable[str] | None = None,
    *,
    optional: Collection[str] = (),
    largest: int = LARGEST_WEIGHTS,
) -> dict[str, bytes]:
    """The files of `folder` that its manifest names, or only those in `names`; each read once.
    Those in `optional` are read beside `names`, if the manifest names them.

    What is returned is what was checked. Every byte of the manifest is checked in any case.
    `largest` is how many bytes a file may have that belongs here, as far as the caller knows.

    Raises:
        ModelError: the manifest, or a file asked for, is missing, damaged, no plain file, or
            larger than `largest`, though the manifest says so too.
        EnvironmentFault: the machine refuses to read.
    """
    with _faults_told(folder):
        inside = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        where = folder / MANIFEST
        entries = parse(_read(where, _LARGEST_MANIFEST, inside), where)
        files = {}
        if names is not None:
            names = [*names, *(name for name in optional if name in entries)]
        for name in entries if names is None else names:
            if name not in entries:
                raise ModelError(f"{where} names no {name}", hint=DAMAGED_HINT)
            if entries[name].size > largest:
                raise ModelError(
                    f"{folder / name} does not belong here: {entries[name].size} bytes, where "
                    f"{largest} are the most",
                    hint=DAMAGED_HINT,
                )
            files[name] = _read_entry(folder / name, entries[name], inside)
        return files
    finally:
        os.close(inside)


def read_text(path: Path) -> str:
    """A plain file that no manifest covers yet, as UTF-8 text.

    Raises:
        ModelError: it is missing, no plain file, too large, or no UTF-8.
        EnvironmentFault: the machine refuses to read.
    """
    try:
        return _read(path, _LARGEST_TEXT).decode()
    except UnicodeDecodeError:
        raise ModelError(f"{path} is no UTF-8 text", hint=DAMAGED_HINT) from None


def _read_entry(path: Path, entry: Entry, inside: int) -> bytes:
    """The content of `path`, if it is what `entry` says."""
    data = _read(path, entry.size, inside)
    if len(data) != entry.size:
        raise ModelError(
            f"{path} is damaged: {len(data)} of {entry.size} bytes are there", hint=DAMAGED_HINT
        )
    if hashlib.sha256(data).hexdigest() != entry.sha256:
        raise ModelError(f"{path} is damaged: its SHA-256 is not the manifest's", hint=DAMAGED_HINT)
    return data


def _read(path: Path, largest: int, inside: int | None = None) -> bytes:
    """The content of the plain file `path`, of at most `largest` bytes.

    `inside`, where given, is the open folder that holds it: a folder that is moved away while it
    is read stays the same folder.
    """
    flags = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
    with _faults_told(path):
        file = os.open(path if inside is None else path.name, flags, dir_fd=inside)
        try:
            status = os.fstat(file)
            if not stat.S_ISREG(status.st_mode):
                raise ModelError(f"{path} is no plain file", hint=DAMAGED_HINT)
            if status.st_size > largest:
                raise ModelError(
                    f"{path} is damaged: {status.st_size} bytes, where {largest} are the most",
                    hint=DAMAGED_HINT,
                )
            parts = []
            left = status.st_size
            while left and (part := os.read(file, left)):
                parts.append(part)
                left -= len(part)
            return b"".join(parts)
        finally:
            os.close(file)


@contextmanager
def _faults_told(path: Path) -> Iterator[None]:
    """Tell an `OSError` as a fault of the run folder or, else, of the machine."""
    with environment_faults("read", path):
        try:
            yield
        except OSError as fault:
            if fault.errno not in _FAULTS:
                raise
            raise ModelError(f"{path} {_FAULTS[fault.errno]}", hint=DAMAGED_HINT) from fault
