"""Tables of a text file or a sheet, whatever their delimiter, quotes and the lines above them.

Lines are split into rows of fields. The header names the columns, and the rows fit under it.
"""

from __future__ import annotations

import csv
import re
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice, pairwise
from typing import TYPE_CHECKING, NamedTuple

from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.reviews.sources.files import File, source_of
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    ReadOptions,
    Row,
    Skipped,
    Source,
    short,
)
from sentiment_cli.reviews.sources.text import line_fault, open_text, replaced_bytes

if TYPE_CHECKING:
    import _csv

Cells = tuple[int, list[str]]
"""A row as it is written: its number and its fields."""

SAMPLE = 1000
"""Number of rows at the beginning of a file that decide its layout."""

GOOD = 0.9
"""Minimum share of rows with the header's number of fields in a good layout."""

_FEW = 3  # rows that have to agree with a header below other lines
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*%?")
_SENTENCE = 12  # words


class Broken(NamedTuple):
    """What is wrong with a row, and its text."""

    what: str
    look: str


class RaggedError(Exception):
    """A row has too many or too few fields."""


@dataclass(frozen=True, slots=True)
class Table:
    """The layout of a table.

    Attributes:
        names: Name of each column as written, in order; empty if it is not read.
        header: Row that names the columns; empty if there is none.
        number: Number of that row; 0 if there is none.
        share: Share of the sample's rows that fit, 0 to 1.
        rows: Number of the sample's rows.
        notes: What a person should know about the layout.
        has_above: Whether other rows are above the header.
        is_doubtful: Whether the header looks like a row of data.
    """

    names: list[str]
    header: list[str]
    number: int
    share: float
    rows: int
    notes: tuple[str, ...]
    has_above: bool
    is_doubtful: bool

    @property
    def columns(self) -> list[str]:
        """Names of the columns that are read."""
        return [name for name in self.names if name]

    def fit(self, cells: list[str], place: str, skipped: Skipped) -> list[str]:
        """Return the fields under `columns`; none for a blank row.

        Raises:
            RaggedError: The row has too many or too few fields.
        """
        wanted = len(self.names)
        if cells and (len(cells) < wanted or any(cells[max(len(self.header), wanted) :])):
            raise RaggedError(f"expected {wanted} field{'s' * (wanted > 1)}, got {len(cells)}")
        fields = [cell for cell, name in zip(cells, self.names, strict=False) if name]
        if sum(map(bool, cells)) > sum(map(bool, fields)):
            skipped.remark("values in a column without a name, not read", place)
        return fields

    def read(
        self, rows: Iterable[tuple[int, list[str] | Broken]], origin: str, skipped: Skipped
    ) -> Iterator[Row]:
        """Yield rows of fitting fields as rows of a source, without broken rows and headers.

        Args:
            rows: Number and fitting fields, or fault, of all rows of the table.
            origin: Name of the file and what counts its rows.
            skipped: Is told of broken rows and repeated headers.
        """
        columns = self.columns
        header = self.fit(self.header, "", Skipped("skip"))
        for number, cells in rows:
            if number <= self.number:
                continue
            if type(cells) is Broken:
                skipped.meet(f"{origin}{number}", *cells)
            elif cells == header and not self.is_doubtful:
                skipped.remark("rows that repeat the header, not read", f"{origin}{number}")
            else:
                yield Row(dict(zip(columns, cells, strict=True)), origin, number)


def understood(sample: Sequence[Cells], *, has_header: bool, broken: Sequence[int] = ()) -> Table:
    """Return the layout of a table by its first rows. It has no columns if there are none.

    Args:
        sample: First rows, without blank ones.
        has_header: Whether a row names the columns.
        broken: Numbers of further rows that could not be split into fields.
    """
    sample = [(number, cells) for number, cells in sample if any(cells)] or list(sample)
    if not sample:
        return Table([], [], 0, 0.0, 0, (), False, False)
    # Of equal numbers of fields, the first row's counts.
    usual = Counter(len(cells) for _, cells in sample).most_common(1)[0][0]
    filled = max((_end(cells) for _, cells in sample if len(cells) == usual), default=0) or usual
    if not has_header:
        names = [f"column {position}" for position in range(1, filled + 1)]
        return Table(names, [], 0, *_fitting(names, sample, broken), (), False, False)
    found = _layout(_header(sample, usual, filled), sample, usual, broken)
    if found.has_above and (found.share < GOOD or found.rows < _FEW):
        return _layout(0, sample, usual, broken)
    return found


