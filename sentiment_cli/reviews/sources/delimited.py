"""csv and tsv, strictly: a quote that is never closed does not swallow the rows below it."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, lines, open_text
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    OnBadRow,
    Row,
    Skipped,
    Source,
    checked_columns,
    combined,
)

_UNCLOSED = "text after a closing quote (is a quote unclosed, or not doubled?)"
_PLAIN = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": _UNCLOSED,
    "field larger": f"a field of more than {FIELD_LIMIT:,} characters (is a quote unclosed?)",
    "new-line character": "a carriage return outside quotes",
}


def delimited_source(file: File, on_bad_row: OnBadRow, delimiter: str) -> Source:
    """A file of delimited rows, the first of which names the columns."""

    def read(skipped: Skipped) -> Iterator[Row]:
        return _rows(file, columns, delimiter, skipped)

    def digest() -> str:
        return combined([delimiter, file.digest()])

    columns = _columns(file, delimiter)
    return Source(file.name, columns, read, digest, on_bad_row)


def _columns(file: File, delimiter: str) -> list[str]:
    csv.field_size_limit(FIELD_LIMIT)
    with open_text(file) as text:
        rows = csv.reader(lines(text), delimiter=delimiter, strict=True)
        try:
            header = next(filter(None, rows), [])
        except csv.Error as fault:
            raise DataError(f"{file.name}:1: the column names: {_plain(fault)}") from fault
    return checked_columns(file.name, header)


def _rows(file: File, columns: list[str], delimiter: str, skipped: Skipped) -> Iterator[Row]:
    """The rows under the header; blank lines are none.

    A broken row is left at its first line, and reading goes on with its second: where a quote
    was not closed, the lines below it are rows of their own.
    """
    csv.field_size_limit(FIELD_LIMIT)
    origin = f"{file.name}:"
    number = 1  # of the first line of the row being read
    held: list[str] = []  # the lines of that row
    again: deque[str] = deque()  # lines of a broken row, to be read once more
    header = True  # which _columns has read and checked

    with open_text(file) as text:
        fresh = lines(text)

        def feed() -> Iterator[str]:
            while again:
                held.append(again.popleft())
                yield _sound(held[-1])
            for line in fresh:
                held.append(line)
                yield _sound(line)

        while True:
            try:
                for fields in csv.reader(feed(), delimiter=delimiter, strict=True):
                    if header:
                        header = not fields
                    elif len(held) > 1 and _swallows(held, fields, delimiter):
                        raise csv.Error(_UNCLOSED)
                    elif len(fields) == len(columns):
                        yield Row(dict(zip(columns, fields, strict=True)), origin, number)
                    elif fields:
                        raise csv.Error(f"expected {len(columns)} fields, got {len(fields)}")
                    number += len(held)
                    held.clear()
                return
            except csv.Error as fault:
                skipped.meet(f"{origin}{number}", _plain(fault), held[0].rstrip("\r\n"))
                again.extendleft(reversed(held[1:]))
                held.clear()
                number += 1


def _swallows(held: list[str], fields: list[str], delimiter: str) -> bool:
    """Whether a row of several lines has fewer quotes than its fields would take to write.

    The csv module takes a quote within an unquoted field for text. Where a row goes over several
    lines, it is more likely the end of another row's field.
    """
    special = [field for field in fields if not {'"', "\n", "\r", delimiter}.isdisjoint(field)]
    needed = sum(2 + 2 * field.count('"') for field in special)
    return sum(line.count('"') for line in held) < needed


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
