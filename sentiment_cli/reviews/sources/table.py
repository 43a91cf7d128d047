"""Which row of a table names the columns, and how the rows below fit under the names."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.source import Row, Skipped, short

Cells = tuple[int, list[str]]
"""A row as it is written: its number and its fields."""

SAMPLE = 1000
"""Rows at the beginning of a file by which it is understood."""

GOOD = 0.9
"""Share of rows with the number of columns of the header, from which on they agree."""

_FEW = 3  # rows that have to agree with a header below other lines
_REPEATED = "rows that repeat the header, not read"
_UNNAMED = "values in a column without a name, not read"
_NUMBER = re.compile(r"[-+]?[\d.,]*\d[\d.,]*%?")
_SENTENCE = 12  # words


class Ragged(Exception):
    """A row has too many or too few fields."""


@dataclass(frozen=True, slots=True)
class Table:
    """The layout of a table.

    Attributes:
        names: Name of each column as written, in order; empty if it is not read.
        header: Row that names the columns; empty if there is none.
        number: Number of that row; 0 if there is none.
        above: Rows above it.
        share: Share of the sample's rows that fit, 0 to 1.
        rows: Number of the sample's rows.
        notes: What a person should know about the layout.
        is_doubtful: Whether the header looks like a row of data.
    """

    names: list[str]
    header: list[str]
    number: int
    above: list[list[str]]
    share: float
    rows: int
    notes: tuple[str, ...]
    is_doubtful: bool

    @property
    def columns(self) -> list[str]:
        """Names of the columns that are read."""
        return [name for name in self.names if name]

    def fit(self, cells: list[str], number: int, origin: str, skipped: Skipped) -> list[str]:
        """Return the fields under `columns`; none for a blank row.

        Raises:
            Ragged: the row has too many or too few fields.
        """
        wanted = len(self.names)
        beyond = cells[wanted:]
        if not cells:
            return []
        if len(cells) < wanted or any(beyond[max(len(self.header) - wanted, 0) :]):
            raise Ragged(f"expected {wanted} field{'s' * (wanted > 1)}, got {len(cells)}")
        if any(beyond) or any(
            cell for cell, name in zip(cells, self.names, strict=False) if not name
        ):
            skipped.remark(_UNNAMED, f"{origin}{number}")
        return [cell for cell, name in zip(cells, self.names, strict=False) if name]

    def named(self, rows: Iterable[Cells], origin: str, skipped: Skipped) -> Iterator[Row]:
        """Yield rows of fitting fields as rows of a source, without repeated headers."""
        columns = self.columns
        header = [cell for cell, name in zip(self.header, self.names, strict=False) if name]
        for number, cells in rows:
            if cells == header and not self.is_doubtful:
                skipped.remark(_REPEATED, f"{origin}{number}")
            else:
                yield Row(dict(zip(columns, cells, strict=True)), origin, number)

    def categories(self, rows: Iterable[list[str]]) -> dict[int, set[str]]:
        """Return the values of the columns that hold few different, short ones, by position."""
        found = {}
        fitting = [cells for cells in rows if len(cells) == len(self.names)]
        for position, column in enumerate(zip(*fitting, strict=True)):
            known = set(column)
            if max(map(len, known)) <= 20 and len(known) <= max(2, len(column) // 3):
                found[position] = known
        return found


def understood(sample: Sequence[Cells], *, has_header: bool, broken: int = 0) -> Table | None:
    """Return the layout of a table by its first rows; None if there are none.

    Args:
        sample: First rows, without blank ones.
        has_header: Whether a row names the columns.
        broken: Number of further rows that could not be split into fields.
    """
    sample = [(number, cells) for number, cells in sample if any(cells)] or list(sample)
    if not sample:
        return None
    # Of equal numbers of fields, the first row's counts.
    usual = Counter(len(cells) for _, cells in sample).most_common(1)[0][0]
    body = [cells for _, cells in sample if len(cells) == usual]
    filled = max((_end(cells) for cells in body), default=0) or usual
    if not has_header:
        names = [f"column {position}" for position in range(1, filled + 1)]
        return _scored(names, [], 0, sample, [], broken)
    found = _layout(_header(sample, usual, filled), sample, usual, broken)
    first = _layout(0, sample, usual, broken)
    if found.above and (found.share < GOOD or found.rows < _FEW):
        return first
    return found


def _layout(place: int, sample: Sequence[Cells], usual: int, broken: int) -> Table:
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
    above = [cells for _, cells in sample[:place]]
    return _scored(names, header, number, below, above, broken)


def _scored(
    names: list[str],
    header: list[str],
    number: int,
    below: Sequence[Cells],
    above: list[list[str]],
    broken: int,
) -> Table:
    fitting = sum(len(cells) >= len(names) and not any(cells[len(names) :]) for _, cells in below)
    total = len(below) + broken
    notes = []
    if above:
        look = short(" ".join(filter(None, above[0])))
        notes.append(f"lines above the column names, not read: {len(above)}, such as {look}")
    unlike = _value([cell.strip() for cell in header], below)
    if unlike is not None:
        notes.append(
            f"the column name {short(unlike)} looks like a value: if the first row is data, add "
            "--set data.header=false"
        )
    share = fitting / total if total else 1.0
    return Table(names, header, number, above, share, len(below), tuple(notes), unlike is not None)


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
    numbers = [int(cell) for cell in cells]
    return all(one < other for one, other in pairwise(numbers))


def _end(cells: Sequence[str]) -> int:
    """Return the number of cells up to the last one that is not empty."""
    return max((position for position, cell in enumerate(cells, 1) if cell.strip()), default=0)


def require_table(table: Table | None, name: str) -> Table:
    """Return the layout of a file if there is one.

    Raises:
        DataError: the file is empty.
    """
    if table is None:
        raise DataError(f"{name} is empty: no columns, no rows")
    return table
