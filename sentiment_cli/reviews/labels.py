"""From the values of a label column to classes, and which values people mean by which class."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.ratings import Ratings, ratings_among
from sentiment_cli.reviews.sources import Row
from sentiment_cli.reviews.sources.source import short

MAX_CLASSES = 50

_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
_LEFT_OUT = (
    "list the wanted values: --set 'data.label_map={VALUE: CLASS, ...}'; the others are left out"
)


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The classes of an experiment, and the names under which they are known.

    Attributes:
        classes: sorted, numbers by size; their order is that of the network's outputs.
        values: a class's index under each of its names: the values in the file that mean it, and
            its own name. Where a value of one class is the name of another, the value holds.
        partial: whether a value that is no name is left out, as some were when the map was made;
            else it is a fault.
    """

    classes: tuple[str, ...]
    values: Mapping[str, int]
    partial: bool

    @classmethod
    def of(
        cls, labels: Mapping[str, str] | None, seen: Mapping[str, int], *, column: str
    ) -> LabelMap:
        """The map for reviews that are to be trained on.

        Args:
            labels: value to class, the other values being left out; None makes each value seen
                a class of its own.
            seen: how many reviews bear each value of the label column. Counting may end once
                more than MAX_CLASSES values were seen and ``labels`` is None.
            column: the label column's name, for messages.

        Raises:
            DataError: fewer than two classes, more than MAX_CLASSES, a class without a review,
                or, where each value is a class, reviews without a label.
        """
        if labels is None:
            _check_values(seen, column)
            return cls._mapped(tuple(_in_order(seen)), {value: value for value in seen}, False)
        made = cls._mapped(tuple(_in_order(set(labels.values()))), labels, False)
        number = len(made.classes)
        if not 2 <= number <= MAX_CLASSES:
            classes = "class" if number == 1 else "classes"
            raise DataError(
                f"data.label_map makes {number} {classes}: {listed(made.classes)}",
                hint=f"a classifier tells from 2 to {MAX_CLASSES} classes apart",
            )
        found = {made.values[value] for value in seen if value in made.values}
        for index, name in enumerate(made.classes):
            if index not in found:
                raise DataError(
                    f"no review is of class {short(name)}: column {short(column)} holds "
                    f"{listed(_in_order(seen))}",
                    hint="data.label_map maps values as they stand in the file to classes",
                )
        return replace(made, partial=any(value not in made.values for value in seen))

    def renamed(self, labels: Mapping[str, str]) -> LabelMap:
        """The same classes for a file with other values.

        Args:
            labels: value in that file to one of this map's names; other values are left out.

        Raises:
            DataError: a value is mapped to what is no class here.
        """
        for value, name in labels.items():
            if name not in self.values:
                raise DataError(
                    f"data.label_map maps {short(value)} to {short(name)}, which is no class of "
                    "this run",
                    hint=f"its classes: {listed(self.classes)}",
                )
        classes = {value: self.classes[self.values[name]] for value, name in labels.items()}
        return self._mapped(self.classes, classes, True)

    def class_of(self, value: str, row: Row | None = None) -> int | None:
        """The index of the class that a value means; None where it is to be left out.

        Raises:
            DataError: the value is no name of a class; ``row`` tells where it stands.
        """
        index = self.values.get(value)
        if index is None and not self.partial:
            place = f"{row.place}: " if row else ""
            near = difflib.get_close_matches(value, self.values, n=1)
            meant = f"did you mean {short(near[0])}? Else " if near else ""
            raise DataError(
                f"{place}the label {short(value)} is none of the classes {listed(self.classes)}",
                hint=meant + _LEFT_OUT,
            )
        return index

    @classmethod
    def _mapped(
        cls, classes: tuple[str, ...], labels: Mapping[str, str], partial: bool
    ) -> LabelMap:
        index = {name: number for number, name in enumerate(classes)}
        named = {value: index[name] for value, name in labels.items()}
        return cls(classes, index | named, partial)


@dataclass(frozen=True, slots=True)
class Proposal:
    """A setting for ``data.label_map`` (None: each value is a class), and why, in a sentence."""

    labels: Mapping[str, str] | None
    reason: str


