"""From a file's bytes to its text: unpacking, byte order marks, and a bound on every line."""

from __future__ import annotations

import bz2
import codecs
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
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import chain
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, BinaryIO, cast

from sentiment_cli.errors import DataError, EnvironmentFault, SentimentError
from sentiment_cli.reviews.sources.encodings import decoding_fault, utf16_fault, wrong_bytes
from sentiment_cli.reviews.sources.source import DETECTED, FIELD_LIMIT, ReadOptions, combined

if TYPE_CHECKING:
    from typing_extensions import Buffer

PACKED = {".gz": "gzip", ".bz2": "bzip2", ".xz": "xz", ".zst": "zstd", ".zip": "zip"}
_MAGIC = {b"\x1f\x8b": "gzip", b"BZh": "bzip2", b"\xfd7zXZ": "xz", b"\x28\xb5\x2f\xfd": "zstd"}
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
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
                return PurePath(_member(self, raw)[1].filename.lower()).suffix
        return PurePath(path.stem).suffix if path.suffix in PACKED else path.suffix


def refused(name: str, fault: OSError) -> SentimentError:
    """Return the error for a file that the system does not open."""
    if isinstance(fault, FileNotFoundError):
        return DataError(f"{name} does not exist")
    return EnvironmentFault(
        f"cannot read {name}: {fault.strerror or fault}",
        hint="check its permissions and the disk",
    )


def _plain(file: File) -> io.BufferedReader:
    """Open a plain file. A pipe or device may have no end, or keep everybody waiting.

    Raises:
        DataError: it is not a plain file.
        OSError: the system refuses it.
    """
    handle = os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    stream = cast("io.BufferedReader", os.fdopen(handle, "rb", BLOCK))
    if not stat.S_ISREG(os.fstat(handle).st_mode):
        stream.close()
        raise DataError(
            f"{file.name} is not a plain file but a pipe or a device",
            hint="save its output to a file first, or name - and pass it as standard input",
        )
    return stream


@contextmanager
def open_bytes(file: File, *, packed: bool = False) -> Iterator[BinaryIO]:
    """Yield the file's unpacked bytes. Its first bytes say how it is packed, not its name.

    Args:
        file: File to read.
        packed: Whether the bytes on the disk are wanted.

    Raises:
        DataError: it is missing, not a plain file, cut, or changes while it is read.
        EnvironmentFault: the system refuses it.
    """
    try:
        with _plain(file) as raw:
            before = os.fstat(raw.fileno())
            try:
                yield cast("BinaryIO", raw if packed else _unpacked(file, raw, before.st_size))
            except Exception:
                _require_unchanged(file, before)
                raise
            _require_unchanged(file, before)
    except OSError as fault:
        raise refused(file.name, fault) from fault


def _unpacked(file: File, raw: io.BufferedReader, size: int) -> io.BufferedReader:
    head = raw.peek(6)
    kind = next((kind for magic, kind in _MAGIC.items() if head.startswith(magic)), "")
    if head.startswith(b"PK\3\4"):
        if file.path.suffix.lower() != ".zip":
            raise DataError(
                f"{file.name} is a zip file or an Excel workbook",
                hint="rename it: its name must end in .zip or .xlsx",
            )
        kind = "zip"
    if not kind:
        return raw
    return io.BufferedReader(cast("io.RawIOBase", _Unpacked(file, kind, raw, size)), BLOCK)


def _open_zip(file: File, raw: IO[bytes]) -> IO[bytes]:
    archive, member = _member(file, raw)
    return archive.open(member)


def _open_zstd(file: File, raw: IO[bytes]) -> IO[bytes]:
    try:
        from compression import zstd  # type: ignore[import-not-found,unused-ignore]
    except ImportError:
        raise DataError(
            f"{file.name}: this Python cannot unpack zstd (3.14 and later can)",
            hint=f"unpack it first: zstd -d {shlex.quote(file.name)}",
        ) from None
    return cast("IO[bytes]", zstd.ZstdFile(raw))


_OPENERS: dict[str, Callable[[File, IO[bytes]], IO[bytes]]] = {
    "gzip": lambda _, raw: cast("IO[bytes]", gzip.GzipFile(fileobj=raw)),
    "bzip2": lambda _, raw: bz2.BZ2File(raw),
    "xz": lambda _, raw: lzma.LZMAFile(raw),  # noqa: SIM115
    "zstd": _open_zstd,
    "zip": _open_zip,
}


def _member(file: File, raw: IO[bytes]) -> tuple[zipfile.ZipFile, zipfile.ZipInfo]:
    """Return a zip file and the only file in it; folders and the marks of macOS do not count."""
    try:
        archive = zipfile.ZipFile(raw)
        members = [
            member
            for member in archive.infolist()
            if not member.is_dir() and not is_hidden(PurePath(member.filename).name)
        ]
    except (zipfile.BadZipFile, IndexError, ValueError, NotImplementedError) as fault:
        raise DataError(
            f"{file.name} is no whole zip file: {fault}", hint="copy the file again"
        ) from fault
    if len(members) != 1:
        names = ", ".join(member.filename for member in members[:10])
        raise DataError(
            f"{file.name} holds {len(members):,} files, expected one: {names}",
            hint=f"unpack it and name one of them: unzip {shlex.quote(file.name)}",
        )
    return archive, members[0]


def is_hidden(name: str) -> bool:
    """Return whether a name is one that programs keep for themselves, such as ``_SUCCESS``."""
    return name.startswith((".", "_"))


