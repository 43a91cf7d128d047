"""Rows of fields, of a text file or a sheet: which row names the columns, and which rows fit."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import NamedTuple

from sentiment_cli.reviews.sources.source import Row, Skipped, short

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
        """Yield rows of fitting fields as rows of a source, without broken rows and headers."""
        columns = self.columns
        header = self.fit(self.header, "", Skipped("skip"))
        for number, cells in rows:
            if type(cells) is Broken:
                skipped.meet(f"{origin}{number}", *cells)
            elif cells == header and not self.is_doubtful:
                skipped.remark("rows that repeat the header, not read", f"{origin}{number}")
            else:
                yield Row(dict(zip(columns, cells, strict=True)), origin, number)


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
    filled = max((_end(cells) for _, cells in sample if len(cells) == usual), default=0) or usual
    if not has_header:
        names = [f"column {position}" for position in range(1, filled + 1)]
        return Table(names, [], 0, *_fitting(names, sample, broken), (), False, False)
    found = _layout(_header(sample, usual, filled), sample, usual, broken)
    if found.has_above and (found.share < GOOD or found.rows < _FEW):
        return _layout(0, sample, usual, broken)
    return found


def _layout(place: int, sample: Sequence[Cells], usual: int, broken: int) -> Table:
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
    return Table(names, header, number, share, rows, tuple(notes), place > 0, unlike is not None)


def _fitting(names: list[str], rows: Sequence[Cells], broken: int) -> tuple[float, int]:
    """Return the share of the rows that fit under the names, and the number of rows."""
    fitting = sum(len(cells) >= len(names) and not any(cells[len(names) :]) for _, cells in rows)
    total = len(rows) + broken
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
