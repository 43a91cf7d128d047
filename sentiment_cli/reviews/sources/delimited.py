"""Delimited text such as csv and tsv, whatever its delimiter, its quotes and the lines above it."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import islice
from typing import TYPE_CHECKING

from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.reviews.sources.files import File, open_text, replaced_bytes
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    ReadOptions,
    Row,
    Skipped,
    Source,
    checked_columns,
    combined,
)
from sentiment_cli.reviews.sources.table import (
    GOOD,
    SAMPLE,
    Cells,
    Ragged,
    Table,
    require_table,
    understood,
)

if TYPE_CHECKING:
    import _csv

_HEAD = 1 << 20  # characters by which a dialect is detected
_MAX_BROKEN = 20  # rows, after which a dialect is not the right one
_DELIMITERS = ",;\t|"  # in order of preference
_NONE = "\x1f"  # stands in no text: the delimiter of a file with one column
_NAMES = {",": "comma", ";": "semicolon", "\t": "tab", "|": "vertical bar"}
_UNCLOSED = "text after a closing quote (is a quote unclosed, or not doubled?)"
_PLAIN = {
    "unexpected end of data": "a quote is opened and never closed",
    "expected after": _UNCLOSED,
    "field larger": f"a field of more than {FIELD_LIMIT:,} characters (is a quote unclosed?)",
    "new-line character": "a carriage return outside quotes",
}
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*')
_QUOTED = re.compile(r'"(?:[^"\\]|""|\\.)*"', re.DOTALL)
_RECOVERED = "lines within quotes that are rows of their own, read as rows"


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
            UsageError: characters that were asked for cannot be told apart.
        """
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
        if self.delimiter not in (usual, _NONE):
            yield f"delimiter: {_NAMES.get(self.delimiter, self.delimiter)}"
        if self.escape:
            yield f"quotes are escaped by {self.escape}"
        if not self.quote and self.delimiter != "\t":
            yield "quotes are text"
        if self.quote and self.delimiter == "\t":
            yield "fields are quoted"
        if self.blanks:
            yield "blanks after delimiters are not part of the fields"


class _Lines:
    """The lines of a file from some line on, and a memory of those of the row being read.

    Args:
        blocks: Lines of the file with their ends, in blocks.
        start: Number of the first line to read, from 1.

    Attributes:
        row: Number of the first line of the row being read.
    """

    def __init__(self, blocks: Iterator[list[str]], start: int = 1) -> None:
        self.row = start
        self._blocks = blocks
        self._first = 1
        self._held: list[str] = []
        while self._first + len(self._held) <= start and self._more():
            pass

    def _more(self) -> bool:
        """Forget the lines before the row, and read another block."""
        block = next(self._blocks, None)
        if block is None:
            return False
        drop = min(self.row - self._first, len(self._held))
        self._held = self._held[drop:] + block
        self._first += drop
        return True

    def feed(self) -> Iterator[str]:
        """Yield the lines from the row on.

        Raises:
            csv.Error: a line is too long or holds a NUL byte.
        """
        held = self._held[self.row - self._first :]
        while True:
            for line in held:
                if len(line) > FIELD_LIMIT:
                    raise csv.Error(f"a line of more than {FIELD_LIMIT:,} characters")
                if "\0" in line:
                    raise csv.Error("a NUL byte")
                yield line
            before = self._first + len(self._held)
            if not self._more():
                return
            held = self._held[before - self._first :]

    def of_row(self, end: int) -> list[str]:
        """Return the lines of the row, up to the line of number `end`, exclusive."""
        return self._held[self.row - self._first : end - self._first]


def _split(
    lines: _Lines,
    dialect: Dialect,
    broken: Callable[[int, str, str], None],
    fit: Callable[[list[str], int], list[str]] | None = None,
    width: int = -1,
    several: Callable[[list[str], int], list[list[str]]] | None = None,
) -> Iterator[Cells]:
    """Yield the rows; blank lines are none.

    A broken row is left at its first line, and reading goes on with its second: if a quote was
    not closed, the lines below it are rows of their own.

    Args:
        lines: Lines to read.
        dialect: How they are split.
        broken: Is told of a broken row: its line, its fault, its text.
        fit: Makes the fields of another number than `width` fit.
        width: Usual number of fields.
        several: Returns the rows that a row of several lines really is; empty if it is one.
    """
    csv.field_size_limit(FIELD_LIMIT)
    while True:
        reader = dialect.reader(lines.feed())
        before = lines.row
        try:
            for cells in reader:
                end = before + reader.line_num
                if len(cells) != width and fit is not None:
                    cells = fit(cells, lines.row)
                number = lines.row
                if end - number > 1 and (own := _own_rows(lines, end, cells, dialect, several)):
                    lines.row = end
                    yield from enumerate(own, number)
                    continue
                lines.row = end
                if cells:
                    yield number, cells
            return
        except (csv.Error, Ragged) as fault:
            look = next(iter(lines.of_row(lines.row + 1)), "").rstrip("\r\n")
            over = before + reader.line_num - lines.row
            what = _plain(fault)
            if isinstance(fault, Ragged) and over > 1:
                what += f" over {over} lines (is a quote unclosed?)"
            broken(lines.row, what, look)
            lines.row += 1


