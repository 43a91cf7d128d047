"""Which classes the labels are likely to mean, and which of them are large enough to train on."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import LabelMap, propose_labels
from sentiment_cli.reviews.quality.record import Classes
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.split import FEWEST_REVIEWS

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import NDArray

    from sentiment_cli.reviews.quality.columns import Columns
    from sentiment_cli.reviews.sources import Source

_FEWEST_DIFFERENT = 3  # one for each part


@dataclass(frozen=True, slots=True)
class Meaning:
    """What the labels are taken for, before the texts are read.

    Args:
        names: the classes, in order; none where the labels cannot be taken for classes.
        labels: value: class.
        setting: what `data.label_map` has to say, None where it may be left unset.
        reason: why these, or why none.
    """

    names: tuple[str, ...]
    labels: Mapping[str, str]
    setting: Mapping[str, str] | None
    reason: str

    def indexes(self) -> dict[str, int]:
        """Return value: index of its class."""
        return {value: self.names.index(name) for value, name in self.labels.items()}


def meaning_of(source: Source, columns: Columns) -> Meaning:
    """What a source's labels mean: what it says itself, else what is proposed."""
    if columns.label is None:
        return Meaning((), {}, None, columns.label_reason)
    seen, column = columns.label.values, columns.label.name
    try:
        if source.labels is not None:
            setting, labels, reason = None, source.labels, f"{source.name} says so itself"
        else:
            proposed = propose_labels(seen, column=column)
            setting, reason = proposed.labels, proposed.reason
            labels = setting or {value: value for value in seen}
        names = LabelMap.of(labels, seen, column=column).classes
    except DataError as fault:
        return Meaning((), {}, None, fault.what)
    return Meaning(names, labels, setting, reason)


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
    small = [
        name
        for index, name in enumerate(meaning.names)
        if reviews[index] < FEWEST_REVIEWS or different[index] < _FEWEST_DIFFERENT
    ]
    counts = {name: reviews[index] for index, name in enumerate(meaning.names) if name not in small}
    reason = meaning.reason
    if small:
        reason += f"; too few reviews to be split: {', '.join(short(name, 30) for name in small)}"
    if len(counts) < 2:
        return Classes(None, reason, counts, len(targets), None)
    labels = {value: name for value, name in meaning.labels.items() if name in counts}
    left_out = len(targets) - sum(counts.values())
    return Classes(labels, reason, counts, left_out, labels if small else meaning.setting)