class _Unpacked(io.RawIOBase):
    """The unpacked content of a file, up to more than reviews would unpack to."""

    def __init__(self, file: File, kind: str, raw: io.BufferedReader, size: int) -> None:
        self._file, self._kind, self._size = file, kind, size
        self._count = 0
        with self._checked():
            self._stream = _OPENERS[kind](file, raw)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Buffer) -> int:
        with self._checked():
            data = self._stream.read(memoryview(buffer).nbytes)
        self._count += len(data)
        require_likely(self._file.name, self._size, unpacked=self._count)
        memoryview(buffer)[: len(data)] = data
        return len(data)

    @contextmanager
    def _checked(self) -> Iterator[None]:
        try:
            yield
        except RuntimeError as fault:
            raise DataError(
                f"{self._file.name}: {fault}", hint="unpack it by hand, and name the file in it"
            ) from fault
        except (EOFError, zlib.error, lzma.LZMAError, zipfile.BadZipFile, OSError) as fault:
            if isinstance(fault, OSError) and fault.errno is not None:
                raise
            raise DataError(
                f"{self._file.name}: the {self._kind} data are cut or damaged",
                hint="copy the file again",
            ) from fault


def require_likely(name: str, size: int, *, unpacked: int) -> None:
    """Refuse a packed file out of which more comes than out of any reviews.

    Args:
        name: Name of the file.
        size: Bytes of the packed file.
        unpacked: Bytes that came out of it so far.

    Raises:
        DataError: there are too many.
    """
    most = max(UNPACKED_FREE, UNPACKED_TIMES * size)
    if unpacked > most:
        raise DataError(
            f"{name}: it unpacks to more than {most:,} bytes, which reviews do not",
            hint="if they are reviews after all, unpack the file first",
        )


@contextmanager
def open_seekable(file: File) -> Iterator[BinaryIO]:
    """Yield the file's bytes for formats that keep an index at the end: a packed file unpacked."""
    with open_bytes(file) as stream:
        if isinstance(stream, io.BufferedReader) and not isinstance(stream.raw, _Unpacked):
            yield stream
            return
        with tempfile.TemporaryFile() as copy:
            while block := stream.read(BLOCK):
                copy.write(block)
            copy.seek(0)
            yield copy


def _require_unchanged(file: File, before: os.stat_result) -> None:
    """Refuse rows of which some may come from an older and some from a newer file."""
    after = file.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(
            f"{file.name} changed while it was read",
            hint="run the command again once nothing writes to the file",
        )


class Text:
    """A text that is read once, in blocks.

    Lines end at a line feed; in a text that has only carriage returns (old Macs), at those.

    Args:
        stream: Bytes of the text, after the byte order mark.
        encoding: Encoding of the bytes.
        errors: What to do with a wrong byte: `strict` or `replace`.
        newline: Character that ends a line.
    """

    def __init__(self, stream: BinaryIO, encoding: str, errors: str, newline: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._newline = newline

    def read(self) -> str:
        """Return the next piece; empty at the end."""
        while data := self._stream.read(BLOCK):
            if text := self._decoder.decode(data):
                return text
        return self._decoder.decode(b"", final=True)

    def blocks(self) -> Iterator[list[str]]:
        """Yield lists of lines with their ends; one beyond FIELD_LIMIT comes cut, one too long."""
        end, rest = self._newline, ""
        while piece := self.read():
            *lines, rest = (rest + piece).split(end)
            if lines:
                yield [line + end for line in lines]
            if len(rest) > FIELD_LIMIT:
                yield [rest[: FIELD_LIMIT + 1]]
                rest = self._after_newline()
        if rest:
            yield [rest]

    def _after_newline(self) -> str:
        """Pass over the rest of a line, and return the beginning of the next one."""
        while piece := self.read():
            _, end, rest = piece.partition(self._newline)
            if end:
                return rest
        return ""

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends."""
        return chain.from_iterable(self.blocks())


@contextmanager
def open_text(file: File) -> Iterator[Text]:
    """Yield the file's text, without a byte order mark and with its line ends as they are.

    The encoding is that of the byte order mark, else the one asked for, else UTF-8.

    Raises:
        DataError: as ``open_bytes``, or a byte does not fit the encoding.
    """
    mark = b""
    try:
        with open_bytes(file) as stream:
            head = cast("io.BufferedReader", stream).peek(BLOCK)
            mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
            encoding = _MARKS.get(mark) or file.options.encoding or "utf-8"
            fault = None
            if b"\0" in head and not mark and not file.options.encoding:
                fault = utf16_fault(file.name, head, partial(_blocks, file))
            if fault is not None:
                raise fault
            stream.read(len(mark))
            newline = "\r" if b"\r" in head and b"\n" not in head else "\n"
            yield Text(stream, encoding, file.options.encoding_errors, newline)
    except UnicodeDecodeError as fault:
        raise decoding_fault(file.name, encoding, partial(_blocks, file, len(mark))) from fault


def _blocks(file: File, start: int = 0) -> Iterator[bytes]:
    with open_bytes(file) as stream:
        stream.read(start)
        while block := stream.read(BLOCK):
            yield block


def replaced_bytes(file: File) -> tuple[str, ...]:
    """Return a note on the bytes that are replaced; none if there are none, or it is an error."""
    if file.options.encoding_errors == "strict":
        return ()
    with open_bytes(file) as stream:
        head = stream.read(3)
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    found = wrong_bytes(
        _blocks(file, len(mark)), _MARKS.get(mark) or file.options.encoding or "utf-8"
    )
    if found.first is None:
        return ()
    return (f"wrong bytes, replaced: {found.wrong:,}, first at {file.name}:{found.first[0]}",)
