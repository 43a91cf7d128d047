"""What every reader hands over: rows of named texts, each with its place, and the source itself."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Literal

from sentiment_cli.errors import DataError

FIELD_LIMIT = 10_000_000
"""Characters; a longer field or line is refused before it is taken into memory."""

COLUMN_LIMIT = 10_000
"""Columns of a source; more are refused, as each row would cost the time of all of them."""

_PLACES_KEPT = 1000

OnBadRows = Literal["error", "skip"]


@dataclass(frozen=True, slots=True)
class Row:
    """One row: the text under each column, and where it stands.

    ``values`` has every column of the source; a JSON object's further keys stay in it too.
    """

    values: Mapping[str, str]
    origin: str
    number: int

    @property
    def place(self) -> str:
        """Where a person finds the row: ``reviews.csv:12`` or ``reviews.parquet row 7``."""
        return f"{self.origin}{self.number}"


@dataclass(slots=True)
class Skipped:
    """The broken rows of one pass: how many, and where the first thousand stand."""

    on_bad_rows: OnBadRows
    count: int = 0
    places: list[str] = field(default_factory=list)

    def meet(self, place: str, what: str, look: str) -> None:
        """Count a broken row, or stop at it.

        Args:
            place: where the row stands.
            what: what is wrong with it.
            look: its beginning, of which a short piece is shown escaped.

        Raises:
            DataError: broken rows are not to be skipped.
        """
        if self.on_bad_rows == "error":
            raise DataError(
                f"{place}: {what}: {short(look)}",
                hint="mend the row, or leave such rows out, and count them: "
                "--set data.on_bad_rows=skip",
            )
        self.count += 1
        if len(self.places) < _PLACES_KEPT:
            self.places.append(place)


@dataclass
class Source:
    """Reviews that can be read any number of times, row by row, in constant memory.

    Args:
        name: the source as a person wrote it.
        columns: names of the columns, in order.
        read: one pass over the rows; broken ones go to the given ``Skipped``.
        digest: hash over all that decides what ``read`` yields.
        on_bad_rows: whether a broken row stops the pass or is counted and left out.
        labels: value to class, where the source itself knows it.
        gaps: whether a row may lack columns (JSON objects do), so that they read as empty.
        delimiters: those that the headers of its .csv files were found to have, each once.
    """

    name: str
    columns: list[str]
    read: Callable[[Skipped], Iterator[Row]]
    digest: Callable[[], str]
    on_bad_rows: OnBadRows
    labels: Mapping[str, str] | None = None
    gaps: bool = False
    delimiters: tuple[str, ...] = ()
    skipped: Skipped = field(init=False)
    """Broken rows of the last pass, complete once the pass is."""

    def __post_init__(self) -> None:
        self.skipped = Skipped(self.on_bad_rows)

    def rows(self) -> Iterator[Row]:
        """One pass over the rows, in order.

        Raises:
            DataError: a broken row, or not a single row.
        """
        skipped = self.skipped = Skipped(self.on_bad_rows)
        rows = self.read(skipped)
        first = next(rows, None)
        if first is None:
            broken = f": all {skipped.count:,} are broken" if skipped.count else ""
            raise DataError(f"{self.name} holds no rows that can be read{broken}")
        yield first
        yield from rows

    def fingerprint(self) -> str:
        """Sha256 in hex: equal fingerprints mean equal rows.

        It reads every byte, so that a file changed in place is noticed.
        """
        return combined([self.on_bad_rows, self.digest()])


def combined(parts: list[str]) -> str:
    """One sha256 in hex over several texts; where one ends and the next begins counts."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        total.update(len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def short(text: str, length: int = 60) -> str:
    """The beginning of a text as it may be shown: escaped, and cut with an ellipsis."""
    return repr(text[:length]) + ("…" if len(text) > length else "")


def checked_columns(name: str, columns: list[str]) -> list[str]:
    """The columns of a file, once they can be told apart.

    Raises:
        DataError: there are none or far too many, one stands there twice, or one holds a NUL.
    """
    if not columns:
        raise DataError(f"{name} is empty: no columns, no rows")
    if len(columns) > COLUMN_LIMIT:
        raise DataError(
            f"{name} has {len(columns):,} columns, where {COLUMN_LIMIT:,} are the most",
            hint="is it a file of reviews? Its first row, or the keys of its objects, name the "
            "columns",
        )
    if any("\0" in column for column in columns):
        raise DataError(
            f"{name}: NUL bytes in the column names",
            hint="is it a text file? UTF-16 without a byte order mark needs "
            "--set data.encoding=utf-16-le",
        )
    twice = sorted(column for column, times in Counter(columns).items() if times > 1)
    if twice:
        raise DataError(
            f"{name} has two columns named {short(twice[0])}",
            hint="rename one of them in the file",
        )
    return columns
