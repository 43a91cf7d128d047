"""csv and tsv, strictly: a quote that is never closed does not swallow the rows below it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator
from itertools import tee
from typing import TextIO

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.delimiter import found_delimiter
from sentiment_cli.reviews.sources.files import File, lines, open_text
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    OnBadRows,
    Row,
    Skipped,
    Source,
    checked_columns,
    combined,
)

_UNCLOSED = "text after a closing quote (is a quote unclosed, or not doubled?)"
_EXCEL = ["sep=", ""]
_PLAIN = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": _UNCLOSED,
    "field larger": f"a field of more than {FIELD_LIMIT:,} characters (is a quote unclosed?)",
    "new-line character": "a carriage return outside quotes",
}


def delimited_source(file: File, on_bad_rows: OnBadRows, delimiter: str | None = None) -> Source:
    """A file of delimited rows, the first of which names the columns.

    Args:
        file: where the rows are.
        on_bad_rows: whether a broken row stops the reading or is left out and counted.
        delimiter: what stands between two fields; None asks the file's header.

    Raises:
        DataError: the file or its header cannot be read.
        EnvironmentFault: the system refuses it.
    """

    def read(skipped: Skipped) -> Iterator[Row]:
        return _rows(file, columns, between, skipped)

    def digest() -> str:
        return combined([between, file.digest()])

    columns, between = _columns(file, delimiter)
    found = () if delimiter else (between,)
    return Source(file.name, columns, read, digest, on_bad_rows, delimiters=found)


def _columns(file: File, delimiter: str | None) -> tuple[list[str], str]:
    """The column names, and the delimiter, which is found where none is given."""
    with open_text(file) as text:
        ahead, feed = tee(lines(text))
        between = delimiter or found_delimiter(ahead)
        del ahead  # which would keep every line of a header that never ends
        return checked_columns(file.name, _header(file, feed, between)), between


def _header(file: File, feed: Iterator[str], delimiter: str) -> list[str]:
    """The first row that is not blank, nor Excel's `sep=;` before it; empty where there is none."""
    csv.field_size_limit(FIELD_LIMIT)
    rows = filter(None, csv.reader(feed, delimiter=delimiter, strict=True))
    try:
        first = next(rows, [])
        return next(rows, []) if first == _EXCEL else first
    except csv.Error as fault:
        raise DataError(f"{file.name}:1: the column names: {_plain(fault)}") from fault


class _Lines:
    """A file's lines, and a memory of those of the row being read.

    Attributes:
        row: the lines of that row so far.
        number: of the first of them, from 1.
    """

    def __init__(self, text: TextIO) -> None:
        self.row: list[str] = []
        self.number = 1
        self._fresh = lines(text)
        self._again: deque[str] = deque()

    def feed(self) -> Iterator[str]:
        """The lines to be read next, as the csv module asks for them."""
        while self._again:
            self.row.append(self._again.popleft())
            yield _sound(self.row[-1])
        for line in self._fresh:
            self.row.append(line)
            yield _sound(line)

    def next_row(self) -> None:
        self.number += len(self.row)
        self.row.clear()

    def next_line(self) -> None:
        """Give up the row's first line; the others are fed once more."""
        self.number += 1
        self._again.extendleft(reversed(self.row[1:]))
        self.row.clear()


def _rows(file: File, columns: list[str], delimiter: str, skipped: Skipped) -> Iterator[Row]:
    """The rows under the header; blank lines are none.

    A broken row is left at its first line, and reading goes on with its second: where a quote
    was not closed, the lines below it are rows of their own.
    """
    origin = f"{file.name}:"
    with open_text(file) as text:
        held = _Lines(text)
        _header(file, held.feed(), delimiter)
        held.next_row()
        more = True
        while more:
            try:
                for fields in csv.reader(held.feed(), delimiter=delimiter, strict=True):
                    if fields and len(fields) != len(columns):
                        raise csv.Error(_ragged(len(columns), len(fields), len(held.row)))
                    if len(held.row) > 1 and _swallows(held.row, fields, delimiter):
                        raise csv.Error(_UNCLOSED)
                    if fields:
                        yield Row(dict(zip(columns, fields, strict=True)), origin, held.number)
                    held.next_row()
                more = False
            except csv.Error as fault:
                look = held.row[0].rstrip("\r\n")
                skipped.meet(f"{origin}{held.number}", _plain(fault), look)
                held.next_line()


def _ragged(expected: int, got: int, lines: int) -> str:
    over = f" over {lines} lines (is a quote unclosed?)" if lines > 1 else ""
    return f"expected {expected} field{'' if expected == 1 else 's'}, got {got}{over}"


def _swallows(row: list[str], fields: list[str], delimiter: str) -> bool:
    """Whether a row over several lines has fewer quotes than its fields would take to write.

    The csv module takes a quote within an unquoted field for text. In a row over several lines
    it is rather where the field of another row began.
    """
    special = [field for field in fields if not {'"', "\n", "\r", delimiter}.isdisjoint(field)]
    needed = sum(2 + 2 * field.count('"') for field in special)
    return sum(line.count('"') for line in row) < needed


def _sound(line: str) -> str:
    """The line, unless the csv module would take what no text has."""
    if len(line) > FIELD_LIMIT:
        raise csv.Error(f"a line of more than {FIELD_LIMIT:,} characters")
    if "\0" in line:
        raise csv.Error("a NUL byte")
    return line


def _plain(fault: csv.Error) -> str:
    """The csv module's message in plain words."""
    message = str(fault)
    return next((plain for known, plain in _PLAIN.items() if known in message), message)
