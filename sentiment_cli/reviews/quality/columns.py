"""Which column holds the reviews, and which the labels: by name, and by what stands in them."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import MAX_CLASSES
from sentiment_cli.reviews.sources.source import short

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from sentiment_cli.reviews.sources import Row, Source

# The names that people give, the likeliest first.
_TEXT_NAMES = (
    "text", "review", "reviews", "reviewtext", "reviewbody", "textreview", "body", "content",
    "comment", "comments", "sentence", "document", "message", "feedback", "phrase", "tweet",
)  # fmt: skip
_LABEL_NAMES = (
    "label", "labels", "sentiment", "polarity", "stars", "star", "starrating", "rating",
    "ratings", "score", "reviewscore", "reviewrating", "overall", "class", "target", "grade",
    "airlinesentiment", "category", "y",
)  # fmt: skip
_NAMED_SHARE = 0.25
"""A column that is named like the text is it, unless another is four times as long."""

_SHORT = 40  # characters of a label, on average
_SAMPLE = 200
_STEP = 1000


@dataclass(slots=True)
class Column:
    """What a pass over the rows tells of a column.

    Attributes:
        name: as it stands in the source.
        filled: rows in which something stands.
        characters: of all its values.
        prose: characters of those values that have a space in them, or letters beyond ASCII.
        values: how often each value stands there; counting ends at MAX_CLASSES + 1 of them.
        sample: the beginning of the first value that is not empty.
    """

    name: str
    filled: int = 0
    characters: int = 0
    prose: int = 0
    values: Counter[str] = field(default_factory=Counter)
    sample: str = ""

    @property
    def many(self) -> bool:
        """Whether it holds more values than a classifier has classes; they are not all counted."""
        return len(self.values) > MAX_CLASSES

    @property
    def length(self) -> float:
        """Characters of a value that is not empty, on average."""
        return self.characters / max(1, self.filled)

    def see(self, value: str) -> None:
        """Take in one row's value."""
        if len(self.values) <= MAX_CLASSES:
            self.values[value] += 1
        if not value:
            return
        self.filled += 1
        self.characters += len(value)
        if " " in value or not value.isascii():
            self.prose += len(value)
        if not self.sample and not value.isspace():
            self.sample = value[:_SAMPLE]


@dataclass(frozen=True, slots=True)
class Columns:
    """The columns of a source, and the two that are taken.

    Args:
        rows: of the source.
        all: every column, in order.
        text: the column that is taken for the review, and why.
        label: the column that is taken for the label, and why; None where no column looks like it.
        broken: rows that were left out.
    """

    rows: int
    all: list[Column]
    text: Column
    text_reason: str
    label: Column | None
    label_reason: str
    broken: int = 0


def read_columns(source: Source, *, advance: Callable[[int], None]) -> Columns:
    """Look at every column of a source, in one pass, and choose.

    Args:
        source: where the reviews are.
        advance: told how many rows were read since the last call.

    Raises:
        DataError: the source cannot be read, or holds nothing but empty fields.
    """
    columns = [Column(name) for name in source.columns]
    rows = 0
    for row in told(source.rows(), advance):
        rows += 1
        for column in columns:
            column.see(row.values[column.name])
    text, text_reason = _text(columns, source.name)
    label, label_reason = _label([column for column in columns if column is not text])
    return Columns(rows, columns, text, text_reason, label, label_reason, source.skipped.count)


def told(rows: Iterator[Row], advance: Callable[[int], None]) -> Iterator[Row]:
    """The same rows; of each thousand that were read, `advance` is told."""
    number = 0
    for number, row in enumerate(rows, start=1):
        yield row
        if not number % _STEP:
            advance(_STEP)
    advance(number % _STEP)


def _text(columns: list[Column], name: str) -> tuple[Column, str]:
    filled = [column for column in columns if column.filled]
    if not filled:
        raise DataError(f"{name} holds nothing but empty fields")
    longest = max(filled, key=lambda column: (column.prose, column.characters))
    for wanted in _TEXT_NAMES:
        for column in filled:
            if _plain(column.name) == wanted and column.prose >= _NAMED_SHARE * longest.prose:
                return column, f"by its name; {_in_words(column)}"
    return longest, f"the longest texts; {_in_words(longest)}"


def _label(columns: list[Column]) -> tuple[Column | None, str]:
    for wanted in _LABEL_NAMES:
        for column in columns:
            if _plain(column.name) == wanted and column.filled:
                return column, f"by its name; {_in_words(column)}"
    likely = [column for column in columns if _repeats(column)]
    if not likely:
        return None, f"no other column repeats from 2 to {MAX_CLASSES} short values"
    fewest = min(likely, key=lambda column: len(column.values))
    return fewest, f"few short values that repeat; {_in_words(fewest)}"


def _repeats(column: Column) -> bool:
    values = sum(1 for value in column.values if value)
    return 2 <= values <= column.filled / 2 and not column.many and column.length <= _SHORT


def _in_words(column: Column) -> str:
    if column.many:
        return f"{column.length:,.0f} characters on average"
    number = len(column.values)
    return f"{number} different value{'' if number == 1 else 's'}"


def _plain(name: str) -> str:
    return re.sub(r"[\W_]+", "", name).casefold()


def missing_label(name: str, columns: Columns) -> DataError:
    """The error for a source in which no column looks like a label."""
    others = [short(column.name, 40) for column in columns.all if column is not columns.text]
    beside = f" beside the text {short(columns.text.name, 40)}: {', '.join(others[:20])}"
    return DataError(
        f"{name} has no column of labels" + (beside if others else ", only the text"),
        hint=f"{columns.label_reason}; add a column named label",
    )