_MEANINGS = (
    ({"0": "negative", "1": "positive"}, "0 and 1 are taken for negative and positive"),
    ({"false": "negative", "true": "positive"}, "true is taken for positive, false for negative"),
    (
        {"neg": "negative", "neu": "neutral", "pos": "positive"},
        "neg and pos are short for negative and positive",
    ),
)


_BETWEEN = {
    5: ("below 3", "above 3", "3"),
    10: ("at most 4", "at least 7", "what is between"),
}
"""By scale: what is negative, what is positive, and what is neither, in words."""


def propose_labels(counts: Mapping[str, int], *, column: str) -> Proposal:
    """Which classes the values of a label column are likely to mean.

    Args:
        counts: how many reviews bear each value.
        column: the label column's name, for messages.

    Raises:
        DataError: fewer than two values, or more than MAX_CLASSES.
    """
    named = {value: count for value, count in counts.items() if value}
    _check_values(named, column)
    ratings = ratings_among(counts)
    if ratings:
        return Proposal(ratings.labels, _rated(ratings, counts))
    unlabelled = counts.get("", 0)
    rest = _unlabelled(unlabelled)
    for meaning, reason in _MEANINGS:
        labels = {value: meaning.get(value.casefold(), "") for value in named}
        if {"negative", "positive"} <= set(labels.values()) and "" not in labels.values():
            return Proposal(labels, reason + rest)
    own = {value: value for value in _in_order(named)}
    reason = f"each value is a class of its own: {listed(own)}"
    return Proposal(own if unlabelled else None, reason + rest)


def _rated(ratings: Ratings, counts: Mapping[str, int]) -> str:
    """What the ratings are taken for, and what is left out of them."""
    low, high, middle = _BETWEEN[ratings.scale]
    said = "numbers from 1 to 5 are taken for stars: 1 and 2 are negative, 4 and 5 positive"
    if not ratings.plain:
        said = (
            f"the labels are taken for ratings out of {ratings.scale}: {low} is negative "
            f"({listed(ratings.negative)}), {high} positive ({listed(ratings.positive)})"
        )
        middle += f" ({listed(ratings.neither)})"
    if ratings.neither:
        number = sum(counts[label] for label in ratings.neither)
        said += f"; {middle} says neither, its {_reviews(number)} left out"
    named = [label for label in ratings.missing if label.strip()]
    missing = sum(counts[label] for label in ratings.missing)
    return said + _unlabelled(missing, f" ({listed(named)})" if named else "")


def _unlabelled(number: int, which: str = "") -> str:
    are = "is" if number == 1 else "are"
    return f"; {number:,} without a label{which} {are} left out" if number else ""


def _reviews(number: int) -> str:
    return "1 review is" if number == 1 else f"{number:,} reviews are"


def _check_values(seen: Mapping[str, int], column: str) -> None:
    if "" in seen:
        have = "review has" if seen[""] == 1 else "reviews have"
        raise DataError(f"{seen['']:,} {have} no label in column {short(column)}", hint=_LEFT_OUT)
    if len(seen) > MAX_CLASSES:
        raise DataError(
            f"column {short(column)} holds more than {MAX_CLASSES} different labels: "
            f"{listed(seen)}",
            hint="does data.label_column name a column of texts? If not, group the values into "
            "classes by data.label_map",
        )
    if len(seen) < 2:
        raise DataError(
            f"column {short(column)} holds {listed(seen) or 'no label'} alone",
            hint="a classifier needs reviews of at least two classes",
        )


def _in_order(names: Iterable[str]) -> list[str]:
    """Sorted: numbers first and by size, then texts."""

    def key(name: str) -> tuple[bool, float, str]:
        number = _NUMBER.fullmatch(name)
        return (number is None, float(name) if number else 0.0, name)

    return sorted(names, key=key)


def listed(names: Iterable[str]) -> str:
    """The first ten of some names, escaped, and how many more there are."""
    first = list(names)
    more = f" and {len(first) - 10} more" if len(first) > 10 else ""
    return ", ".join(short(name, 30) for name in first[:10]) + more
