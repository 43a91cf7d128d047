"""Files and their bytes, unpacked."""

from __future__ import annotations

import bz2
import gzip
import hashlib
import io
import lzma
import os
import shlex
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, BinaryIO, cast

from sentiment_cli.errors import DataError, EnvironmentFault, SentimentError
from sentiment_cli.reviews.sources.source import (
    DETECTED,
    ReadOptions,
    Row,
    Skipped,
    Source,
    combined,
)

if TYPE_CHECKING:
    from typing_extensions import Buffer

PACKED = (".gz", ".bz2", ".xz", ".zst", ".zip")
BLOCK = 1 << 16

UNPACKED_FREE, UNPACKED_TIMES = 2**30, 200
"""A packed file may unpack to this many bytes, or to this many times its size, if that is more."""

_HASHED, _READ = 2**26, 2**20  # bytes of a block, and those read at once


@dataclass(frozen=True, slots=True)
class File:
    """A file.

    Attributes:
        path: Path of the file.
        name: Name that a person knows it by.
        options: How it is read.
    """

    path: Path
    name: str
    options: ReadOptions = DETECTED

    def sha256(self) -> str:
        """Return the SHA-256 in hex of the bytes on the disk.

        For a large file, it is the SHA-256 of the digests of its blocks, which threads compute.
        """
        try:
            with _plain(self) as stream:
                number, size = stream.fileno(), os.fstat(stream.fileno()).st_size
                if size <= _HASHED:
                    return hashlib.file_digest(stream, "sha256").hexdigest()

                def digest(start: int) -> bytes:
                    block = hashlib.sha256()
                    for place in range(start, start + _HASHED, _READ):
                        block.update(os.pread(number, _READ, place))
                    return block.digest()

                with ThreadPoolExecutor() as threads:
                    blocks = b"".join(threads.map(digest, range(0, size, _HASHED)))
                    return hashlib.sha256(blocks).hexdigest()
        except OSError as fault:
            raise refused(self.name, fault) from fault

    def digest(self) -> str:
        """Return a hash of the bytes and of the options they are read with."""
        return combined([self.sha256(), repr(self.options)])

    def ending(self) -> str:
        """Return the lower-case ending of the unpacked file, such as ``.csv``."""
        path = PurePath(self.path.name.lower())
        if path.suffix == ".zip":
            with open_bytes(self, packed=True) as raw:
                return PurePath(_open_member(self, raw)[0].lower()).suffix
        return PurePath(path.stem).suffix if path.suffix in PACKED else path.suffix


def source_of(
    file: File,
    kind: str,
    columns: list[str],
    read: Callable[[Skipped], Iterator[Row]],
    notes: Sequence[str],
    *,
    has_gaps: bool = False,
) -> Source:
    """Return the source of one file.

    Args:
        file: File that is read.
        kind: What else decides how the file is read, such as its format.
        columns: Names of the columns.
        read: One pass over the rows.
        notes: Sentences about what was detected.
        has_gaps: Whether rows may lack columns.
    """
    return Source(
        file.name,
        columns,
        read,
        lambda: combined([kind, file.digest()]),
        file.options.on_bad_rows,
        has_gaps=has_gaps,
        found=tuple(notes),
    )


def refused(name: str, fault: OSError) -> SentimentError:
    """Return the error for a file that the system does not open."""
    if isinstance(fault, FileNotFoundError):
        return DataError(f"{name} does not exist")
    if fault.errno is None:  # gzip, bz2 and zstd raise it for damaged data
        return _damaged(name, fault)
    return EnvironmentFault(
        f"cannot read {name}: {fault.strerror or fault}",
        hint="check its permissions and the disk",
    )


def _damaged(name: str, fault: Exception) -> DataError:
    return DataError(
        f"cannot unpack {name}: {fault}",
        hint="copy the file again, or unpack it by hand and name the file in it",
    )


def _plain(file: File) -> io.BufferedReader:
    """Open a plain file. A pipe or device may have no end, or block for ever.

    Raises:
        DataError: The file is not a plain file.
        OSError: The system does not open the file.
    """
    mode = file.path.stat().st_mode
    if not stat.S_ISREG(mode) and not stat.S_ISDIR(mode):
        raise DataError(
            f"{file.name} is not a plain file but a pipe or a device",
            hint="save its output to a file first, or name - and pass it as standard input",
        )
    return cast("io.BufferedReader", file.path.open("rb", BLOCK))


