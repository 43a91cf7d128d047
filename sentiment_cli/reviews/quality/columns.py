"""Which column holds the reviews, and which the labels: by name and by content."""

from __future__ import annotations

import re
import shlex
from collections import Counter
from dataclasses import dataclass, field
from itertools import islice
from operator import itemgetter
from typing import TYPE_CHECKING

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.column_names import Says, label_name, label_order, text_weight
from sentiment_cli.reviews.schemes import MAX_CLASSES, MAX_VALUES, LabelReading, read_labels
from sentiment_cli.reviews.sources.columns import predicted_by_us, require_columns
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.spelling import normalised

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from sentiment_cli.reviews.sources import Row, Source

_ALL_VALUES = 200_000  # of all columns together
_MAX_LABEL = 40  # characters, on average
_SAMPLE = 200
_STEP = 1000
_CHUNK = 200  # rows
_MAX_CHARACTERS = 1_000_000  # of the values that are counted, per column
_NEXT = 0.05  # of the weight of the text, from which the next column is named
_UNCLEAR = 2.0  # texts whose weights differ by less are about equally good
_OPTIONS = {"data.text_column": "--text-column", "data.label_column": "--label-column"}
_NO_TEXT = re.compile(r"[\W\d_]*|(?:https?://|www\.)\S*|\S*[TZ]?[\d:.+-]{8,}\S*")

_KINDS = {"polar": 80, "rating": 40, "mixed": 30, "pair": 25, "flags": 20, "own": 0}
_NAMES = {
    Says.SENTIMENT: 35, Says.LABEL: 45, Says.RATING: 40, Says.GOOD: 15, Says.BAD: 15,
    Says.NOTHING: 0, Says.GROUP: -10, Says.OTHER: -150,
}  # fmt: skip


