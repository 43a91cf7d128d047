"""Writing that is whole or not at all, whatever stops it: a kill, a full disk, a loss of power.

New content is staged under a hidden name beside its place, flushed to the disk, and moved into its
place by one rename; the folder that holds it is flushed last. What a kill leaves behind therefore
bears the hidden name, is never read, and is cleared by `clear_partials`.
"""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import BinaryIO

from sentiment_cli import transient
from sentiment_cli.errors import EnvironmentFault

PARTIAL = ".partial-"
"""How the names of staged and of discarded things begin."""

_SPACE = "free some space there, or write to another disk"
_RIGHTS = "change its permissions, or name another folder"
_GONE = "make that folder first, or name another one"
_HINTS = {
    errno.ENOSPC: _SPACE,
    errno.EDQUOT: _SPACE,
    errno.EFBIG: "raise the limit on the size of a file (ulimit -f), or write to another disk",
    errno.EROFS: _RIGHTS,
    errno.EACCES: _RIGHTS,
    errno.EPERM: _RIGHTS,
    errno.ENOENT: _GONE,
    errno.ENOTDIR: _GONE,
    errno.ESTALE: _GONE,
    errno.ENAMETOOLONG: "name it shorter",
}


@contextmanager
def environment_faults(action: str, path: Path) -> Iterator[None]:
    """Tell an `OSError` of the body as an `EnvironmentFault` that names `action` and `path`."""
    try:
        yield
    except OSError as fault:
        raise EnvironmentFault(
            f"cannot {action} {path}: {fault.strerror or fault}",
            hint=_HINTS.get(fault.errno or 0, "look at the disk, then try again"),
        ) from fault


def replace_file(path: Path, data: bytes) -> None:
    """Give `path` the content `data`: a reader sees the old file or the new one, never a mixture.

    Raises:
        EnvironmentFault: `data` could not be written; the old file still stands. Or `path` is
            there and is no plain file, such as a device.
    """
    with environment_faults("write", path):
        _require_replaceable(path)
        staged = _partial(path.parent)
        with _discarded_on_fault(staged):
            _write(staged, data)
            staged.rename(path)
        _flush_folder(path.parent)


@contextmanager
def staged_file(path: Path) -> Iterator[BinaryIO]:
    """Yield a file to be written, which takes the place of `path` once the body has ended.

    Whatever ends the body early, `path` stays as it was and nothing is left beside it. The body may
    close the file.

    Raises:
        EnvironmentFault: it could not be written, or `path` is there and is no plain file.
    """
    with environment_faults("write", path):
        _require_replaceable(path)
        staged = transient.add(_partial(path.parent))
        try:
            descriptor = _create(staged)
            try:
                with os.fdopen(descriptor, "wb", closefd=False) as file:
                    yield file
                os.fsync(descriptor)
            finally:
                os.close(descriptor)
            staged.rename(path)
            transient.keep(staged)
        except BaseException:
            with suppress(OSError):
                transient.remove(staged)
            raise
        _flush_folder(path.parent)


def commit_directory(final: Path, files: Mapping[str, bytes]) -> None:
    """Make the directory `final`, which must not exist, with all of `files` in it or not at all.

    Raises:
        EnvironmentFault: the directory could not be written; `final` does not exist, unless the
            last flush alone failed.
    """
    with environment_faults("write", final):
        staged = _partial(final.parent)
        with _discarded_on_fault(staged):
            staged.mkdir(_mode(0o777, final.parent))
            for name, data in files.items():
                _write(staged / name, data)
            _flush_folder(staged)
            staged.rename(final)
        _flush_folder(final.parent)


def remove_directory(path: Path) -> None:
    """Remove `path`; stopped half-way, what is left bears a hidden name.

    A link is removed itself, not what it points to.
    """
    with environment_faults("remove", path):
        grave = _partial(path.parent)
        path.rename(grave)
        _flush_folder(path.parent)
        _discard(grave)


def clear_partials(folder: Path) -> None:
    """Remove what killed writers left in `folder`. For the folder's only writer to call."""
    with environment_faults("write to", folder):
        for path in list(folder.iterdir()):
            if path.name.startswith(PARTIAL):
                _discard(path)


def make_folder(path: Path) -> None:
    """Make `path` and the folders above it, each no more open than the one that holds it."""
    with environment_faults("make the folder", path):
        if not path.is_dir():
            make_folder(path.parent)
            path.mkdir(_mode(0o777, path.parent), exist_ok=True)
            _flush_folder(path.parent)


def append_line(path: Path, line: bytes) -> None:
    """Add `line` and a line feed to `path`; where that fails, take back what was written of it."""
    kind = os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC  # no link, no pipe that waits
    flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | kind
    with environment_faults("write", path):
        file = os.open(path, flags, _mode(0o666, path.parent))
        try:
            length = os.fstat(file).st_size
            try:
                _write_all(file, line + b"\n")
            except OSError:
                os.ftruncate(file, length)
                raise
        finally:
            os.close(file)


def _require_replaceable(path: Path) -> None:
    """Refuse to put a file in the place of a device, a pipe or a folder."""
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is there and is no plain file")


def _partial(folder: Path) -> Path:
    """A hidden name in `folder` that nobody uses."""
    return folder / f"{PARTIAL}{os.urandom(8).hex()}"


def _mode(widest: int, folder: Path) -> int:
    """Permissions for a thing in `folder`: readable by those alone who may read the folder."""
    return widest & (stat.S_IMODE(folder.stat().st_mode) | stat.S_IRWXU)


def _write(path: Path, data: bytes) -> None:
    """Make the new file `path` of `data`, and wait until it is on the disk."""
    file = _create(path)
    try:
        _write_all(file, data)
        os.fsync(file)
    finally:
        os.close(file)


def _create(path: Path) -> int:
    """Make the new file `path` and return its descriptor, open for writing."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    return os.open(path, flags, _mode(0o666, path.parent))


def _write_all(file: int, data: bytes) -> None:
    """Write all of `data`, though one call may take only a part of it."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(file, rest) :]


def _flush_folder(path: Path) -> None:
    """Wait until the names in the folder `path` are on the disk."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(folder)
    except OSError as fault:
        # Some network file systems flush names by themselves and refuse to be asked.
        if fault.errno != errno.EINVAL:
            raise
    finally:
        os.close(folder)


@contextmanager
def _discarded_on_fault(staged: Path) -> Iterator[None]:
    """Free the space of `staged` again where the body fails."""
    try:
        yield
    except OSError:
        with suppress(OSError):
            _discard(staged)
        raise


def _discard(path: Path) -> None:
    """Delete the file, link or directory `path`, if it is there, without following links."""
    if path.is_dir() and not path.is_symlink():
        import shutil  # 10 ms that only a writer pays

        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
