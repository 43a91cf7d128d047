"""The labelled reviews that a run is measured on."""

from __future__ import annotations

import shlex
from dataclasses import replace
from typing import TYPE_CHECKING

from sentiment_cli.config.writer import written
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.column_names import says_bad
from sentiment_cli.reviews.corpus import Review, open_corpus, opened
from sentiment_cli.reviews.held_out import require_same_split
from sentiment_cli.reviews.labels import LabelMap
from sentiment_cli.reviews.quality.columns import missing_label, read_columns
from sentiment_cli.reviews.schemes import MAX_VALUES, MIN_SHARE, as_given, class_name
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.reviews.sources import require_columns
from sentiment_cli.reviews.sources.columns import prediction_warning
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.spelling import is_missing, listed, normalised, spellings
from sentiment_cli.reviews.split import Part
from sentiment_cli.runs.bundled import is_bundled

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence
    from pathlib import Path

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.reviews.quality.columns import Columns
    from sentiment_cli.reviews.sources import Source
    from sentiment_cli.runs.prediction_config import PredictionConfig

_CEREAL = ("data.source=cereal", "data.text_column=text", "data.label_column=label")


def chosen_reviews(
    run: Path,
    config: PredictionConfig,
    data: str | None,
    overrides: Sequence[str] = (),
    *,
    tell: Callable[[str], None],
    options: Mapping[str, str] | None = None,
) -> Iterator[Review]:
    """Return the reviews of the source `data`, or the run's own test reviews where it is None.

    The arguments, and what is raised, are those of `other_reviews`.
    """
    if data is None:
        return own_test_reviews(run, config, overrides, tell=tell)
    source = f"data.source={written(data)}"
    return other_reviews(run, config, [*overrides, source], tell=tell, options=options)


def own_test_reviews(
    run: Path,
    config: PredictionConfig,
    overrides: Sequence[str],
    *,
    tell: Callable[[str], None],
) -> Iterator[Review]:
    """Return the test reviews of a run's own source, found again by its split.

    The bundled model's sources do not travel with it: its own are the cereal reviews, of which it
    never saw one.

    Raises:
        DataError: the source is gone, or no longer holds the run's classes.
        UsageError: the overrides split it otherwise, so that what taught the run would judge it.
    """
    if is_bundled(run):
        return other_reviews(run, config, [*_CEREAL, *overrides], tell=tell)
    experiment = run_settings(run, overrides)
    require_same_split(experiment, run_settings(run), named="the run")
    corpus = open_corpus(experiment.data, seed=experiment.split_seed)
    if corpus.labels.classes != config.classes:
        raise DataError(
            f"{corpus.name} has the classes {', '.join(corpus.labels.classes)}, "
            f"the run {', '.join(config.classes)}",
            hint="name the file that the run was trained on with --set data.source=FILE, or map "
            "its labels",
        )
    return corpus.reviews(Part.TEST)


def other_reviews(
    run: Path,
    config: PredictionConfig,
    overrides: Sequence[str],
    *,
    tell: Callable[[str], None],
    options: Mapping[str, str] | None = None,
) -> Iterator[Review]:
    """Return every labelled review of another source, named by `data.source` in the overrides.

    Columns and labels are the run's if the source has them. Otherwise they are chosen and read
    by the same rules as in `inspect`. Reviews whose label fits no class are skipped.

    Args:
        run: Folder of the run.
        config: What the run predicts by.
        overrides: Settings, as `--set` takes them.
        tell: Called with each sentence that says how the source is read.
        options: Option per setting, `data.text_column` and `data.label_column`, for messages.

    Raises:
        DataError: The source cannot be read, or its labels fit no class of the run.
    """
    data, own = run_settings(run, overrides).data, run_settings(run).data
    source = opened(data, data.source)
    text, label = (
        column if any(o.startswith(f"{key}=") for o in overrides) or column in source.columns
        else None
        for key, column in _columns_of(data)
    )  # fmt: skip
    require_columns(source, text, label, options)
    columns = read_columns(source, text=text, label=label)
    if columns.label is None:
        raise missing_label(source.name, columns)
    for key, column, reason in (
        (text, columns.text, columns.text_reason),
        (label, columns.label, columns.label_reason),
    ):
        if key is None:
            kind = "text" if column is columns.text else "label"
            tell(f"{kind} column of {source.name}: {column.name!r} ({reason})")
    for warning in prediction_warning(source, columns.label.name):
        tell(warning)
    labels = LabelMap.between(config.classes, config.values, partial=config.partial)
    listed = any(setting.startswith("data.label_map") for setting in overrides)
    if data.label_map is not None and (listed or data.label_map != own.label_map):
        labels = labels.renamed(data.label_map)
    else:
        same = says_bad(own.label_column) == says_bad(columns.label.name)
        labels = _fitting(labels, columns, source.name, known_first=same)
        for note in labels.notes:
            tell(f"labels: {note}")
    return _labelled(source, labels, columns.text.name, columns.label.name)


