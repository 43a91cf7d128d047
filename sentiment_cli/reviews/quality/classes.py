"""The classes of a source, and which of them have enough reviews for training."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import LabelMap
from sentiment_cli.reviews.quality.record import Classes
from sentiment_cli.reviews.schemes import own_classes
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.spelling import cleaned, in_order
from sentiment_cli.reviews.split import FEWEST_REVIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_cli.reviews.quality.columns import Columns
    from sentiment_cli.reviews.sources import Source

_FEWEST_DIFFERENT = 3  # one per part


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the labels of a source mean, before the texts are read.

    Attributes:
        names: Names of the classes, in order; empty if the labels cannot be classes.
        labels: Class per label, as the file spells it.
        label_map: Value of the setting `data.label_map`, or None if it can stay unset.
        reason: Why these classes, or why none.
    """

    names: tuple[str, ...]
    labels: Mapping[str, str]
    label_map: Mapping[str, str] | None
    reason: str

    def indexes(self) -> dict[str, int]:
        """Return the index of the class per label."""
        return {value: self.names.index(name) for value, name in self.labels.items()}


def meaning_of(source: Source, columns: Columns) -> Meaning:
    """Return what a source's labels mean: what the source says itself, or what they read as."""
    if columns.label is None:
        return Meaning((), {}, None, columns.label_reason)
    seen, column, reading = columns.label.values, columns.label.name, columns.reading
    try:
        if source.labels is not None:
            made = LabelMap.of(source.labels, seen, column=column)
            return Meaning(made.classes, made.known(seen), None, f"{source.name} says so itself")
        if reading is None:
            reading = own_classes(seen, column)  # raises
    except DataError as fault:
        return Meaning((), {}, None, fault.what)
    names = tuple(in_order(set(reading.classes.values())))
    plain = reading.kind == "own" or all(v == name for v, name in reading.label_map.items())
    label_map = None if plain else reading.label_map
    return Meaning(names, reading.classes, label_map, "; ".join(reading.notes))


def counted(meaning: Meaning, targets: NDArray[np.int64], of_group: NDArray[np.int64]) -> Classes:
    """The classes with their sizes; those that are too small to be split are left out.

    Args:
        meaning: what the labels are taken for.
        targets: index of each row's class, (N,); -1 without one.
        of_group: index of the class of each group of equal texts, (G,).
    """
    if not meaning.names:
        return Classes(None, meaning.reason, {}, len(targets), None)
    reviews = Counter(targets[targets >= 0].tolist())
    different = Counter(of_group.tolist())
    counts = {
        name: reviews[index]
        for index, name in enumerate(meaning.names)
        if reviews[index] >= FEWEST_REVIEWS and different[index] >= _FEWEST_DIFFERENT
    }
    small = [name for name in meaning.names if name not in counts]
    reason = meaning.reason
    if small:
        reason += f"; too few reviews to be split: {', '.join(short(name, 30) for name in small)}"
    if len(counts) < 2:
        return Classes(None, reason, counts, len(targets), None)
    labels = {value: name for value, name in meaning.labels.items() if name in counts}
    label_map = meaning.label_map
    if small:
        given = label_map or {cleaned(value): name for value, name in labels.items()}
        label_map = {value: name for value, name in given.items() if name in counts}
    left_out = len(targets) - sum(counts.values())
    return Classes(labels, reason, counts, left_out, label_map)
