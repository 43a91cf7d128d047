"""A source of reviews with each row's class and part decided: what training and evaluation read."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import MAX_CLASSES, LabelMap
from sentiment_cli.reviews.sources import open_source, require_columns
from sentiment_cli.reviews.split import Part, assign_parts, rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.reviews.sources import Source


@dataclass(frozen=True, slots=True)
class Review:
    """One labelled review.

    Args:
        text: as it stands in the source.
        label: index into the corpus's classes.
        place: where it stands, for messages.
    """

    text: str
    label: int
    place: str


class Corpus:
    """Every labelled review of a source, each known by its class and its part.

    Texts are not kept: each pass reads the source again, in constant memory.

    Args:
        source: where the reviews are.
        text: column of the review.
        label: column of the label.
        labels: which values stand for which class.
        parts: the part of each labelled row, shape (N,).
        dropped: rows whose value `labels` leaves out.
    """

    def __init__(
        self,
        source: Source,
        *,
        text: str,
        label: str,
        labels: LabelMap,
        parts: NDArray[np.uint8],
        targets: NDArray[np.int64],
        dropped: int,
    ) -> None:
        self.source = source
        self.labels = labels
        self.parts = parts
        self.targets = targets
        self.dropped = dropped
        self._text = text
        self._label = label

    def counts(self, part: Part) -> list[int]:
        """Return how many reviews of each class a part holds."""
        own = self.targets[self.parts == part]
        return [int(n) for n in np.bincount(own, minlength=len(self.labels.classes))]

    def reviews(self, part: Part) -> Iterator[Review]:
        """Yield a part's reviews in the source's order.

        Raises:
            DataError: the source no longer holds the rows that were counted.
        """
        number = 0
        for row in self.source.rows():
            label = self.labels.class_of(row.values[self._label])
            if label is None:
                continue
            if number >= len(self.parts):
                break
            if self.parts[number] == part:
                yield Review(row.values[self._text], label, row.place)
            number += 1
        if number != len(self.parts):
            raise DataError(
                f"{self.source.name} changed while it was read",
                hint="run the command again once nothing writes to it",
            )


def read_source(data: DataConfig) -> Source:
    """Open an experiment's source; what lies below the current folder is named from there.

    Raises:
        DataError: it is missing, empty, damaged or of no known kind.
        EnvironmentFault: the system or the network refuses it.
    """
    here = Path.cwd()
    specs = [data.source] if isinstance(data.source, str) else list(data.source)
    return open_source([spec.removeprefix(f"{here}{os.sep}") for spec in specs], base=here)


def open_corpus(data: DataConfig, *, seed: int) -> Corpus:
    """Read a source once and decide each row's class and part.

    Raises:
        DataError: the source cannot be read, a column is missing, or a class has too few reviews.
    """
    source = read_source(data)
    require_columns(source, data.text, data.label)
    seen: Counter[str] = Counter()
    codes: dict[str, int] = {}
    values: list[int] = []
    ranks: list[int] = []
    for row in source.rows():
        value = row.values[data.label]
        seen[value] += 1
        if data.labels is None and source.labels is None and len(seen) > MAX_CLASSES:
            break  # a column of texts: LabelMap says so
        values.append(codes.setdefault(value, len(codes)))
        ranks.append(rank(row.values[data.text], seed))

    labels = LabelMap.of(data.labels or source.labels, seen, column=data.label)
    of_value = [labels.class_of(value) for value in codes]
    coded = np.array([-1 if label is None else label for label in of_value], dtype=np.int64)
    targets = coded[np.array(values, dtype=np.int64)]
    kept = targets >= 0
    parts = assign_parts(
        np.array(ranks, dtype=np.uint64)[kept],
        targets[kept],
        classes=labels.classes,
        test_fraction=data.test_fraction,
        validation_fraction=data.validation_fraction,
        limit=data.limit,
    )
    return Corpus(
        source,
        text=data.text,
        label=data.label,
        labels=labels,
        parts=parts,
        targets=targets[kept],
        dropped=int((~kept).sum()),
    )


def labelled_reviews(data: DataConfig, labels: LabelMap) -> Iterator[Review]:
    """Yield every review of a source whose classes are those of a run.

    Raises:
        DataError: the source cannot be read, a column is missing, or a label is unknown to the run.
    """
    source = read_source(data)
    require_columns(source, data.text, data.label)
    for row in source.rows():
        label = labels.class_of(row.values[data.label], row)
        if label is not None:
            yield Review(row.values[data.text], label, row.place)
