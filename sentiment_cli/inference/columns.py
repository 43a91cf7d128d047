"""Which column of a source is scored, and which columns a scored table has."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_cli.reviews.quality.columns import read_columns
from sentiment_cli.reviews.sources import require_columns

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from sentiment_cli.reviews.sources import Row, Source

_ROWS = 10_000  # that are read to choose a column


def text_column(
    source: Source, asked: str | None, *, text: str, label: str
) -> tuple[str, str | None]:
    """Return the column that holds the reviews, and why if it was chosen by its name and values.

    Args:
        source: Source to predict.
        asked: Column that the user named; it goes first.
        text: Column of the review in the run's own data; it goes second.
        label: Column of the label in the run's own data; it is not the text.

    Raises:
        DataError: There is no column of the name that was asked for, or the source cannot be read.
    """
    if asked is not None:
        require_columns(source, asked, None, {"data.text_column": "--text-column"})
        return asked, None
    if text in source.columns:
        return text, None
    others = [name for name in source.columns if name != label]
    if len(others) == 1:
        return others[0], "the only column that can be the text"
    columns = read_columns(source, rows=_ROWS, label=label if label in source.columns else None)
    return columns.text.name, columns.text_reason


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
