"""The labelled reviews that a run is measured on."""

from __future__ import annotations

import shlex
from dataclasses import replace
from itertools import compress
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.config.writer import written
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.column_names import says_bad
from sentiment_cli.reviews.corpus import Review, batched, open_corpus
from sentiment_cli.reviews.held_out import require_same_split
from sentiment_cli.reviews.labels import LabelMap
from sentiment_cli.reviews.quality.columns import missing_label, read_columns
from sentiment_cli.reviews.rows import opened
from sentiment_cli.reviews.schemes import MAX_VALUES, MIN_SHARE, as_given, class_name
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.reviews.sources import require_columns
from sentiment_cli.reviews.sources.columns import prediction_warning
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.spelling import is_missing, listed, normalised, spellings
from sentiment_cli.reviews.split import Part, text_hash
from sentiment_cli.runs.bundled import is_bundled
from sentiment_cli.runs.saved import is_known

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.reviews.quality.columns import Column, Columns
    from sentiment_cli.reviews.sources import Source
    from sentiment_cli.runs.prediction_config import PredictionConfig

_BATCH = 4096  # reviews whose hashes are looked up at once
_CEREAL = ("data.source=cereal", "data.text_column=text", "data.label_column=label")


class Unseen:
    """Yields the reviews that a run was not trained on, and counts the others.

    Args:
        reviews: Labelled reviews.
        known: Hashes of the texts that the run, or the run it started from, was trained on.

    Attributes:
        seen: Number of reviews so far that the run was trained on.
        total: Number of all reviews so far.

    Raises:
        DataError: The run was trained on all of them.
    """

    def __init__(self, reviews: Iterable[Review], known: NDArray[np.uint64]) -> None:
        self._reviews, self._known = reviews, known
        self.seen = self.total = 0

    def __iter__(self) -> Iterator[Review]:
        for batch in batched(self._reviews, _BATCH):
            hashes = np.array([review.hash for review in batch], np.uint64)
            seen = is_known(hashes, self._known)
            self.seen += int(seen.sum())
            self.total += len(batch)
            yield from compress(batch, ~seen)
        if self.seen and self.seen == self.total:
            raise DataError(
                f"the run was trained on all {self.total:,} reviews",
                hint="name other reviews with --data FILE",
            )


def chosen_reviews(
    run: Path,
    config: PredictionConfig,
    data: str | None,
    overrides: Sequence[str] = (),
    *,
    tell: Callable[[str], None],
    options: Mapping[str, str] | None = None,
) -> Iterator[Review]:
    """Return the reviews of a source, or the run's own test reviews.

    The own test reviews are found again by the split of the run's source. Those of the bundled
    model are the cereal reviews: its sources do not travel with it, and it never saw these.

    Args:
        run: Folder of the run.
        config: What the run predicts by.
        data: The source, or None for the run's own test reviews.
        overrides: Settings, as `--set` takes them.
        tell: Called with each sentence that says how the source is read.
        options: Option per setting, `data.text_column` and `data.label_column`, for messages.

    Raises:
        DataError: The source cannot be read, or its labels fit no class of the run.
        UsageError: The overrides change the split, so that training reviews would be test reviews.
    """
    if data is not None or is_bundled(run):
        source = _CEREAL if data is None else (f"data.source={written(data)}",)
        return _other_reviews(run, config, [*source, *overrides], tell, options)
    experiment = run_settings(run, overrides)
    require_same_split(experiment, run_settings(run), named="the run")
    corpus = open_corpus(experiment)
    if corpus.labels.classes != config.classes:
        raise DataError(
            f"{corpus.name} has the classes {', '.join(corpus.labels.classes)}, "
            f"the run {', '.join(config.classes)}",
            hint="--set data.source=FILE names the file that the run was trained on; for other "
            f"reviews, name them with --data {shlex.quote(corpus.name)}",
        )
    return corpus.reviews(Part.TEST)


