"""Sources of reviews with each row's class and part decided: what training and evaluation read."""

from __future__ import annotations

import os
from collections import Counter
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.config.paths import is_name
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import MAX_CLASSES, LabelMap
from sentiment_cli.reviews.sources import ReadOptions, open_source, require_columns
from sentiment_cli.reviews.sources.source import combined
from sentiment_cli.reviews.split import Part, assign_parts, rank
from sentiment_cli.reviews.unknown_labels import no_known_label, unknown_label

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.reviews.sources import Row, Source


@dataclass(frozen=True, slots=True)
class Review:
    """One labelled review.

    Args:
        text: as it stands in the source.
        label: index into the corpus's classes.
        row: the row it comes from, for messages.
    """

    text: str
    label: int
    row: Row


@dataclass(frozen=True, slots=True)
class Stretch:
    """One source's labelled rows: the part and the class of each, (N,)."""

    source: Source
    parts: NDArray[np.uint8]
    targets: NDArray[np.int64]


class Corpus:
    """Every labelled review, each known by its class and its part.

    Texts are not kept: each pass reads the sources again, in constant memory.

    Args:
        stretches: the sources, the one that teaches first.
        text: column of the review.
        label: column of the label.
        labels: which values stand for which class.
        dropped: rows whose value `labels` leaves out.
    """

    def __init__(
        self, stretches: Sequence[Stretch], *, text: str, label: str, labels: LabelMap, dropped: int
    ) -> None:
        self.labels = labels
        self.dropped = dropped
        self._stretches = stretches
        self._text = text
        self._label = label

    @property
    def name(self) -> str:
        """The sources as a person wrote them."""
        return ", ".join(stretch.source.name for stretch in self._stretches)

    @property
    def skipped(self) -> int:
        """Broken rows that the last pass left out."""
        return sum(stretch.source.skipped.count for stretch in self._stretches)

    @property
    def notes(self) -> list[str]:
        """Sentences about how the sources were read in the last pass."""
        return [
            f"{stretch.source.name}: {note}"
            for stretch in self._stretches
            for note in stretch.source.notes
        ]

    def counts(self, part: Part) -> list[int]:
        """Return how many reviews of each class a part holds."""
        found = np.zeros(len(self.labels.classes), dtype=np.int64)
        for stretch in self._stretches:
            own = stretch.targets[stretch.parts == part]
            found += np.bincount(own, minlength=len(found))
        return [int(n) for n in found]

    def reviews(self, part: Part) -> Iterator[Review]:
        """Yield a part's reviews in the sources' order.

        Raises:
            DataError: a source no longer holds the rows that were counted.
        """
        for stretch in self._stretches:
            if (stretch.parts == part).any():
                yield from self._of(stretch, part)

    def _of(self, stretch: Stretch, part: Part) -> Iterator[Review]:
        number = 0
        for row in stretch.source.rows():
            label = self.labels.class_of(row.values[self._label], row)
            if label is None:
                continue
            if number == len(stretch.parts):
                number += 1
                break
            if stretch.parts[number] == part:
                yield Review(row.values[self._text], label, row)
            number += 1
        if number != len(stretch.parts):
            raise changed(stretch.source.name)


def open_corpus(data: DataConfig, *, seed: int) -> Corpus:
    """Read an experiment's sources once and decide each row's class and part.

    Raises:
        DataError: a source cannot be read, a column is missing, or a class has too few reviews.
    """
    first, *others = read_sources(data)
    labels, targets, ranks = _learned(first, data, seed)
    kept = targets >= 0
    parts = assign_parts(
        ranks[kept],
        targets[kept],
        classes=labels.classes,
        test_fraction=data.test_fraction if data.test is None else 0.0,
        validation_fraction=data.validation_fraction if data.validation is None else 0.0,
        limit=data.limit,
    )
    if not (parts == Part.TRAINING).any():
        raise DataError(
            f"the split of {first.name} leaves no review to learn from",
            hint="lower data.test_fraction or data.validation_fraction",
        )
    stretches = [Stretch(first, parts, targets[kept])]
    dropped = int((~kept).sum())
    given = [Part.VALIDATION] * (data.validation is not None) + [Part.TEST] * (
        data.test is not None
    )
    # Whoever lists the values leaves out all others, those that stand in these sources alone too.
    listed = replace(labels, partial=labels.partial or bool(data.label_map))
    for source, part in zip(others, given, strict=True):
        found = [listed.class_of(row.values[data.label_column], row) for row in source.rows()]
        if None in found:
            labels = listed
        known = np.array([label for label in found if label is not None], dtype=np.int64)
        dropped += len(found) - len(known)
        if not len(known):
            raise DataError(
                f"{source.name} holds no review of the classes {', '.join(labels.classes)}",
                hint="data.label_map maps its values to classes",
            )
        stretches.append(Stretch(source, np.full(len(known), part, dtype=np.uint8), known))
    return Corpus(
        stretches, text=data.text_column, label=data.label_column, labels=labels, dropped=dropped
    )


