"""From an inspection to an experiment file that trains as it is, with the reasons beside it."""

from __future__ import annotations

import textwrap
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentiment_cli.config.writer import written
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.quality.columns import missing_label

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from sentiment_cli.reviews.quality import Inspection

_TEST_SHARE = 0.2
_STEERING = 2000  # reviews for validation: enough to tell one epoch from the next
_LEAST_STEERING, _MOST_STEERING = 0.02, 0.15
_SKEWED = 3.0
_SHORTEST, _LONGEST, _LENGTH_STEP = 32, 256, 16
_WIDTH = 96
_ENOUGH = 20_000  # reviews, from which a network may as well begin with nothing
_GENTLE = 1e-3  # learning rate at which what was learned before is kept


@dataclass(frozen=True, slots=True)
class Setting:
    """A line of the file: the dotted key, its value, and why, where there is something to say."""

    key: str
    value: Any
    why: str = ""


@dataclass(frozen=True, slots=True)
class _Size:
    """Settings for files of at most so many training reviews."""

    most: float
    why: str
    hidden: int
    epochs: int
    batch_size: int
    lr: float
    patience: int
    ema_decay: float
    min_frequency: int


_SIZES = (
    _Size(2_000, "few reviews", 32, 30, 8, 5e-3, 5, 0.98, 1),
    _Size(10_000, "some thousand reviews", 64, 10, 16, 3e-3, 3, 0.99, 2),
    _Size(40_000, "some ten thousand reviews", 128, 4, 32, 2e-3, 2, 0.998, 2),
    _Size(200_000, "many reviews", 128, 3, 64, 2e-3, 2, 0.998, 2),
    _Size(float("inf"), "very many reviews", 128, 2, 128, 2e-3, 1, 0.998, 3),
)


def fitting_settings(
    inspection: Inspection,
    source: str,
    test: str | None,
    *,
    start: str | None,
    reading: Mapping[str, Any] | None = None,
) -> list[Setting]:
    """Return the settings that fit a source, section by section.

    Args:
        inspection: what was found in it.
        source: its name as the file is to say it.
        test: that of the test source, where there is one.
        start: a model that has read many reviews in their language, from which to begin where
            they are few; None where there is none.
        reading: settings of `data` by which the source was read, where any were given.

    Raises:
        DataError: there is no column of labels, or nothing in it that makes two classes.
    """
    columns, classes = inspection.columns, inspection.classes
    if columns.label is None:
        raise missing_label(inspection.source, columns)
    if classes.labels is None:
        raise DataError(
            f"{inspection.source}: no classes to train on: {classes.reason}",
            hint="a classifier needs at least two classes of ten reviews each",
        )
    return [
        Setting("data.source", source),
        *([] if test is None else [Setting("data.test", test)]),
        *(Setting(f"data.{key}", value) for key, value in (reading or {}).items()),
        Setting("data.text_column", columns.text.name, columns.text_reason),
        Setting("data.label_column", columns.label.name, columns.label_reason),
        *_labels(inspection),
        *_sized(inspection, start, has_test=test is not None),
    ]


def _labels(inspection: Inspection) -> Iterator[Setting]:
    classes = inspection.classes
    if classes.label_map is not None:
        yield Setting("data.label_map", dict(classes.label_map), classes.reason)


def _sized(inspection: Inspection, start: str | None, *, has_test: bool) -> Iterator[Setting]:
    """What depends on how many reviews there are, how long they are, and how skewed."""
    reviews = sum(inspection.classes.counts.values())
    share = round(min(max(_STEERING / reviews, _LEAST_STEERING), _MOST_STEERING), 2)
    training = reviews * (1 - share - (0 if has_test else _TEST_SHARE))
    size = next(size for size in _SIZES if training <= size.most)
    yield Setting(
        "data.validation_fraction", share, f"about {reviews * share:,.0f} reviews steer training"
    )
    why = f"{size.why}: about {training:,.0f} to learn from"
    if reviews >= _ENOUGH:
        start = None
    if start:
        yield _max_tokens(inspection)
        why += "; a model that has read many others is ahead"
        yield Setting("model.init", start, why)
    else:
        yield from _network(inspection, size, why)
    yield Setting("training.epochs", size.epochs, "at most; patience ends them earlier")
    yield Setting("training.batch_size", size.batch_size)
    yield Setting("training.lr", min(size.lr, _GENTLE) if start else size.lr)
    yield Setting("training.patience", size.patience)
    yield Setting("training.ema_decay", size.ema_decay)
    imbalance = inspection.classes.imbalance or 1.0
    if imbalance > _SKEWED:
        yield Setting(
            "training.class_weights",
            "balanced",
            f"the largest class has {imbalance:.1f} times as many reviews as the smallest",
        )


def _network(inspection: Inspection, size: _Size, why: str) -> Iterator[Setting]:
    """A tokenizer and a network that know nothing yet."""
    rare = "with few reviews even a word that is seen once may tell"
    yield Setting(
        "tokenizer.min_frequency", size.min_frequency, rare if size.min_frequency == 1 else ""
    )
    yield _max_tokens(inspection)
    yield Setting("model.cell", "gru")
    yield Setting("model.embedding_dim", size.hidden, why)
    yield Setting("model.hidden_size", size.hidden)
    yield Setting("model.vectors", "counted", "learned from the training reviews in seconds")


def _max_tokens(inspection: Inspection) -> Setting:
    """The least length that holds 99 of 100 reviews whole, within reason."""
    wanted = inspection.lengths.percentiles[99]
    steps = -(-wanted // _LENGTH_STEP)
    most = min(max(steps * _LENGTH_STEP, _SHORTEST), _LONGEST)
    why = "99 of 100 reviews are read whole"
    if wanted > most:
        cut = next(cut for cut in inspection.cuts if cut.max_tokens == most)
        why = (
            f"{cut.reviews:.0%} of the reviews are longer and lose their middle; the verdict "
            "mostly stands at either end"
        )
    return Setting("tokenizer.max_tokens", most, why)


def experiment_file(settings: list[Setting], name: str, command: str) -> str:
    """Return the YAML of settings, commented.

    Args:
        settings: section by section.
        name: of the source, as a person wrote it.
        command: that trains on the file.
    """
    lines = [f"# Proposed by sentiment inspect for {written(name)}.", "#", f"#   {command}"]
    section = ""
    for setting in settings:
        begins, _, key = setting.key.partition(".")
        if begins != section:
            section = begins
            lines += ["", f"{section}:"]
        lines += [f"  # {line}" for line in textwrap.wrap(setting.why, _WIDTH)]
        lines.append(f"  {key}: {written(setting.value)}")
    return "\n".join(lines) + "\n"