@contextmanager
def open_bytes(file: File, *, packed: bool = False) -> Iterator[BinaryIO]:
    """Yield the file's unpacked bytes. Its first bytes say how it is packed, not its name.

    Args:
        file: File to read.
        packed: Whether to yield the bytes on the disk instead.

    Raises:
        DataError: The file is missing, not a plain file or cut, or changes while it is read.
        EnvironmentFault: The system does not open the file.
    """
    try:
        with _plain(file) as raw:
            before = os.fstat(raw.fileno())
            try:
                yield cast("BinaryIO", raw if packed else _unpacked(file, raw))
            except Exception:
                _require_unchanged(file, before)
                raise
            _require_unchanged(file, before)
    except OSError as fault:
        raise refused(file.name, fault) from fault
    except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile) as fault:
        raise _damaged(file.name, fault) from fault


def _require_unchanged(file: File, before: os.stat_result) -> None:
    after = file.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(
            f"{file.name} changed while it was read",
            hint="run the command again once nothing writes to the file",
        )


@contextmanager
def open_seekable(file: File) -> Iterator[BinaryIO]:
    """Yield the file's bytes for formats that keep an index at the end: a packed file unpacked."""
    with open_bytes(file) as stream:
        if isinstance(cast("io.BufferedReader", stream).raw, io.FileIO):
            yield stream
            return
        with tempfile.TemporaryFile() as copy:
            while block := stream.read(BLOCK):
                copy.write(block)
            copy.seek(0)
            yield copy


def _open_zstd(_: File, raw: IO[bytes]) -> Any:
    import pyarrow as pa

    return pa.CompressedInputStream(raw, "zstd")


_OPENERS: dict[bytes, Callable[[File, IO[bytes]], Any]] = {  # by the first bytes
    b"\x1f\x8b": lambda _, raw: gzip.GzipFile(fileobj=raw),
    b"BZh": lambda _, raw: bz2.BZ2File(raw),
    b"\xfd7zXZ": lambda _, raw: lzma.LZMAFile(raw),  # noqa: SIM115
    b"\x28\xb5\x2f\xfd": _open_zstd,
    b"PK\3\4": lambda file, raw: _open_member(file, raw)[1],
}


def _unpacked(file: File, raw: io.BufferedReader) -> io.BufferedReader:
    head = raw.peek(6)
    opener = next((one for magic, one in _OPENERS.items() if head.startswith(magic)), None)
    if opener is None:
        return raw
    if head.startswith(b"PK\3\4") and file.path.suffix.lower() != ".zip":
        raise DataError(
            f"{file.name} is a zip file or an Excel workbook",
            hint="rename it: its name must end in .zip or .xlsx",
        )
    return io.BufferedReader(_Unpacked(file, opener(file, raw)), BLOCK)


def _open_member(file: File, raw: IO[bytes]) -> tuple[str, IO[bytes]]:
    """Return the name and the bytes of the only file in a zip file, apart from hidden files."""
    try:
        archive = zipfile.ZipFile(raw)
        members = [
            member
            for member in archive.infolist()
            if not member.filename.endswith("/") and not is_hidden(PurePath(member.filename).name)
        ]
        if len(members) != 1:
            names = ", ".join(member.filename for member in members[:10])
            raise DataError(
                f"{file.name} holds {len(members):,} files, expected one: {names}",
                hint=f"unpack it and name one of them: unzip {shlex.quote(file.name)}",
            )
        return members[0].filename, archive.open(members[0])
    except (RuntimeError, ValueError) as fault:  # such as a password
        raise _damaged(file.name, fault) from fault


def is_hidden(name: str) -> bool:
    """Return whether a name is one that programs keep for themselves, such as ``_SUCCESS``."""
    return name.startswith((".", "_"))


class _Unpacked(io.RawIOBase):
    """The unpacked content of a file, up to more than reviews would unpack to."""

    def __init__(self, file: File, stream: Any) -> None:
        self._file, self._stream, self._count = file, stream, 0

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        data = self._stream.read(memoryview(buffer).nbytes)
        self._count += len(data)
        require_likely(self._file, self._count)
        memoryview(buffer)[: len(data)] = data
        return len(data)


def require_likely(file: File, unpacked: int) -> None:
    """Refuse a packed file if more comes out of it than out of any reviews.

    Args:
        file: Packed file.
        unpacked: Number of bytes that came out of it so far.

    Raises:
        DataError: There are too many.
    """
    if unpacked > UNPACKED_FREE:
        most = max(UNPACKED_FREE, UNPACKED_TIMES * file.path.stat().st_size)
        if unpacked > most:
            raise DataError(
                f"{file.name}: it unpacks to more than {most:,} bytes, which reviews do not",
                hint="if they are reviews after all, unpack the file first",
            )