def labelled_reviews(
    data: DataConfig, labels: LabelMap, *, options: Mapping[str, str] | None = None
) -> Iterator[Review]:
    """Yield every review of `data.source`, by the classes of a run.

    Args:
        data: names the source and its columns.
        labels: the run's.
        options: key of a column: the option that names it.

    Raises:
        DataError: the source cannot be read, a column is missing, or a label, or each of them, is
            unknown to the run.
    """
    source = opened(data, data.source)
    require_columns(source, data.text_column, data.label_column, options)
    known = False
    for row in source.rows():
        try:
            label = labels.class_of(row.values[data.label_column], row)
        except DataError as fault:
            raise unknown_label(fault, source, data.label_column, labels.classes) from None
        if label is not None:
            known = True
            yield Review(row.values[data.text_column], label, row)
    if not known:
        raise no_known_label(source, data.label_column, labels.classes)


def read_sources(data: DataConfig) -> list[Source]:
    """Open the source that teaches, and those of validation and test where they are given.

    Raises:
        DataError: one is missing, empty, damaged, of no known kind, or lacks a column.
        EnvironmentFault: the system or the network refuses it.
    """
    sources = [
        opened(data, spec) for spec in (data.source, data.validation, data.test) if spec is not None
    ]
    for source in sources:
        require_columns(source, data.text_column, data.label_column)
    return sources


def opened(data: DataConfig, spec: str | tuple[str, ...]) -> Source:
    """Open one of the sources that an experiment names, as its settings say.

    What lies below the current folder is named from there.

    Raises:
        DataError: it is missing, empty, damaged, or of no known kind.
        EnvironmentFault: the system or the network refuses it.
    """
    here = Path.cwd()
    names = [spec] if isinstance(spec, str) else spec
    return open_source(
        [_from(here, name) for name in names], base=here, options=ReadOptions.of(data)
    )


def _from(here: Path, name: str) -> str:
    """Name a path from a folder above it, unless it would then be taken for something else."""
    short = name.removeprefix(f"{here}{os.sep}")
    return name if is_name(short) or short.startswith("~/") else short


def chunks(reviews: Iterable[Review], size: int) -> Iterator[list[Review]]:
    """Yield reviews as lists of `size`; the last one may be shorter."""
    rest = iter(reviews)
    while chunk := list(islice(rest, size)):
        yield chunk


def fingerprint(sources: Sequence[Source]) -> str:
    """Return a hash of all that the sources hold."""
    return combined([source.fingerprint() for source in sources])


def changed(name: str) -> DataError:
    """Return the error for a source that something writes to."""
    return DataError(
        f"{name} changed while it was read",
        hint="run the command again once nothing writes to it",
    )


def _learned(
    source: Source, data: DataConfig, seed: int
) -> tuple[LabelMap, NDArray[np.int64], NDArray[np.uint64]]:
    """Return the labels, and each row's class (-1: left out) and rank, (N,) and (N,)."""
    given = data.label_map or source.labels
    seen: Counter[str] = Counter()
    codes: dict[str, int] = {}
    values: list[int] = []
    ranks: list[int] = []
    for row in source.rows():
        value = row.values[data.label_column]
        seen[value] += 1
        values.append(codes.setdefault(value, len(codes)))
        ranks.append(rank(row.values[data.text_column], seed))
        if given is None and len(seen) > MAX_CLASSES:
            break  # a column of texts; LabelMap says so
    labels = LabelMap.of(given, seen, column=data.label_column)
    of_code = [labels.class_of(value) for value in codes]
    coded = np.array([-1 if label is None else label for label in of_code], dtype=np.int64)
    return labels, coded[np.array(values, dtype=np.int64)], np.array(ranks, dtype=np.uint64)
