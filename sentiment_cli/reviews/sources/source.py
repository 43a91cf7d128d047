"""The parts that all readers share: rows, read options, skipped rows, notes and the source."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal, NamedTuple

from sentiment_cli.errors import DataError, UsageError

if TYPE_CHECKING:
    from sentiment_cli.config.schema import DataConfig

FIELD_LIMIT = 10_000_000
"""Maximum characters of a field or line; a longer one is an error before it fills the memory."""

COLUMN_LIMIT = 10_000
"""Maximum number of columns, because each row costs the time of all of them."""

_MAX_PLACES = 1000

OnBadRows = Literal["error", "skip"]


class Row(NamedTuple):
    """One row of a source.

    Attributes:
        values: Text under each column of the source. Further keys of a JSON object are kept too.
        origin: File and what counts its rows, such as ``reviews.csv:``.
        number: Line or row number, from 1.
    """

    values: Mapping[str, str]
    origin: str
    number: int

    @property
    def place(self) -> str:
        """Where a person finds the row: ``reviews.csv:12`` or ``reviews.parquet row 7``."""
        return f"{self.origin}{self.number}"


@dataclass(frozen=True, slots=True)
class ReadOptions:
    """How files are read: the settings of the same names under `data`.

    Attributes:
        encoding: Encoding of text files without a byte order mark. None means UTF-8.
        encoding_errors: Whether a wrong byte is an error or is replaced and counted.
        on_bad_rows: Whether a broken row is an error or is skipped and counted.
        header: Whether the first row names the columns.
        delimiter: Character between two fields. None means detected.
        quote: Character around fields; empty if there is none. None means detected.
        escape: Character before a quote that is text; empty if there is none. None means detected.
    """

    encoding: str | None = None
    encoding_errors: Literal["strict", "replace"] = "strict"
    on_bad_rows: OnBadRows = "error"
    header: bool = True
    delimiter: str | None = None
    quote: str | None = None
    escape: str | None = None

    @classmethod
    def of(cls, data: DataConfig) -> ReadOptions:
        """Return the options that the settings of an experiment ask for."""
        return cls(**{known.name: getattr(data, known.name) for known in fields(cls)})

    def __post_init__(self) -> None:
        """Refuse an encoding that Python does not know."""
        try:
            "".encode(self.encoding or "utf-8")
        except (LookupError, ValueError) as fault:
            raise UsageError(
                f"data.encoding: {self.encoding!r} is no text encoding",
                hint="such as utf-8, cp1252, latin-1, utf-16-le, gb18030, shift_jis",
            ) from fault


DETECTED = ReadOptions()
"""The default: everything is detected, and every fault is an error."""


@dataclass(slots=True)
class Skipped:
    """The skipped rows and other remarks of one pass.

    Attributes:
        on_bad_rows: Whether a broken row is an error or is skipped.
        count: Number of broken rows.
        places: Places of the first thousand broken rows.
        remarks: Number and first place of everything else worth a note, by its description.
    """

    on_bad_rows: OnBadRows
    count: int = 0
    places: list[str] = field(default_factory=list)
    remarks: dict[str, tuple[int, str]] = field(default_factory=dict)

    def meet(self, place: str, what: str, look: str) -> None:
        """Count a broken row, or stop at it.

        Args:
            place: Place of the row.
            what: Fault of the row.
            look: Text of the row, of which the beginning is shown.

        Raises:
            DataError: Broken rows are an error.
        """
        if self.on_bad_rows == "error":
            raise DataError(
                f"{place}: {what}: {short(look)}",
                hint="fix the row, or skip and count such rows: --set data.on_bad_rows=skip",
            )
        self.count += 1
        if len(self.places) < _MAX_PLACES:
            self.places.append(place)

    def remark(self, what: str, place: str, count: int = 1) -> None:
        """Count something that is no fault but worth a note."""
        before, first = self.remarks.get(what, (0, place))
        self.remarks[what] = (before + count, first)

    def add(self, other: Skipped) -> None:
        """Add what another pass, over other rows, skipped and remarked."""
        self.count += other.count
        self.places += other.places[: _MAX_PLACES - len(self.places)]
        for what, (count, place) in other.remarks.items():
            self.remark(what, place, count)

    def notes(self) -> list[str]:
        """Return the remarks as sentences."""
        return [f"{what}: {n:,}, first at {place}" for what, (n, place) in self.remarks.items()]


@dataclass
class Source:
    """Reviews that can be read any number of times, row by row, in constant memory.

    Attributes:
        name: Source as a person wrote it.
        columns: Names of the columns, in order.
        read: One pass over the rows; it tells the given ``Skipped`` about broken ones.
        digest: Hash of everything that decides what ``read`` yields.
        on_bad_rows: Whether a broken row is an error or is skipped.
        labels: Class of each label value, if the source itself knows it.
        has_gaps: Whether rows may lack columns (JSON objects do), which then read as empty.
        found: Sentences about what the reader decided when it opened the source.
    """

    name: str
    columns: list[str]
    read: Callable[[Skipped], Iterator[Row]]
    digest: Callable[[], str]
    on_bad_rows: OnBadRows
    labels: Mapping[str, str] | None = None
    has_gaps: bool = False
    found: tuple[str, ...] = ()
    skipped: Skipped = field(init=False)
    """Broken rows and remarks of the last pass, complete when the pass is."""

    def __post_init__(self) -> None:
        """Check that the columns can be told apart.

        Raises:
            DataError: There is no column or far too many, or a name is there twice.
        """
        self.skipped = Skipped(self.on_bad_rows)
        columns = self.columns
        if not columns:
            raise DataError(f"{self.name} is empty: no columns, no rows")
        if len(columns) > COLUMN_LIMIT:
            raise DataError(
                f"{self.name} has {len(columns):,} columns; the maximum is {COLUMN_LIMIT:,}",
                hint="is it a file of reviews? Its first row, or the keys of its objects, name "
                "the columns",
            )
        if len(set(columns)) < len(columns):
            twice = next(column for column in columns if columns.count(column) > 1)
            raise DataError(
                f"{self.name} has two columns named {short(twice)}",
                hint=self.found[-1] if self.found else "rename one of them in the file",
            )

    @property
    def notes(self) -> list[str]:
        """Sentences about what the reader decided and noticed; empty for a plain file."""
        return [*self.found, *self.skipped.notes()]

    def rows(self) -> Iterator[Row]:
        """Yield all rows, in order.

        Raises:
            DataError: A row is broken, or there is none.
        """
        skipped = self.skipped = Skipped(self.on_bad_rows)
        rows = self.read(skipped)
        first = next(rows, None)
        if first is None:
            broken = f": all {skipped.count:,} are broken" if skipped.count else ""
            hint = "--set data.on_bad_rows=error shows the first of them" if broken else None
            raise DataError(f"{self.name} holds no rows that can be read{broken}", hint=hint)
        yield first
        yield from rows

    def fingerprint(self) -> str:
        """Return a SHA-256 in hex: equal fingerprints mean equal rows.

        It reads every byte, so that a file changed in place is noticed.
        """
        return combined([self.on_bad_rows, self.digest()])


def combined(parts: list[str]) -> str:
    """Return one SHA-256 in hex of several texts; the borders between them count."""
    total = hashlib.sha256()
    for part in parts:
        content = part.encode("utf-8", "surrogatepass")
        total.update(len(content).to_bytes(8, "big") + content)
    return total.hexdigest()


def short(text: str, length: int = 60) -> str:
    """Return the beginning of a text as it may be shown: escaped, and cut with an ellipsis."""
    return repr(text[:length]) + ("…" if len(text) > length else "")


class Number(str):
    """A JSON number as it was written: ``1.50`` stays ``1.50``."""

    __slots__ = ()


def as_text(value: Any) -> str:
    """Return the text of a value: null is empty, lists and objects are their JSON.

    Raises:
        UnicodeDecodeError: The value is bytes that are not UTF-8.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool | Mapping | Sequence):
        return as_json(value)
    return str(value)


def as_json(value: Any) -> str:
    """Return the JSON of a value, with its numbers as they were written.

    Raises:
        RecursionError: The value is nested hundreds of levels deep.
    """
    if isinstance(value, Mapping):
        items = [f"{_quoted(str(key))}: {as_json(item)}" for key, item in value.items()]
        return "{" + ", ".join(items) + "}"
    if isinstance(value, Number):
        return str(value)
    if value is None or isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "[" + ", ".join([as_json(item) for item in value]) + "]"
    return _quoted(as_text(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
