"""The labelled reviews of an experiment, split into training, validation and test reviews."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.rows import ROLES, Sources, changed, load_rows, rows_settings
from sentiment_cli.reviews.split import Part, assign_parts, split_ranks, text_hash

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.ngrams import Keys
    from sentiment_cli.reviews.labels import LabelMap
    from sentiment_cli.reviews.rows import Progress, Rows
    from sentiment_cli.reviews.sources import Row
    from sentiment_cli.reviews.word_numbers import WordNumbers

_SPLIT = ("limit", "test_fraction", "validation_fraction")
_GIVEN = {"validation": Part.VALIDATION, "test": Part.TEST}


@dataclass(frozen=True, slots=True)
class Review:
    """A labelled review.

    Args:
        text: Text as it is in the source.
        label: Index of the class; -1 for an unlabelled review.
        hash: Hash of the normalised text.
        row: Row of the source, for messages.
    """

    text: str
    label: int
    hash: int
    row: Row


@dataclass(frozen=True, slots=True)
class Corpus:
    """All rows of an experiment's sources, and the part that each of them is in.

    Args:
        sources: The opened sources.
        rows: Their rows.
        parts: Part of each row, (N,).
        copies: Number of reviews that were removed as copies of reviews of another part, by the
            two parts, such as `training reviews in test`.
    """

    sources: Sources
    rows: Rows
    parts: NDArray[np.uint8]
    copies: dict[str, int]

    @property
    def name(self) -> str:
        """The sources as a person wrote them."""
        return self.sources.name

    @property
    def labels(self) -> LabelMap:
        """The classes, and the values that mean them."""
        return self.rows.label_map

    def members(self, part: Part) -> NDArray[np.intp]:
        """Return the rows of a part, (n,)."""
        return np.flatnonzero((self.parts == part) & (self.rows.labels >= 0))

    def counts(self, part: Part) -> list[int]:
        """Return the number of reviews of each class in a part."""
        labels = self.rows.labels[self.members(part)]
        return [int(n) for n in np.bincount(labels, minlength=len(self.labels.classes))]

    def keys(self, rows: NDArray[np.intp]) -> Iterator[tuple[Keys, NDArray[np.int64]]]:
        """Yield the keys of the plain words of some rows, batch by batch."""
        for start in range(0, len(rows), _BATCH):
            yield self.rows.keys_of(rows[start : start + _BATCH])

    def reviews(self, part: Part) -> Iterator[Review]:
        """Yield the reviews of a part, in the order of the sources.

        Raises:
            DataError: A source no longer holds the rows that were split.
        """
        for role in ROLES:
            span = self.rows.span(role)
            number = span.start - 1
            wanted = (self.parts[span] == part) & (self.rows.labels[span] >= 0)
            if not wanted.any():
                continue
            source = self.sources.opened[role]
            for number, row in enumerate(source.rows(), start=span.start):
                if number == span.stop:
                    raise changed(source.name)
                if wanted[number - span.start]:
                    text = row.values[self.sources.data.text_column]
                    known = int(self.rows.hashes[number])
                    if text_hash(text) != known:
                        raise changed(source.name)
                    yield Review(text, int(self.rows.labels[number]), known, row)
            if number + 1 != span.stop:
                raise changed(source.name)


_BATCH = 4096  # rows whose keys are in memory at once


def open_corpus(
    experiment: Experiment,
    *,
    sources: Sources | None = None,
    numbers: WordNumbers | None = None,
    progress: Progress = lambda *_: None,
) -> Corpus:
    """Read the sources of an experiment, or find what was read in the cache, and split them.

    Args:
        experiment: All settings.
        sources: The opened sources, if they are open already.
        numbers: Gives words numbers, if the words behind the numbers are needed.
        progress: Function that is told how far the reading has come.

    Raises:
        DataError: A source cannot be read, a column is missing, or a class has too few reviews.
        EnvironmentFault: The cache cannot be written.
    """
    sources = sources or Sources(experiment.data)
    rows = load_rows(sources, experiment, progress=progress, numbers=numbers)
    parts, copies = _split(rows, sources, experiment)
    return Corpus(sources, rows, parts, copies)


def split_settings(experiment: Experiment) -> dict[str, Any]:
    """Return the settings that the split depends on, beside the content of the sources."""
    data = experiment.data.model_dump(include=set(_SPLIT))
    return {**rows_settings(experiment), "split": data, "seed": experiment.split_seed}


def batched(reviews: Iterable[Review], size: int) -> Iterator[list[Review]]:
    """Yield reviews as lists of `size`; the last one may be shorter."""
    rest = iter(reviews)
    while batch := list(islice(rest, size)):
        yield batch


def _split(
    rows: Rows, sources: Sources, experiment: Experiment
) -> tuple[NDArray[np.uint8], dict[str, int]]:
    """Return the part of each row, and how many copies were removed.

    A copy of a test review is in no other part, a copy of a validation review not in training.
    """
    data = experiment.data
    parts = np.full(len(rows.labels), Part.UNUSED, dtype=np.uint8)
    has_class = rows.labels >= 0
    own = np.zeros_like(has_class)
    own[rows.span("source")] = has_class[rows.span("source")]
    copies: dict[str, int] = {}

    def remove(members: NDArray[np.bool_], part: Part, of: Part) -> NDArray[np.bool_]:
        twice = members & np.isin(rows.hashes, rows.hashes[parts == part])
        if twice.any():
            copies[f"{of.name.lower()} reviews in {part.name.lower()}"] = int(twice.sum())
        return members & ~twice

    for role in ("test", "validation"):
        given = np.zeros_like(own)
        given[rows.span(role)] = has_class[rows.span(role)]
        if role == "validation":
            given = remove(given, Part.TEST, Part.VALIDATION)
        parts[given] = _GIVEN[role]
    for part in (Part.TEST, Part.VALIDATION):
        own = remove(own, part, Part.TRAINING)
    try:
        parts[own] = assign_parts(
            split_ranks(rows.hashes[own], experiment.split_seed),
            rows.labels[own],
            classes=rows.label_map.classes,
            test_fraction=data.test_fraction if data.test is None else 0.0,
            validation_fraction=data.validation_fraction if data.validation is None else 0.0,
            limit=data.limit,
        )
    except DataError as fault:
        raise _too_few(fault, sources, copies) from fault
    for role in ("validation", "test"):
        if role in sources.opened and not (parts == _GIVEN[role]).any():
            raise DataError(
                f"all reviews of {sources.opened[role].name} (data.{role}) are test reviews too",
                hint=f"name other reviews for data.{role}",
            )
    if not (parts == Part.TRAINING).any():
        raise DataError(
            f"the split of {sources.opened['source'].name} leaves no training review",
            hint="lower data.test_fraction or data.validation_fraction",
        )
    return parts, copies


def _too_few(fault: DataError, sources: Sources, copies: dict[str, int]) -> DataError:
    """Return the error of a split that fails; copies of held-out reviews may be the cause."""
    if not copies:
        return fault
    others = " and ".join(
        source.name for role, source in sources.opened.items() if role in ("validation", "test")
    )
    return DataError(
        f"{fault.what}, after {sum(copies.values()):,} reviews of "
        f"{sources.opened['source'].name} were removed that are in {others} too",
        hint="name other reviews for data.test or data.validation, or more training reviews",
    )