def _own_rows(
    lines: _Lines,
    end: int,
    cells: list[str],
    dialect: Dialect,
    several: Callable[[list[str], int], list[list[str]]] | None,
) -> list[list[str]]:
    """Return the rows that a row of several lines really is; empty if it is one.

    Raises:
        csv.Error: the row has fewer quotes than its fields would take to write. The csv module
            takes a quote within an unquoted field for text. In a row over several lines it is
            rather where the field of another row began.
    """
    own = lines.of_row(end)
    special = {dialect.quote, "\n", "\r", dialect.delimiter}
    if not dialect.escape:
        needed = sum(2 + 2 * c.count(dialect.quote) for c in cells if not special.isdisjoint(c))
        if sum(line.count(dialect.quote) for line in own) < needed:
            raise csv.Error(_UNCLOSED)
    return several(own, lines.row) if several else []


def _plain(fault: Exception) -> str:
    """Return the csv module's message in plain words."""
    message = str(fault)
    return next((plain for known, plain in _PLAIN.items() if known in message), message)


class _EnoughError(Exception):
    """A dialect is tried out."""


def _tried(
    head: list[str], dialect: Dialect, start: int, options: ReadOptions, *, whole: bool
) -> _Candidate:
    """Return the rows of a file's head by a dialect, and their layout."""
    faults: list[tuple[int, str]] = []
    begins: list[int] = []

    def broken(number: int, what: str, _: str) -> None:
        begins.append(number)
        if not whole and what == _PLAIN["unexpected end of data"]:
            raise _EnoughError
        faults.append((number, what))
        if len(faults) > _MAX_BROKEN:
            raise _EnoughError

    rows: list[Cells] = []
    with suppress(_EnoughError):
        rows.extend(islice(_split(_Lines(iter([head]), start), dialect, broken), SAMPLE))
    table = understood(rows, has_header=options.header, broken=len(faults))
    begins += [number for number, _ in rows]
    return _Candidate(dialect, table, rows, faults, sorted(begins))


@dataclass(frozen=True, slots=True)
class _Candidate:
    """A dialect that was tried out.

    Attributes:
        dialect: How rows were split.
        table: Layout of the rows; None if there are none.
        rows: First rows.
        faults: Line and fault of each broken row.
        begins: Number of the first line of each row.
    """

    dialect: Dialect
    table: Table | None
    rows: list[Cells]
    faults: list[tuple[int, str]]
    begins: list[int]

    @property
    def share(self) -> float:
        """Share of the rows that fit the layout; 0 if the column names may be broken."""
        if self.table is None or (self.faults and self.faults[0][0] <= self.table.number):
            return 0.0
        return self.table.share

    @property
    def blanks(self) -> float:
        """Share of fields that begin with a blank, as they do after the commas of a sentence."""
        later = [cell for _, cells in self.rows for cell in cells[1:] if cell]
        return sum(cell.startswith(" ") for cell in later) / max(1, len(later))

    @property
    def score(self) -> tuple[int, int, float]:
        """What is compared: the more rows agree on several columns, the better."""
        table, share = self.table, self.share
        if table is None or len(table.columns) < 2:
            return 1, 0, share
        if share >= GOOD:
            return 3, -bool(table.above), share - self.blanks / 1000
        return 2, 0, share


def _detected(head: list[str], options: ReadOptions, *, whole: bool) -> _Candidate:
    """Return the dialect on which the rows of a file's head agree best.

    Args:
        head: First lines.
        options: What is asked for is not detected.
        whole: Whether these are all lines.
    """
    first = next((n for n, line in enumerate(head, 1) if line.strip()), 1)
    asked = options.delimiter
    if named := _SEPARATOR.fullmatch("".join(head[first - 1 : first])):  # as Excel writes it
        asked, first = asked or named[1], first + 1
    text = "".join(head)
    between = [asked] if asked else [*(one for one in _DELIMITERS if one in text), _NONE]

    def tried(dialect: Dialect) -> _Candidate:
        return _tried(head, dialect, first, options, whole=whole)

    return max(
        (_quoted(delimiter, text, options, tried) for delimiter in between),
        key=lambda one: one.score,
    )


