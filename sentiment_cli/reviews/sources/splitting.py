"""Delimited text such as csv and tsv: lines are split into rows, and rows fit under a header."""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentiment_cli.errors import UsageError
from sentiment_cli.reviews.sources.source import FIELD_LIMIT
from sentiment_cli.reviews.sources.table import Broken, RaggedError
from sentiment_cli.reviews.sources.text import line_fault

if TYPE_CHECKING:
    import _csv

ONE_COLUMN = "\x1f"
"""Delimiter of a file with one column: it is in no text."""

UNFINISHED = "a quote is opened and never closed"
"""Fault of a row that goes on to the end of the file."""

_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_UNCLOSED = "text after a closing quote (is a quote unclosed, or not doubled?)"
_PLAIN = {
    "unexpected end of data": UNFINISHED,
    "expected after": _UNCLOSED,
    "field larger": f"a field of more than {FIELD_LIMIT:,} characters (is a quote unclosed?)",
    "new-line character": "a carriage return outside quotes",
}


@dataclass(frozen=True, slots=True)
class Dialect:
    """How rows are split into fields.

    Attributes:
        delimiter: Character between two fields.
        quote: Character around fields; empty if there is none.
        escape: Character before a quote that is text; empty if there is none.
        blanks: Whether blanks after a delimiter are not part of the field.
    """

    delimiter: str
    quote: str = '"'
    escape: str = ""
    blanks: bool = False

    def reader(self, lines: Iterable[str]) -> _csv.Reader:
        """Return a strict reader of lines.

        Raises:
            UsageError: Two characters that the user asked for are equal, or one is not allowed.
        """
        csv.field_size_limit(FIELD_LIMIT)
        try:
            return csv.reader(
                map(self._escaped, lines) if self.escape else lines,
                delimiter=self.delimiter,
                quotechar=self.quote or None,
                quoting=csv.QUOTE_MINIMAL if self.quote else csv.QUOTE_NONE,
                escapechar=self.escape or None,
                skipinitialspace=self.blanks,
                strict=True,
            )
        except (TypeError, ValueError) as fault:
            raise UsageError(
                f"data.delimiter, data.quote and data.escape: {fault}",
                hint="leave them out to have them detected",
            ) from fault

    def _escaped(self, line: str) -> str:
        """Double the escapes that stand before ordinary characters, where they are text."""
        if self.escape not in line:
            return line
        known = {self.quote, self.escape, self.delimiter, "\r", "\n"}
        pattern = re.escape(self.escape) + "(?s:(.?))"
        return re.sub(pattern, lambda m: m[0] if m[1] in known else self.escape + m[0], line)

    def notes(self, usual: str) -> Iterator[str]:
        """Yield what a person would not expect of a file whose delimiter is usually `usual`."""
        if self.delimiter not in (usual, ONE_COLUMN):
            yield f"delimiter: {_NAMES.get(self.delimiter, self.delimiter)}"
        if self.escape:
            yield f"quotes are escaped by {self.escape}"
        if not self.quote and self.delimiter != "\t":
            yield "quotes are text"
        if self.quote and self.delimiter == "\t":
            yield "fields are quoted"
        if self.blanks:
            yield "blanks after delimiters are not part of the fields"


class Lines:
    """The lines of a file, of which those of the row being read can be read again.

    Args:
        blocks: Lines with their ends, in blocks.
        start: Number of the first line to read, from 1.

    Attributes:
        number: Number of the first line of the row being read.
        row: Lines of the row being read.
    """

    def __init__(self, blocks: Iterable[list[str]], start: int = 1) -> None:
        self.number, self.row = start, list[str]()
        self._waiting: deque[str] = deque()
        self._blocks = iter(blocks)
        skip = start - 1
        while skip >= len(self._waiting) and self._more():
            pass
        for _ in range(min(skip, len(self._waiting))):
            self._waiting.popleft()

    def _more(self) -> bool:
        block = next(self._blocks, None)
        self._waiting.extend(block or ())
        return block is not None

    def __iter__(self) -> Iterator[str]:
        """Yield the lines from the row on.

        Raises:
            csv.Error: A line is too long or has a NUL byte.
        """
        waiting, row = self._waiting, self.row
        while waiting or self._more():
            line = waiting.popleft()
            row.append(line)
            if len(line) > FIELD_LIMIT or "\0" in line:
                raise csv.Error(line_fault(line))
            yield line

    def end_row(self) -> None:
        """Let the next row begin after all lines of the last one."""
        self.number += len(self.row)
        self.row.clear()

    def break_row(self) -> None:
        """Let the next row begin at the second line of the last one."""
        self._waiting.extendleft(reversed(self.row[1:]))
        self.row.clear()
        self.number += 1


Fit = Callable[[list[str], Lines], list[list[str]]]
"""Returns the rows that the fields and the lines of one row make."""


def split(
    lines: Lines, dialect: Dialect, fit: Fit | None = None, width: int = -1
) -> Iterator[tuple[int, list[str] | Broken]]:
    """Yield the number of the first line of each row, and its fields or its fault.

    A broken row ends at its first line. If a quote was not closed, the lines below it are rows of
    their own.

    Args:
        lines: Lines to read.
        dialect: How they are split.
        fit: Is called if a row has several lines or not `width` fields. It may raise
            ``RaggedError``.
        width: Usual number of fields.
    """
    more = True
    while more:
        try:
            for cells in dialect.reader(lines):
                if len(lines.row) > 1:
                    _require_quotes(lines.row, cells, dialect)
                if fit is not None and (len(cells) != width or len(lines.row) > 1):
                    yield from enumerate(fit(cells, lines), lines.number)
                elif cells:
                    yield lines.number, cells
                lines.end_row()
            more = False
        except (csv.Error, RaggedError) as fault:
            what = next((plain for known, plain in _PLAIN.items() if known in str(fault)), "")
            if isinstance(fault, RaggedError) and len(lines.row) > 1:
                what = f"{fault} over {len(lines.row)} lines (is a quote unclosed?)"
            look = lines.row[0].rstrip("\r\n") if lines.row else ""
            yield lines.number, Broken(what or str(fault), look)
            lines.break_row()


def _require_quotes(row: list[str], cells: list[str], dialect: Dialect) -> None:
    """Refuse a row of several lines with fewer quotes than its fields would take to write.

    The csv module takes a quote within an unquoted field for text. In a row of several lines it is
    rather where the field of another row began.

    Raises:
        csv.Error: The row has fewer quotes.
    """
    if not dialect.escape and dialect.quote:
        special = {dialect.quote, "\n", "\r", dialect.delimiter}
        needed = sum(2 + 2 * c.count(dialect.quote) for c in cells if not special.isdisjoint(c))
        if sum(line.count(dialect.quote) for line in row) < needed:
            raise csv.Error(_UNCLOSED)
