"""From a file's bytes to its text: gzip, byte order marks, encodings, and a bound on every line."""

from __future__ import annotations

import codecs
import gzip
import hashlib
import io
import os
import stat
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import BinaryIO, TextIO, cast

from sentiment_cli.errors import DataError, EnvironmentFault, SentimentError, UsageError
from sentiment_cli.reviews.sources.source import FIELD_LIMIT, combined

_GZIP = b"\x1f\x8b"
_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_BLOCK = 1 << 16

UNPACKED_FREE, UNPACKED_TIMES = 2**30, 200
"""A packed file may unpack to so many bytes, or to so many times its size, if that is more."""


@dataclass(frozen=True, slots=True)
class File:
    """A file, the name a person knows it by, and the encoding asked for (None: UTF-8)."""

    path: Path
    name: str
    encoding: str | None = None

    def sha256(self) -> str:
        """Sha256 in hex over the bytes as they lie."""
        try:
            with _plain(self) as stream:
                return hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError as fault:
            raise refused(self.name, fault) from fault

    def digest(self) -> str:
        """Hash over the bytes and the encoding they are read in."""
        return combined([self.sha256(), self.encoding or ""])


def refused(name: str, fault: OSError) -> SentimentError:
    """The error for a file that the system does not hand out."""
    if isinstance(fault, FileNotFoundError):
        return DataError(f"{name} does not exist")
    return EnvironmentFault(
        f"cannot read {name}: {fault.strerror or fault}",
        hint="check its permissions, and the disk that it lies on",
    )


def _plain(file: File) -> io.BufferedReader:
    """Open a file that has an end and keeps nobody waiting, which a pipe or a device may not.

    Raises:
        DataError: it is no plain file.
        OSError: the system refuses it.
    """
    stream = os.fdopen(os.open(file.path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb")
    if not stat.S_ISREG(os.fstat(stream.fileno()).st_mode):
        stream.close()
        raise DataError(
            f"{file.name} is no plain file, but a pipe or a device",
            hint="save what it gives to a file first, or name - and give it as standard input",
        )
    return stream


@contextmanager
def open_bytes(file: File) -> Iterator[BinaryIO]:
    """The file's bytes, gzip undone; the first two bytes tell, not the name.

    Raises:
        DataError: it is missing, no plain file, cut, or changes while it is read.
        EnvironmentFault: the system refuses it.
    """
    try:
        with _plain(file) as raw:
            before = os.fstat(raw.fileno())
            packed = raw.read(2) == _GZIP
            raw.seek(0)
            try:
                yield cast("BinaryIO", _Unpacked(file, raw, before.st_size) if packed else raw)
            except Exception:
                _unchanged(file, before)
                raise
            _unchanged(file, before)
    except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
        raise DataError(
            f"{file.name}: the gzip data are cut or damaged", hint="copy the file again"
        ) from fault
    except OSError as fault:
        raise refused(file.name, fault) from fault


class _Unpacked(gzip.GzipFile):
    """What a gzip file of so many bytes holds, up to more than any reviews would unpack to."""

    def __init__(self, file: File, raw: BinaryIO, size: int) -> None:
        super().__init__(fileobj=raw)
        self._name = file.name
        self._size = size

    def read(self, size: int | None = -1) -> bytes:
        return self._bounded(super().read(size))

    def read1(self, size: int = -1) -> bytes:
        return self._bounded(super().read1(size))

    def _bounded(self, data: bytes) -> bytes:
        require_likely(self._name, self._size, unpacked=self.tell())
        return data


def require_likely(name: str, size: int, *, unpacked: int) -> None:
    """Refuse a packed file of `size` bytes out of which more came than out of any reviews.

    Raises:
        DataError: `unpacked` bytes are too many.
    """
    most = max(UNPACKED_FREE, UNPACKED_TIMES * size)
    if unpacked > most:
        raise DataError(
            f"{name}: it unpacks to more than {most:,} bytes, which reviews do not",
            hint="if they are reviews after all, unpack the file before",
        )


def _unchanged(file: File, before: os.stat_result) -> None:
    """Refuse rows of which some may be of an older and some of a newer file."""
    after = file.path.stat()
    if (before.st_size, before.st_mtime_ns) != (after.st_size, after.st_mtime_ns):
        raise DataError(
            f"{file.name} changed while it was read",
            hint="run the command again once nothing writes to the file",
        )


@contextmanager
def open_text(file: File) -> Iterator[TextIO]:
    """The file's text, without a byte order mark and with its line ends as they are.

    A byte order mark decides the encoding, then the one asked for, then UTF-8. Lines end at a
    line feed; in a file that has none but carriage returns (old Macs), at those.

    Raises:
        DataError: as ``open_bytes``, and for bytes that are not in the encoding.
    """
    with open_bytes(file) as stream:
        head = stream.read(_BLOCK)
        mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
        encoding = _MARKS.get(mark) or file.encoding or "utf-8"
        newline = "\r" if b"\r" in head and b"\n" not in head else "\n"
        stream.seek(len(mark))
        try:
            with io.TextIOWrapper(stream, encoding=encoding, newline=newline) as text:
                yield text
        except UnicodeDecodeError as fault:
            raise _undecodable(file, encoding, len(mark), fault) from fault


def _undecodable(file: File, encoding: str, start: int, fault: UnicodeDecodeError) -> DataError:
    """The error for the first byte out of place, found by a second, slower reading."""
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    with open_bytes(file) as stream:
        stream.seek(start)
        while block := stream.read(_BLOCK):
            before = decoder.getstate()
            try:
                line += decoder.decode(block).count("\n")
            except UnicodeDecodeError:
                decoder.setstate(before)
                line += _lines_before_fault(decoder, block)
                break
    begin = max(fault.start - 20, fault.object.rfind(b"\n", 0, fault.start) + 1)
    look = fault.object[begin : fault.end + 20].splitlines()[0]
    other = "cp1252" if encoding == "utf-8" else "utf-8"
    return DataError(
        f"{file.name}:{line}: byte {fault.object[fault.start]:02x} is not {encoding}: {look!r}",
        hint=f"name the file's encoding, such as --set data.encoding={other}",
    )


def _lines_before_fault(decoder: codecs.IncrementalDecoder, block: bytes) -> int:
    """How many lines end in a block before the byte that cannot be decoded."""
    count = 0
    for position in range(len(block)):
        try:
            count += decoder.decode(block[position : position + 1]).count("\n")
        except UnicodeDecodeError:
            break
    return count


def lines(text: TextIO) -> Iterator[str]:
    """The lines of a text with their ends; one beyond FIELD_LIMIT comes cut, one too long."""
    for line in iter(partial(text.readline, FIELD_LIMIT + 1), ""):
        yield line
        if len(line) > FIELD_LIMIT:
            rest = line
            while rest and not rest.endswith(("\n", "\r")):
                rest = text.readline(FIELD_LIMIT)


def checked_encoding(encoding: str | None) -> str | None:
    """The encoding asked for, once Python knows it.

    Raises:
        UsageError: no text encoding has that name.
    """
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, ValueError) as fault:
        raise UsageError(
            f"data.encoding: {encoding!r} is no text encoding",
            hint="such as utf-8, cp1252, latin-1, utf-16-le, gb18030, shift_jis",
        ) from fault
    return encoding