def _layout(place: int, sample: Sequence[Cells], usual: int, broken: Sequence[int]) -> Table:
    """Return the layout of a table whose header is at a place in the sample."""
    number, header = sample[place]
    below = sample[place + 1 :]
    body = [cells for _, cells in below if len(cells) == usual]
    if len(header) == usual - 1 and _are_row_numbers([cells[0] for cells in body]):
        header = ["", *header]
    names = []
    for position in range(max(_end(header), min(len(header), max(map(_end, body), default=0)))):
        name = header[position]
        if not name.strip():
            has_values = any(cells[position] for cells in body if position < len(cells))
            name = f"column {position + 1}" if has_values or len(header) == 1 else ""
        names.append(name)
    notes = []
    if place:
        look = short(" ".join(filter(None, sample[0][1])))
        notes.append(f"lines above the column names, not read: {place}, such as {look}")
    unlike = _value([cell.strip() for cell in header], below)
    if unlike is not None:
        notes.append(
            f"the column name {short(unlike)} looks like a value: if the first row is data, add "
            "--set data.header=false"
        )
    share, rows = _fitting(names, below, broken)
    if broken and broken[0] <= number:  # the column names may be broken
        share = 0.0
    return Table(names, header, number, share, rows, tuple(notes), place > 0, unlike is not None)


def _fitting(names: list[str], rows: Sequence[Cells], broken: Sequence[int]) -> tuple[float, int]:
    """Return the share of the rows that fit under the names, and the number of rows."""
    fitting = sum(len(cells) >= len(names) and not any(cells[len(names) :]) for _, cells in rows)
    total = len(rows) + len(broken)
    return fitting / total if total else 1.0, len(rows)


def _header(sample: Sequence[Cells], usual: int, filled: int) -> int:
    """Return the position of the row that names the columns; lines may be above it."""
    if filled < 2:
        return 0
    for place, (_, cells) in enumerate(sample[:100]):
        unnamed = next((n for n, cell in enumerate(cells) if cell.strip()), 0)
        named = sum(bool(cell.strip()) for cell in cells)
        is_short = len(cells) == usual - 1 and _are_row_numbers(
            [other[0] for _, other in sample[place + 1 :] if len(other) == usual]
        )
        if named + unnamed >= filled - is_short:
            return 0 if place and _value(cells, sample[place + 1 :]) else place
    return 0


def _value(header: Sequence[str], below: Sequence[Cells]) -> str | None:
    """Return a column name that is rather a value: a number, a sentence, or repeated below."""
    for position, name in enumerate(header):
        if _NUMBER.fullmatch(name) or (len(name.split()) > _SENTENCE and not name.endswith("?")):
            return name
        column = [
            cells[position] for _, cells in below if position < len(cells) and cells != header
        ]
        if name and len(set(column)) <= len(column) / 2 and name in column:
            return name
    return None


def _are_row_numbers(cells: list[str]) -> bool:
    """Return whether they ascend, as the row names that R writes under no name do."""
    if not cells or not all(cell.isascii() and cell.isdigit() and len(cell) < 19 for cell in cells):
        return False
    return all(one < other for one, other in pairwise(map(int, cells)))