def _columns_of(data: DataConfig) -> tuple[tuple[str, str], ...]:
    return (("data.text_column", data.text_column), ("data.label_column", data.label_column))


def _fitting(labels: LabelMap, columns: Columns, name: str, *, known_first: bool) -> LabelMap:
    """Return the map from the labels of a file to the classes of a run.

    Args:
        labels: The run's.
        columns: Those of the file.
        name: Name of the file.
        known_first: Whether labels that the run knows go before what they read as.
    """
    assert columns.label is not None
    counts, reading = columns.label.values, columns.reading
    given = {v: n for v, n in counts.items() if n and not is_missing(v)}
    known = {
        v: labels.classes[labels.values[key]]
        for v in given
        if (key := normalised(v)) in labels.values
    }
    fit = sum(given[value] for value in known)
    if known_first and fit and fit >= MIN_SHARE * sum(given.values()):
        return _partial(labels, known, counts)
    own = {class_name(each): each for each in labels.classes}
    if reading and reading.kind != "own":
        classes = {v: own[each] for v, each in reading.classes.items() if each in own}
        if {"negative", "positive"} <= set(own) & set(reading.classes.values()):
            made = LabelMap.between(labels.classes, classes, partial=True)
            dropped = sorted(set(reading.classes.values()) - set(own))
            more = [
                f"reviews read as {each} are skipped: the run has no such class" for each in dropped
            ]
            return replace(made, notes=(*reading.notes, *more))
    if fit and labels.partial:
        return _partial(labels, known, counts)
    values = spellings(given)
    many = f"more than {MAX_VALUES:,} different values" if columns.label.many else ""
    example = dict(zip(list(values.values())[:2], labels.classes, strict=False))
    setting = shlex.quote(f"data.label_map={written(example)}")
    raise DataError(
        f"the labels of {name} do not fit the run's classes {listed(labels.classes)}: column "
        f"{short(columns.label.name)} holds {many or listed(values.values()) or 'no label'}",
        hint=f"say what they mean, for example: --set {setting}"
        if example
        else "name the column of the labels: --label-column COLUMN",
    )


def _partial(labels: LabelMap, known: Mapping[str, str], counts: Mapping[str, int]) -> LabelMap:
    """Return the same map, which skips the labels that it does not know and says so."""
    reading = as_given(known, counts)
    return replace(labels, partial=True, notes=reading.skip_notes)


def _labelled(source: Source, labels: LabelMap, text: str, label: str) -> Iterator[Review]:
    """Yield the reviews of a source whose label is one of the classes."""
    known = False
    for row in source.rows():
        index = labels.class_of(row.values[label], row)
        if index is not None:
            known = True
            yield Review(row.values[text], index, row)
    if not known:
        raise DataError(
            f"{source.name} has no review of the run's classes {listed(labels.classes)}",
            hint="map its labels to them: --set 'data.label_map={VALUE: CLASS, ...}'",
        )
