"""The labelled reviews that a run is measured on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_cli.config.writer import written
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.corpus import Review, open_corpus
from sentiment_cli.reviews.held_out import require_same_split
from sentiment_cli.reviews.labels import LabelMap
from sentiment_cli.reviews.rows import opened
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.reviews.sources import require_columns
from sentiment_cli.reviews.split import Part, text_hash
from sentiment_cli.reviews.unknown_labels import no_known_label, unknown_label
from sentiment_cli.runs.bundled import is_bundled

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.runs.prediction_config import PredictionConfig

_CEREAL = ("data.source=cereal", "data.text_column=text", "data.label_column=label")


def chosen_reviews(
    run: Path,
    config: PredictionConfig,
    data: str | None,
    overrides: Sequence[str] = (),
    *,
    options: Mapping[str, str] | None = None,
) -> Iterator[Review]:
    """Return the reviews of the source `data`, or the run's own test reviews where it is None.

    The arguments, and what is raised, are those of `other_reviews`.
    """
    if data is None:
        return own_test_reviews(run, config, overrides)
    source = f"data.source={written(data)}"
    return other_reviews(run, config, [*overrides, source], options=options)


def own_test_reviews(
    run: Path, config: PredictionConfig, overrides: Sequence[str]
) -> Iterator[Review]:
    """Return the test reviews of a run's own source, found again by its split.

    The bundled model's sources do not travel with it: its own are the cereal reviews, of which it
    never saw one.

    Raises:
        DataError: the source is gone, or no longer holds the run's classes.
        UsageError: the overrides split it otherwise, so that what taught the run would judge it.
    """
    if is_bundled(run):
        return other_reviews(run, config, [*_CEREAL, *overrides])
    experiment = run_settings(run, overrides)
    require_same_split(experiment, run_settings(run), named="the run")
    corpus = open_corpus(experiment)
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
    options: Mapping[str, str] | None = None,
) -> Iterator[Review]:
    """Return every labelled review of another source, named by `data.source` in the overrides.

    Columns and label mapping are the run's, but for what the overrides say.

    Args:
        run: its folder.
        config: what it predicts by.
        overrides: settings, as `--set` takes them.
        options: `data.text_column` and `data.label_column`: the option that names the column, for
            messages.

    Raises:
        DataError: the source cannot be read, or has a label that the run does not know.
    """
    data, own = run_settings(run, overrides).data, run_settings(run).data
    index = {name: number for number, name in enumerate(config.classes)}
    named = {value: index[name] for value, name in config.values.items()}
    labels = LabelMap(config.classes, index | named, config.partial)
    listed = any(setting.startswith("data.label_map") for setting in overrides)
    if data.label_map is not None and (listed or data.label_map != own.label_map):
        labels = labels.renamed(data.label_map)
    return labelled_reviews(data, labels, options=options)


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
            text = row.values[data.text_column]
            yield Review(text, label, text_hash(text), row)
    if not known:
        raise no_known_label(source, data.label_column, labels.classes)