def _end(cells: Sequence[str]) -> int:
    """Return the number of cells up to the last one that is not empty."""
    return max((position for position, cell in enumerate(cells, 1) if cell.strip()), default=0)


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

    Attributes:
        number: Number of the first line of the row being read, from 1.
        row: Lines of the row being read.
    """

    def __init__(self, blocks: Iterable[list[str]]) -> None:
        self.number, self.row = 1, list[str]()
        self._blocks = iter(blocks)
        self._waiting: deque[str] = deque()

    def __iter__(self) -> Iterator[str]:
        """Yield the lines from the row on.

        Raises:
            csv.Error: A line is too long or has a NUL byte.
        """
        waiting, row = self._waiting, self.row
        while True:
            if not waiting:
                waiting.extend(next(self._blocks, ()))
                if not waiting:
                    return
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
                if fit is None or (len(cells) == width and len(lines.row) == 1):
                    yield lines.number, cells
                elif cells:
                    yield from enumerate(fit(cells, lines), lines.number)
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


_HEAD = 16  # blocks by which a dialect is detected
_MAX_BROKEN = 20  # rows, after which a dialect is not the right one
_DELIMITERS = ",;\t|"  # in order of preference
_SEPARATOR = re.compile(r'"?sep=(.)"?\s*')
_QUOTED = re.compile(r'"(?:[^"\\]|""|\\.)*"', re.DOTALL)
_RECOVERED = "lines within quotes that are rows of their own, read as rows"


@dataclass(frozen=True, slots=True)
class Reading:
    """The head of a file, read in some dialect.

    Attributes:
        dialect: How rows were split.
        table: Layout of the rows.
        rows: First rows.
        faults: Line and fault of each broken row.
    """

    dialect: Dialect
    table: Table
    rows: list[Cells]
    faults: list[tuple[int, str]]

    @property
    def score(self) -> tuple[int, int, float]:
        """What is compared: the more rows agree on several columns, the better."""
        share = self.table.share
        if len(self.table.columns) < 2:
            return 1, 0, share
        if share < GOOD:
            return 2, 0, share
        # In a sentence, a blank follows each comma.
        later = [cell for _, cells in self.rows for cell in cells[1:] if cell]
        blanks = sum(cell.startswith(" ") for cell in later) / max(1, len(later))
        penalty = (0.9 if self.dialect.blanks else blanks) / 1000
        return 3, -self.table.has_above, share - penalty


def detect(file: File) -> Reading:
    """Return the reading of a file's head on which its rows agree best.

    What the options ask for is not detected.
    """
    options = file.options
    with open_text(file) as text:
        blocks = list(islice(text.blocks(), _HEAD))
    head = list(chain.from_iterable(blocks))
    asked = options.delimiter
    first = next((n for n, line in enumerate(head) if line.strip()), 0)
    if named := _SEPARATOR.fullmatch("".join(head[first : first + 1])):  # as Excel writes it
        asked, head[first] = asked or named[1], "\n"
    content = "".join(head)
    delimiters = [asked] if asked else [*(one for one in _DELIMITERS if one in content), ONE_COLUMN]

    def read(dialect: Dialect) -> Reading:
        return _read(head, dialect, is_whole=len(blocks) < _HEAD, has_header=options.header)

    readings = [_quoted(delimiter, content, options, read) for delimiter in delimiters]
    return max(readings, key=lambda one: one.score)


def _read(head: list[str], dialect: Dialect, *, is_whole: bool, has_header: bool) -> Reading:
    """Return the first rows of a file's head in a dialect.

    Args:
        head: First lines of the file.
        dialect: How they are split.
        is_whole: Whether these are all lines of the file.
        has_header: Whether a row names the columns.
    """
    rows: list[Cells] = []
    faults: list[tuple[int, str]] = []
    for number, cells in split(Lines([head]), dialect):
        if not cells:
            continue
        if not isinstance(cells, Broken):
            rows.append((number, cells))
        elif cells.what == UNFINISHED and not is_whole:
            break
        else:
            faults.append((number, cells.what))
        if len(rows) == SAMPLE or len(faults) > _MAX_BROKEN:
            break
    table = understood(rows, has_header=has_header, broken=[line for line, _ in faults])
    return Reading(dialect, table, rows, faults)


def _quoted(
    delimiter: str, content: str, options: ReadOptions, read: Callable[[Dialect], Reading]
) -> Reading:
    """Return the best reading with a delimiter, for all quotes, escapes and blanks."""
    quote, escape = options.quote, options.escape
    dialect = Dialect(delimiter, '"' if quote is None else quote, escape or "")
    best = read(dialect)
    if escape is None and dialect.quote and f"\\{dialect.quote}" in content and best.faults:
        best = max(best, read(replace(dialect, escape="\\")), key=lambda one: one.table.share)
    if quote is None and _is_quote_text(bare := read(replace(dialect, quote="")), best):
        best = bare
    if f"{delimiter} " in content and delimiter != "\t":
        best = max(best, read(replace(best.dialect, blanks=True)), key=lambda one: one.score)
    return best


def _is_quote_text(bare: Reading, quoted: Reading) -> bool:
    """Return whether quotes are text: of two readings, the one without quoting is right.

    In tsv they are, unless only quoting makes the rows agree, or quotes are closed and doubled as
    a writer of quoted fields does it. In other files they are if many rows break otherwise.
    """
    rows = [cells for number, cells in bare.rows if number > bare.table.number]
    opened = [cell for cells in rows for cell in cells if cell.startswith('"')]
    closed = [cell for cell in opened if _QUOTED.fullmatch(cell)]
    share, other = bare.table.share, quoted.table.share
    if bare.dialect.delimiter != "\t":
        return share >= GOOD > other and len(quoted.faults) >= 3 and not closed
    if not opened or share < GOOD:
        return share >= other
    if share < 1 and other == 1 and not quoted.faults:
        return False
    if len(closed) < len(opened):
        return not (quoted.dialect.escape and other >= GOOD)
    needed = any('""' in cell[1:-1] or '\\"' in cell for cell in closed)
    columns = zip(*rows, strict=False)
    return not needed and not any(all(c.startswith('"') for c in column) for column in columns)


def delimited_source(file: File, found: Reading | None = None) -> Source:
    """Return a file of delimited rows as a source.

    Args:
        file: File to read.
        found: Reading of the file's head, if it is known.

    Raises:
        DataError: The file or its header cannot be read.
        EnvironmentFault: The system does not open the file.
    """
    found = found or detect(file)
    dialect, table = found.dialect, found.table
    for line, what in found.faults[:1]:
        if not table.columns or line <= table.number:
            hint = "fix the line"
            if "quote" in what:
                hint += "; if quotes are text, add --set 'data.quote=\"\"'"
            raise DataError(f"{file.name}:{line}: the column names: {what}", hint=hint)
    few = _few_values(table, (cells for number, cells in found.rows if number > table.number))
    origin = f"{file.name}:"

    def read(skipped: Skipped) -> Iterator[Row]:
        def fit(cells: list[str], lines: Lines) -> list[list[str]]:
            if lines.number <= table.number:
                return []
            place = f"{origin}{lines.number}"
            if len(lines.row) > 1 and few:
                own = [line.rstrip("\r\n").split(dialect.delimiter) for line in lines.row]
                if all(len(row) == len(table.names) for row in own) and all(
                    row[position] in values for row in own for position, values in few.items()
                ):
                    skipped.remark(_RECOVERED, place, len(own))
                    return [table.fit(row, place, skipped) for row in own]
            fields = table.fit(cells, place, skipped)
            return [fields] if fields else []

        width = len(table.names) if all(table.names) else -1
        with open_text(file) as text:
            rows = split(Lines(text.blocks()), dialect, fit, width)
            yield from table.read(rows, origin, skipped)

    usual = "\t" if file.ending() in (".tsv", ".txt") else ","
    notes = [*dialect.notes(usual), *table.notes, *replaced_bytes(file)]
    return source_of(file, "delimited", table.columns, read, notes)


def _few_values(table: Table, rows: Iterator[list[str]]) -> dict[int, set[str]]:
    """Return the values of the columns that hold few different, short ones, by position.

    If each line of a row has the fields of a row and values of these columns, the lines are rows
    that a stray quote joined.
    """
    found = {}
    fitting = [cells for cells in rows if len(cells) == len(table.names)]
    for position, column in enumerate(zip(*fitting, strict=True)):
        values = set(column)
        if max(map(len, values)) <= 20 and len(values) <= max(2, len(column) // 3):
            found[position] = values
    return found
