"""Which column of a source is scored, and which columns a scored table has."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.source import short

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sentiment_cli.reviews.sources import Row, Source

_SHOWN = 20


def text_column(source: Source, asked: str | None, *, text: str, label: str) -> str:
    """Return the column that holds the reviews.

    Args:
        source: what is to be scored.
        asked: the column that the user named; it goes before everything else.
        text: column of the review where the classifier was trained. Where the source has none of
            this name, the only column that can be meant is taken.
        label: column of the label there, which is never meant.

    Raises:
        DataError: there is no such column, or several can be meant.
    """
    columns = source.columns
    listed = ", ".join(short(column, 40) for column in columns[:_SHOWN])
    if len(columns) > _SHOWN:
        listed += f" and {len(columns) - _SHOWN} more"
    if asked is not None and asked not in columns:
        near = difflib.get_close_matches(asked, columns, n=1)
        raise DataError(
            f"{source.name} has no column {short(asked)} (--text-column); its columns are {listed}",
            hint=f"did you mean --text-column {short(near[0])}?"
            if near
            else "set --text-column to one of them",
        )
    if asked is not None or text in columns:
        return text if asked is None else asked
    meant = [name for name in columns if name != label]
    if len(meant) != 1:
        raise DataError(
            f"{source.name} has no column {short(text)}, which the run was trained on; its "
            f"columns are {listed}",
            hint="name the column of the review: --text-column COLUMN",
        )
    return meant[0]


class ScoredColumns:
    """The columns of a scored table: those of the source, then the answer's.

    Args:
        columns: of the source.
        classes: of the classifier.
    """

    def __init__(self, columns: Sequence[str], classes: Sequence[str]) -> None:
        self._answer = ["label", "probability", *(f"probability_{name}" for name in classes)]
        taken = {*columns, *self._answer}
        self._names: dict[str, str] = {}
        for column in columns:
            name = _free(column, taken) if column in self._answer else column
            taken.add(name)
            self._names[column] = name

    @property
    def types(self) -> dict[str, type]:
        """The type of each column's cells, `str` or `float`, in the table's order."""
        given = dict.fromkeys([*self._names.values(), "label"], str)
        return {**given, **dict.fromkeys(self._answer[1:], float)}

    def cells(self, row: Row, label: str, probabilities: Sequence[float]) -> dict[str, str | float]:
        """Return a row's cells by column, further keys of a JSON object among them.

        Args:
            row: as the source has it.
            label: the answer.
            probabilities: of each class, to be written to six decimals.
        """
        values = row.values
        cells: dict[str, str | float] = {
            name: values[column] for column, name in self._names.items()
        }
        if len(values) > len(cells):
            for key in [key for key in values if key not in self._names]:
                cells[_free(key, {*cells, *self._answer})] = values[key]
        rounded = [round(probability, 6) for probability in probabilities]
        cells.update(zip(self._answer, [label, max(rounded), *rounded], strict=True))
        return cells


def _free(name: str, taken: Collection[str]) -> str:
    """Return `name` with as many `input_` before it as make it one that is not taken."""
    while name in taken:
        name = f"input_{name}"
    return name
