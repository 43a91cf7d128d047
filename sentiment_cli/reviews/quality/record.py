"""What an inspection found: figures, and a few rows to look at for each."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sentiment_cli.reviews.quality.near import METHOD

if TYPE_CHECKING:
    from collections.abc import Mapping

    from sentiment_cli.reviews.quality.columns import Columns
    from sentiment_cli.reviews.sources import Row

QUOTED = 20
"""Number of rows, or groups of rows, that are quoted per finding."""

_LOOK = 200  # characters of a quoted text

PERCENTILES = (5, 25, 50, 75, 95, 99)
CUTS = (256, 400)
"""The lengths at which it is told what `tokenizer.max_tokens` would cut."""


@dataclass(frozen=True, slots=True)
class Example:
    """A row to look at.

    Args:
        place: where it stands.
        label: its value in the label column; None where there is none.
        text: its beginning.
    """

    place: str
    label: str | None
    text: str

    @classmethod
    def of(cls, row: Row, text: str, label: str | None) -> Example:
        """Return a row as it is quoted, from the columns `text` and `label`."""
        value = None if label is None else row.values[label]
        return cls(row.place, value, row.values[text][:_LOOK])


@dataclass(frozen=True, slots=True)
class Finding:
    """So many rows, the first of them quoted."""

    rows: int
    examples: list[Example]


@dataclass(frozen=True, slots=True)
class Repeats:
    """Rows that belong together.

    Args:
        groups: of two rows or more.
        rows: in all of them.
        examples: the first groups, a few rows of each.
    """

    groups: int
    rows: int
    examples: list[list[Example]]


@dataclass(frozen=True, slots=True)
class Lengths:
    """How long the reviews are, in tokens of the `word` tokenizer.

    Args:
        mean: of all.
        percentiles: share of the reviews in percent: tokens that they have at most.
        longest: tokens of the longest.
    """

    mean: float
    percentiles: dict[int, int]
    longest: int


@dataclass(frozen=True, slots=True)
class Cut:
    """What `max_tokens` cuts: shares of the reviews, and of all tokens."""

    max_tokens: int
    reviews: float
    tokens: float


@dataclass(frozen=True, slots=True)
class Classes:
    """From the values of the label column to classes.

    Args:
        labels: value: class; None where no classes can be made.
        reason: why these, or why none.
        counts: class: reviews.
        left_out: rows whose value has no class.
        label_map: Value of the setting `data.label_map`, or None if it can stay unset.
    """

    labels: Mapping[str, str] | None
    reason: str
    counts: dict[str, int]
    left_out: int
    label_map: Mapping[str, str] | None

    @property
    def imbalance(self) -> float | None:
        """How many times as many reviews the largest class has as the smallest."""
        return max(self.counts.values()) / min(self.counts.values()) if self.counts else None


@dataclass(frozen=True, slots=True)
class Overlap:
    """Rows of another source, for the test, whose text stands in this one too.

    Args:
        source: the other one, as a person named it.
        rows: of it.
        broken: rows of it that were left out.
        in_training: the rows whose text stands here too.
    """

    source: str
    rows: int
    broken: int
    in_training: Finding


@dataclass(frozen=True, slots=True)
class Inspection:
    """Everything that was found in a source.

    Args:
        source: as a person named it.
        notes: Sentences about what the reader of the source decided and noticed.
        columns: all of them, and the two that are taken.
        classes: the proposed classes.
        lengths: of the reviews.
        cuts: for each length in CUTS.
        empty: reviews without a word or mark.
        duplicates: reviews that are equal but for case, punctuation and markup.
        near_duplicates: different reviews that share most runs of words.
        conflicts: equal reviews of different classes.
        characters: kind of what is no text: the reviews that hold it.
        scripts: Share of the letters per script, the most frequent script first.
        other_scripts: reviews in another script than the majority's.
        sample_tokens: Tokens of the beginning of the first review.
        test: what stands in the test source too, where one was named.
    """

    source: str
    notes: list[str]
    columns: Columns
    classes: Classes
    lengths: Lengths
    cuts: list[Cut]
    empty: Finding
    duplicates: Repeats
    near_duplicates: Repeats
    conflicts: Repeats
    characters: dict[str, Finding]
    scripts: dict[str, float]
    other_scripts: Finding
    sample_tokens: list[str]
    test: Overlap | None

    def report(self) -> dict[str, Any]:
        """Return all figures under stable names, fit for JSON."""
        columns, classes = self.columns, self.classes
        findings = ("empty", "duplicates", "near_duplicates", "conflicts", "other_scripts")
        return {
            "source": self.source,
            "rows": columns.rows,
            "broken": columns.broken,
            "notes": self.notes,
            "columns": [
                {
                    "name": column.name,
                    "filled": column.filled,
                    "values": None if column.many else len(column.values),
                    "mean_characters": round(column.length, 1),
                    "sample": column.sample,
                }
                for column in columns.all
            ],
            "text": {"column": columns.text.name, "reason": columns.text_reason},
            "label": {
                "column": columns.label and columns.label.name,
                "reason": columns.label_reason,
                "scheme": columns.reading and columns.reading.scheme,
            },
            "merged": columns.reading.merged if columns.reading else {},
            "skipped": [asdict(skip) for skip in columns.reading.skips] if columns.reading else [],
            "values": self.values(),
            "labels": None if classes.labels is None else dict(classes.labels),
            "labels_reason": classes.reason,
            "classes": classes.counts,
            "left_out": classes.left_out,
            "imbalance": classes.imbalance,
            "tokens": {
                "mean": self.lengths.mean,
                **{f"p{share}": tokens for share, tokens in self.lengths.percentiles.items()},
                "max": self.lengths.longest,
            },
            "cuts": [asdict(cut) for cut in self.cuts],
            **{name: asdict(getattr(self, name)) for name in findings},
            "near_duplicates_method": METHOD,
            "characters": {kind: asdict(found) for kind, found in self.characters.items()},
            "scripts": self.scripts,
            "sample_tokens": self.sample_tokens,
            "test": self.test and asdict(self.test),
        }

    def values(self) -> dict[str, int] | None:
        """Return how often each value of the label column stands there, None where they are too
        many to be labels."""
        label = self.columns.label
        return None if label is None or label.many else dict(label.values)