@dataclass(slots=True)
class Column:
    """What a pass over the rows finds in a column.

    Attributes:
        name: Name in the source.
        limit: Number of different values that are counted.
        filled: Number of rows with a value.
        characters: Number of characters of all values.
        prose: Number of characters of the values with a blank or a character beyond ASCII.
        values: Number of rows per value; empty if there are too many.
        many: Whether there are more different values than ``limit``, or very long ones.
        sample: Beginning of the first value that is not empty.
    """

    name: str
    limit: int = MAX_VALUES
    filled: int = 0
    characters: int = 0
    prose: int = 0
    values: Counter[str] = field(default_factory=Counter)
    many: bool = False
    sample: str = ""

    @property
    def length(self) -> float:
        """Average number of characters of a value that is not empty."""
        return self.characters / max(1, self.filled)

    @property
    def has_texts(self) -> bool:
        """Whether the values are too many or too long for labels."""
        return self.many or self.length > _MAX_LABEL

    def see(self, values: Sequence[str]) -> None:
        """Count the values of some rows."""
        if not self.many:
            self.values.update(values)
            if len(self.values) > self.limit or sum(map(len, self.values)) > _MAX_CHARACTERS:
                self.many = True
                self.values.clear()
        filled = [value for value in values if value]
        self.filled += len(filled)
        self.characters += sum(map(len, filled))
        self.prose += sum(len(value) for value in filled if " " in value or not value.isascii())
        if not self.sample:
            self.sample = next((v[:_SAMPLE] for v in filled if not v.isspace()), "")


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a source, and the two that are chosen.

    Attributes:
        rows: Number of rows.
        all: All columns, in order.
        text: Column of the review.
        text_reason: Why it is chosen.
        label: Column of the label, or None if no column looks like labels.
        reading: What its labels mean, or None if they cannot be classes.
        label_reason: Why the label column is chosen, or why there is none.
        broken: Number of rows that were skipped.
    """

    rows: int
    all: list[Column]
    text: Column
    text_reason: str
    label: Column | None
    reading: LabelReading | None
    label_reason: str
    broken: int = 0


def read_columns(
    source: Source,
    *,
    advance: Callable[[int], None] = lambda rows: None,
    text: str | None = None,
    label: str | None = None,
    rows: int | None = None,
) -> Columns:
    """Read every column of a source in one pass, and choose those of the review and the label.

    Args:
        source: Where the reviews are.
        advance: Called with the number of rows read since the last call.
        text: Name of the text column, if it is known.
        label: Name of the label column, if it is known.
        rows: Number of rows to read. [default: all]

    Raises:
        DataError: The source cannot be read, lacks a named column, or has only empty fields.
    """
    require_columns(source, text, label, _OPTIONS)
    limit = max(MAX_CLASSES + 1, min(MAX_VALUES, _ALL_VALUES // len(source.columns)))
    columns = [Column(name, limit) for name in source.columns]
    number = 0
    read = islice(told(source.rows(), advance), rows)
    while chunk := [row.values for row in islice(read, _CHUNK)]:
        number += len(chunk)
        for column in columns:
            column.see([values[column.name] for values in chunk])
    known = {column.name: column for column in columns}
    able = [column for column in columns if column.name != label]
    found, reason = _text(able, source.name, known.get(text or ""))
    chosen = _label([c for c in columns if c is not found], known.get(label or ""))
    return Columns(number, columns, found, reason, *chosen, source.skipped.count)


def told(rows: Iterator[Row], advance: Callable[[int], None]) -> Iterator[Row]:
    """Yield the same rows, and call `advance` after each thousand."""
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if not number % _STEP:
            advance(_STEP)
    advance(number % _STEP)


def _text(columns: list[Column], name: str, known: Column | None) -> tuple[Column, str]:
    if known is not None:
        return known, f"named by --text-column; {_in_words(known)}"
    filled = [column for column in columns if column.filled]
    if not filled:
        raise DataError(f"{name} has only empty fields")
    ranked = [(_text_rank(column), column) for column in filled]
    (rank, text), *others = sorted(ranked, key=itemgetter(0), reverse=True)
    reason = "named like a text" if text_weight(text.name) > 1 else "the longest texts"
    reason += f"; {_in_words(text)}"
    if others and others[0][0][0] > _NEXT * rank[0]:
        close = rank[0] < _UNCLEAR * others[0][0][0]
        reason += _runner_up(others[0][1], "--text-column", close)
    return text, reason


def _text_rank(column: Column) -> tuple[float, float, int]:
    """Sort the columns of texts: weight of the prose and of the rows, then of all characters."""
    different = len(column.values) - ("" in column.values)
    weight = text_weight(column.name)
    if not column.many:
        # A constant is not a text, and texts of a list of products repeat.
        weight *= 0.001 if different < 2 < column.filled else 1.0
        weight *= 0.05 if different < 0.1 * column.filled else 1.0
    prose = 0 if _NO_TEXT.fullmatch(column.sample.strip()) else column.prose
    return weight * prose * column.filled, weight * column.filled, column.characters


def _label(
    columns: list[Column], known: Column | None
) -> tuple[Column | None, LabelReading | None, str]:
    if known is not None:
        reading = _reading(known)
        return known, reading, f"named by --label-column; {_in_words(known)}"
    names = [column.name for column in columns]
    rated = [
        (_points(column, reading, names), column, reading)
        for column in columns
        if (reading := _reading(column)) and _is_plausible(column, reading)
    ]
    rated.sort(key=lambda each: -each[0])
    if not rated:
        named = [column for column in columns if column.filled and _is_named(column)]
        label = min(named, key=lambda column: column.many, default=None)
        none = f"no other column repeats from 2 to {MAX_CLASSES} short values, ids and dates aside"
        return label, None, f"by its name; {_in_words(label)}" if label else none
    (points, label, reading), *others = rated
    how = "by its name and values" if _is_named(label) else "by its values"
    reason = f"{how}: {reading.scheme}; {_in_words(label)}"
    if others:
        reason += _runner_up(others[0][1], "--label-column", points - others[0][0] < 4)
    return label, reading, reason


def _points(column: Column, reading: LabelReading, names: Sequence[str]) -> int:
    """Return how likely a column holds the labels, by its values and its name."""
    says = label_name(column.name)
    doubt = 15 * (reading.assumed and reading.kind == "rating")
    doubt += 30 * (reading.kind == "own" and says is Says.RATING)
    doubt += 200 * predicted_by_us(names, column.name)
    return _KINDS[reading.kind] + _NAMES[says] + label_order(column.name) - doubt


def _is_named(column: Column) -> bool:
    return _NAMES[label_name(column.name)] > 0


def _reading(column: Column) -> LabelReading | None:
    return None if column.has_texts else read_labels(column.values, column.name)


def _is_plausible(column: Column, reading: LabelReading) -> bool:
    """Whether the values can be labels: by the name, by what they mean, or because they repeat."""
    if _is_named(column) or not (reading.kind in {"own", "flags"} or reading.assumed):
        return True
    sample, other = column.sample.strip(), label_name(column.name) is Says.OTHER
    if other or (len(sample) >= 8 and _NO_TEXT.fullmatch(sample)):  # a date or a number
        return False
    return len({normalised(value) for value in column.values if value}) <= column.filled / 2


def _runner_up(column: Column, option: str, close: bool) -> str:
    name, option = short(column.name, 40), f"{option} {shlex.quote(column.name)}"
    return f"; unclear, {name} is about as likely: {option}" if close else f"; next: {name}"


def _in_words(column: Column) -> str:
    if column.has_texts:
        return f"{column.length:,.0f} characters on average"
    number = len(column.values)
    return f"{number} different value{'' if number == 1 else 's'}"


def missing_label(name: str, columns: Columns) -> DataError:
    """Return the error for a source in which no column looks like a label."""
    others = [column for column in columns.all if column is not columns.text]
    beside = f" next to the text {short(columns.text.name, 40)}: "
    beside += ", ".join(short(column.name, 40) for column in others[:20])
    hint = f"{columns.label_reason}; add a column named label"
    if able := next((column.name for column in others if _reading(column)), None):
        hint += f", or name one: --label-column {shlex.quote(able)}"
    what = f"{name} has no column of labels" + (beside if others else ", only the text")
    return DataError(what, hint=hint)