def _other_reviews(
    run: Path,
    config: PredictionConfig,
    overrides: Sequence[str],
    tell: Callable[[str], None],
    options: Mapping[str, str] | None,
) -> Iterator[Review]:
    """Return every labelled review of another source, named by `data.source` in the overrides.

    Columns and labels are the run's if the source has them and they fit. Otherwise they are chosen
    and read by the same rules as in `inspect`. Reviews whose label fits no class are skipped.
    """
    data, own = run_settings(run, overrides).data, run_settings(run).data
    source = opened(data, data.source)
    label: str | None = data.label_column
    is_known = data.text_column in source.columns or _sets(overrides, "data.text_column")
    text = data.text_column if is_known else None
    chosen = [label]
    if not _sets(overrides, "data.label_column"):
        is_own = label in source.columns and not prediction_warning(source, label)
        chosen = [label, None] if is_own else [None]
    require_columns(source, text, chosen[0], options)
    known = LabelMap.between(config.classes, config.values, partial=config.partial)
    given = data.label_map if _sets(overrides, "data.label_map") else None
    for label in chosen:
        columns = read_columns(source, text=text, label=label)
        if labels := _fitting(known, columns, says_bad(own.label_column), given):
            break
    if columns.label is None:
        raise missing_label(source.name, columns)
    if text is None:
        tell(f"text column of {source.name}: {columns.text.name!r} ({columns.text_reason})")
    if label is None:
        tell(f"label column of {source.name}: {columns.label.name!r} ({columns.label_reason})")
    notes = [f"note: {found}" for found in source.notes]
    for note in [*notes, *prediction_warning(source, columns.label.name)]:
        tell(note)
    if labels is None:
        raise _unfit(source.name, columns.label, config.classes)
    for note in labels.notes:
        tell(f"labels: {note}")
    return _labelled(source, labels, columns.text.name, columns.label.name)


def _sets(overrides: Sequence[str], key: str) -> bool:
    return any(setting.startswith(key) for setting in overrides)


def _fitting(
    labels: LabelMap, columns: Columns, bad: bool, given: Mapping[str, str] | None
) -> LabelMap | None:
    """Return the map from the labels of a file to the classes of a run, or None.

    Args:
        labels: The run's own.
        columns: Columns of the file.
        bad: Whether the run's label column was named after something bad, such as "toxic".
        given: Class per label, if the user named them.
    """
    if columns.label is None:
        return None
    if given is not None:
        return _known(labels.renamed(given), columns.label, share=0.0)
    if columns.label.many:
        return None
    known = _known(labels, columns.label, share=MIN_SHARE)
    if known and says_bad(columns.label.name) == bad:
        return known
    own, reading = {class_name(each): each for each in labels.classes}, columns.reading
    read = set(reading.classes.values()) if reading and reading.kind != "own" else set()
    if reading and {"negative", "positive"} <= read & set(own):
        classes = {v: own[each] for v, each in reading.classes.items() if each in own}
        skipped = "reviews read as neutral are skipped: the run has no such class"
        return replace(
            LabelMap.between(labels.classes, classes, partial=True),
            notes=(*reading.notes, *[skipped][: len(read - set(own))]),
        )
    return _known(labels, columns.label, share=0.0) if labels.partial else None


def _known(labels: LabelMap, column: Column, share: float) -> LabelMap | None:
    """Return the map with a report of what it skips, or None if it knows too few labels.

    Args:
        labels: A map to the classes of a run.
        column: Column of the labels.
        share: Share of the rows with a label that must be known.
    """
    seen = {v: n for v, n in column.values.items() if not is_missing(v)}
    keys = {value: (normalised(value), class_name(value)) for value in seen}
    known = {v: next((k for k in each if k in labels.values), "") for v, each in keys.items()}
    found = {v: labels.classes[labels.values[key]] for v, key in known.items() if key}
    if not column.many and sum(seen[v] for v in found) < max(1, share * sum(seen.values())):
        return None
    values = {**labels.values, **LabelMap.between(labels.classes, found).values}
    return replace(labels, values=values, partial=True, notes=as_given(found, column.values).notes)


def _unfit(name: str, column: Column, classes: Sequence[str]) -> DataError:
    labels = list(spellings(column.values).values())
    holds = f"more than {MAX_VALUES:,} different values" if column.many else listed(labels)
    setting = f"data.label_map={written(dict(zip(labels[:2], classes, strict=False)))}"
    example = f"say what they mean, for example: --set {shlex.quote(setting)}"
    return DataError(
        f"the labels of {name} do not fit the run's classes {listed(classes)}: column "
        f"{short(column.name)} holds {holds or 'no label'}",
        hint=example if labels else "name the column of the labels: --label-column COLUMN",
    )


def _labelled(source: Source, labels: LabelMap, text: str, label: str) -> Iterator[Review]:
    """Yield the reviews of a source whose label is one of the classes."""
    for row in source.rows():
        index = labels.class_of(row.values[label], row)
        if index is not None:
            yield Review(row.values[text], index, text_hash(row.values[text]), row)
