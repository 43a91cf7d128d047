"""The classes of an experiment, and which labels of a file mean them."""

from __future__ import annotations

import difflib
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.schemes import MAX_CLASSES, as_given, class_name, own_classes
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.spelling import in_order, is_missing, listed, normalised

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentiment_cli.reviews.sources import Row


@dataclass(frozen=True, slots=True)
class LabelMap:
    """The classes of an experiment, and the labels that mean them.

    Attributes:
        classes: Names of the classes, numbers by size, then texts. Their order is the order of
            the network's outputs.
        values: Index of a class per normalised label. The name of a class is a label too. If a
            label of one class is the name of another class, the label wins.
        partial: Whether unknown labels are skipped. Otherwise they are an error. Missing labels
            are always skipped.
        notes: Sentences that say how the labels of the file were read.
    """

    classes: tuple[str, ...]
    values: Mapping[str, int]
    partial: bool
    notes: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, label_map: Mapping[str, str] | None, seen: Mapping[str, int], *, column: str
    ) -> LabelMap:
        """Return the map for reviews to train on.

        Args:
            label_map: Class per label; all other labels are skipped. None: each label is a class,
                and labels that mean negative, neutral and positive get these names.
            seen: Number of reviews per label. Counting may end after more than MAX_CLASSES
                labels if ``label_map`` is None.
            column: Name of the label column.

        Raises:
            DataError: There are fewer than 2 or more than MAX_CLASSES classes, or a class has no
                review.
        """
        if label_map is None:
            reading = own_classes(seen, column)
            made = cls.between(in_order(set(reading.classes.values())), reading.classes)
            return replace(made, partial=reading.skips_values, notes=reading.notes)
        names = {name: class_name(name) for name in label_map.values()}
        shown = {normalised(name): name for name in sorted(names.values(), reverse=True)}
        labels = {value: names[name] for value, name in label_map.items()}
        made = cls.between(in_order(shown.values()), labels)
        number = len(made.classes)
        if not 2 <= number <= MAX_CLASSES:
            made_of = f"{number} class{'' if number == 1 else 'es'}: {listed(made.classes)}"
            hint = f"a classifier needs 2 to {MAX_CLASSES} classes"
            raise DataError(f"data.label_map makes {made_of}", hint=hint)
        classes = made.known(seen)
        for name in made.classes:
            if name not in classes.values():
                raise DataError(
                    f"no review is of class {short(name)}: column {short(column)} holds "
                    f"{listed(in_order(seen))}",
                    hint="data.label_map maps labels of the file to classes",
                )
        reading = as_given(classes, seen)
        return replace(made, partial=reading.skips_values, notes=reading.notes)

    @classmethod
    def between(
        cls, classes: Iterable[str], labels: Mapping[str, str], *, partial: bool = False
    ) -> LabelMap:
        """Return the map from labels to the names of classes.

        Args:
            classes: Names in the order of the outputs.
            labels: Name of a class per label.
            partial: Whether unknown labels are skipped.

        Raises:
            DataError: Two spellings of one label are mapped to different classes.
        """
        classes = tuple(classes)
        own = {normalised(name): number for number, name in enumerate(classes)}
        values: dict[str, int] = {}
        first: dict[str, str] = {}
        for value, name in labels.items():
            key, index = normalised(value), own[normalised(name)]
            if values.setdefault(key, index) != index:
                raise DataError(
                    f"{short(first[key])} and {short(value)} are two classes, but labels are "
                    "compared without case and blanks",
                    hint="give both the same class in data.label_map",
                )
            first.setdefault(key, value)
        return cls(classes, own | values, partial)

    def known(self, labels: Iterable[str]) -> dict[str, str]:
        """Return the class per label that has one."""
        keys = {label: normalised(label) for label in labels}
        return {v: self.classes[self.values[k]] for v, k in keys.items() if k in self.values}

    def renamed(self, label_map: Mapping[str, str]) -> LabelMap:
        """Return the same classes for a file with other labels.

        Args:
            label_map: Name in this map per label of that file. All other labels are skipped.

        Raises:
            DataError: A label is mapped to a class that does not exist here.
        """
        for value, name in label_map.items():
            if normalised(name) not in self.values:
                raise DataError(
                    f"data.label_map maps {short(value)} to {short(name)}, which is not a class "
                    "of this run",
                    hint=f"its classes: {listed(self.classes)}",
                )
        classes = {v: self.classes[self.values[normalised(n)]] for v, n in label_map.items()}
        return self.between(self.classes, classes, partial=True)

    def class_of(self, value: str, row: Row | None = None) -> int | None:
        """Return the index of the class that a label means, or None if it is skipped.

        Raises:
            DataError: The label is unknown; the message names the place of ``row``.
        """
        index = self.values.get(normalised(value))
        if index is None and not self.partial and not is_missing(value):
            place = f"{row.place}: " if row else ""
            near = difflib.get_close_matches(normalised(value), self.values, n=1)
            meant = f"did you mean {short(near[0])}? Otherwise " if near else ""
            known = {label: self.classes[number] for label, number in self.values.items()}
            from sentiment_cli.config.writer import written  # with pydantic, which `predict` lacks

            setting = shlex.quote(f"data.label_map={written(known)}")
            raise DataError(
                f"{place}the label {short(value)} is not one of the classes {listed(self.classes)}",
                hint=f"{meant}skip all but the known labels: --set {setting}",
            )
        return index
