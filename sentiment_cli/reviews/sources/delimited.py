"""Delimited text such as csv and tsv, whatever its delimiter, its quotes and the lines above it."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, source_of
from sentiment_cli.reviews.sources.source import ReadOptions, Row, Skipped, Source
from sentiment_cli.reviews.sources.splitting import ONE_COLUMN, UNFINISHED, Dialect, Lines, split
from sentiment_cli.reviews.sources.table import GOOD, SAMPLE, Broken, Cells, Table, understood
from sentiment_cli.reviews.sources.text import open_text, replaced_bytes

_HEAD = 1 << 20  # characters by which a dialect is detected
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
        table: Layout of the rows; None if there are none.
        rows: First rows.
        faults: Line and fault of each broken row.
        begins: Number of the first line of each row, and of the line after the head.
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
            return 3, -table.has_above, share - max(self.blanks, self.dialect.blanks) / 1000
        return 2, 0, share


def detect(file: File) -> Reading:
    """Return the reading of a file's head on which its rows agree best.

    What the options ask for is not detected.
    """
    head: list[str] = []
    size = 0
    with open_text(file) as text:
        for block in text.blocks():
            head += block
            size += sum(map(len, block))
            if size >= _HEAD:
                break
    first = next((n for n, line in enumerate(head, 1) if line.strip()), 1)
    options = file.options
    asked = options.delimiter
    if named := _SEPARATOR.fullmatch("".join(head[first - 1 : first])):  # as Excel writes it
        asked, first = asked or named[1], first + 1
    content = "".join(head)

    def read(dialect: Dialect) -> Reading:
        return _read(head, dialect, first, options, whole=size < _HEAD)

    delimiters = [asked] if asked else [*(one for one in _DELIMITERS if one in content), ONE_COLUMN]
    readings = [_quoted(delimiter, content, options, read) for delimiter in delimiters]
    return max(readings, key=lambda one: one.score)


def _read(
    head: list[str], dialect: Dialect, first: int, options: ReadOptions, *, whole: bool
) -> Reading:
    """Return the first rows of a file's head in a dialect.

    Args:
        head: First lines of the file.
        dialect: How they are split.
        first: Number of the first line to read.
        options: How files are read.
        whole: Whether these are all lines of the file.
    """
    rows: list[Cells] = []
    faults: list[tuple[int, str]] = []
    begins: list[int] = []
    for number, cells in split(Lines([head], first), dialect):
        begins.append(number)
        if not isinstance(cells, Broken):
            rows.append((number, cells))
        elif cells.what == UNFINISHED and not whole:
            break
        else:
            faults.append((number, cells.what))
        if len(rows) == SAMPLE or len(faults) > _MAX_BROKEN:
            break
    begins.append(len(head) + 1)
    table = understood(rows, has_header=options.header, broken=len(faults))
    return Reading(dialect, table, rows, faults, begins)


def _quoted(
    delimiter: str, content: str, options: ReadOptions, read: Callable[[Dialect], Reading]
) -> Reading:
    """Return the best reading with a delimiter, for all quotes, escapes and blanks."""
    quote, escape = options.quote, options.escape
    dialect = Dialect(delimiter, '"' if quote is None else quote, escape or "")
    best = read(dialect)
    if escape is None and dialect.quote and f"\\{dialect.quote}" in content and best.faults:
        best = max(best, read(replace(dialect, escape="\\")), key=lambda one: one.share)
    if quote is None and _is_quote_text(bare := read(replace(dialect, quote="")), best):
        best = bare
    if f"{delimiter} " in content and delimiter != "\t":
        other = read(replace(best.dialect, blanks=True))
        if (
            other.score[:2] > best.score[:2]
            or other.share > best.share
            or (best.blanks >= 0.95 and other.share >= best.share)
        ):
            best = other
    return best


def _is_quote_text(bare: Reading, quoted: Reading) -> bool:
    """Return whether quotes are text: of two readings, the one without quoting is right.

    In tsv they are, unless only quoting makes the rows agree, or quotes are closed and doubled as
    a writer of quoted fields does it. In other files they are if many rows break otherwise.
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
        if table is None or line <= table.number:
            raise DataError(f"{file.name}:{line}: the column names: {what}")
    if table is None:
        raise DataError(f"{file.name} is empty: no columns, no rows")
    few = _few_values(table, (cells for number, cells in found.rows if number > table.number))
    start = next(begin for begin in found.begins if begin > table.number)
    origin = f"{file.name}:"

    def read(skipped: Skipped) -> Iterator[Row]:
        def fit(cells: list[str], lines: Lines) -> list[list[str]]:
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
            rows = split(Lines(text.blocks(), start), dialect, fit, width)
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