def _quoted(
    delimiter: str, text: str, options: ReadOptions, tried: Callable[[Dialect], _Candidate]
) -> _Candidate:
    """Return the best candidate of a delimiter, for all quotes, escapes and blanks."""
    quote, escape = options.quote, options.escape
    dialect = Dialect(delimiter, '"' if quote is None else quote, escape or "")
    best = tried(dialect)
    if escape is None and dialect.quote and f"\\{dialect.quote}" in text and best.faults:
        best = max(best, tried(replace(dialect, escape="\\")), key=lambda one: one.share)
    if quote is None and _are_text(bare := tried(replace(dialect, quote="")), best):
        best = bare
    if f"{delimiter} " in text and delimiter != "\t":
        best = _without_blanks(best, tried)
    return best


def _are_text(bare: _Candidate, quoted: _Candidate) -> bool:
    """Return whether quotes are text: of two readings, the one without quoting is right.

    In tsv they are, unless only quoting makes the rows agree, or quotes are closed and doubled as
    a writer of quoted fields does it. Elsewhere they are if many rows break otherwise.
    """
    fields = [cell for _, cells in bare.rows for cell in cells]
    opened = [cell for cell in fields if cell.startswith('"')]
    closed = [cell for cell in opened if _QUOTED.fullmatch(cell)]
    if bare.dialect.delimiter != "\t":
        return bare.share >= GOOD > quoted.share and len(quoted.faults) >= 3 and not closed
    if not opened or bare.share < GOOD:
        return bare.share >= quoted.share
    if bare.share < 1 and quoted.share == 1 and not quoted.faults:
        return False
    if len(closed) < len(opened):
        return not (quoted.dialect.escape and quoted.share >= GOOD)
    needed = any('""' in cell[1:-1] or '\\"' in cell for cell in closed)
    columns = list(zip(*(cells for _, cells in bare.rows[1:]), strict=False))
    return not needed and not any(all(c.startswith('"') for c in column) for column in columns)


def _without_blanks(one: _Candidate, tried: Callable[[Dialect], _Candidate]) -> _Candidate:
    """Return the candidate without blanks after delimiters if all fields begin with one."""
    other = tried(replace(one.dialect, blanks=True))
    is_better = other.score[:2] > one.score[:2] or other.share > one.share
    are_all = one.blanks >= 0.95 and other.share >= one.share
    return other if is_better or are_all else one


def delimited_source(file: File) -> Source:
    """Return a file of delimited rows as a source.

    Raises:
        DataError: the file or its header cannot be read.
        EnvironmentFault: the system refuses it.
    """
    head, whole = _head(file)
    found = _detected(head, file.options, whole=whole)
    dialect = found.dialect
    for line, what in found.faults[:1]:
        if found.table is None or line <= found.table.number:
            hint = "fix the line"
            if "quote" in what:
                hint += "; if quotes are text, add --set 'data.quote=\"\"'"
            raise DataError(f"{file.name}:{line}: the column names: {what}", hint=hint)
    table = require_table(found.table, file.name)
    columns = checked_columns(file.name, table.columns, *table.notes)
    known = table.categories(cells for number, cells in found.rows if number > table.number)
    origin = f"{file.name}:"
    start = next((begin for begin in found.begins if begin > table.number), len(head) + 1)

    def read(skipped: Skipped) -> Iterator[Row]:
        def broken(number: int, what: str, look: str) -> None:
            skipped.meet(f"{origin}{number}", what, look)

        def several(own: list[str], number: int) -> list[list[str]]:
            rows = _several(own, dialect.delimiter, len(table.names), known)
            if rows:
                skipped.remark(_RECOVERED, f"{origin}{number}", len(rows))
            return rows

        def fit(cells: list[str], number: int) -> list[str]:
            return table.fit(cells, number, origin, skipped)

        width = len(table.names) if len(table.columns) == len(table.names) else -1
        with open_text(file) as text:
            lines = _Lines(text.blocks(), start)
            yield from table.named(
                _split(lines, dialect, broken, fit, width, several), origin, skipped
            )

    def digest() -> str:
        return combined([repr(dialect), repr(table.names), str(start), file.digest()])

    usual = "\t" if file.ending() in (".tsv", ".txt") else ","
    notes = (*dialect.notes(usual), *table.notes, *replaced_bytes(file))
    return Source(file.name, columns, read, digest, file.options.on_bad_rows, found=notes)


def _head(file: File) -> tuple[list[str], bool]:
    """Return the first lines of a file, and whether they are all."""
    head: list[str] = []
    size = 0
    with open_text(file) as text:
        for block in text.blocks():
            head += block
            size += sum(map(len, block))
            if size >= _HEAD:
                return head, False
    return head, True


def _several(
    own: list[str], delimiter: str, width: int, known: dict[int, set[str]]
) -> list[list[str]]:
    """Return the rows that the lines of one row are: a stray quote made them one.

    Each line has the fields of a row, and values of the columns that have few of them.
    """
    rows = [line.rstrip("\r\n").split(delimiter) for line in own]
    fits = bool(known) and all(
        len(cells) == width and all(cells[place] in few for place, few in known.items())
        for cells in rows
    )
    return rows if fits else []
