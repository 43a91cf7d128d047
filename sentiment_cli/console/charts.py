"""Curves drawn with characters, one mark a curve: no colour is needed to tell them apart."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from rich.text import Text

_MARKS = "●▲■◆○△□◇"
_COLOURS = ("blue", "yellow", "green", "magenta")
_AXIS = 8  # columns of the labels beside the vertical axis
_HEIGHT = 9


class Curve(NamedTuple):
    """Points in order of x, which begins at 0; between two of them a line is drawn."""

    name: str
    x: Sequence[float]
    y: Sequence[float]


def chart(
    curves: Sequence[Curve],
    *,
    width: int,
    low: float,
    high: float,
    label: Callable[[float], str],
    below: str,
) -> list[Text]:
    """Return the lines of a picture of curves.

    Where curves meet, the first is seen. What lies outside of `low` and `high` is not drawn.

    Args:
        curves: what is drawn.
        width: columns of the whole.
        low: y of the lowest row.
        high: y of the highest row.
        label: of a y beside the axis.
        below: what x is, below its axis.
    """
    columns = width - _AXIS - 2
    largest = max(curve.x[-1] for curve in curves)
    places = np.linspace(0, largest, columns)
    levels = np.linspace(high, low, _HEIGHT)
    rows = [Text(f"{label(y) if row % 2 == 0 else '':>{_AXIS}} │") for row, y in enumerate(levels)]
    drawn = [_levels(curve, places, low, high) for curve in curves]
    for column in range(columns):
        for level, row in enumerate(rows):
            number = next((n for n, own in enumerate(drawn) if own[column] == level), None)
            row.append(*(" ", "") if number is None else _mark(number))
    axis = Text(f"{'':>{_AXIS}} └{'─' * columns}")
    ends = Text(f"{'':>{_AXIS}}  0{below.center(columns - 1 - len(f'{largest:g}'))}{largest:g}")
    legend = Text(f"{'':>{_AXIS}}  ")
    for number, curve in enumerate(curves):
        legend.append(*_mark(number)).append(f" {curve.name}   ")
    return [*rows, axis, ends, legend]


def _levels(curve: Curve, places: np.ndarray, low: float, high: float) -> list[int | None]:
    """Return the row from the top in which a curve stands in each column, None where in none."""
    y = np.interp(places, curve.x, curve.y, right=np.nan)
    y[(y < low) | (y > high)] = np.nan
    rows = (high - y) / (high - low) * (_HEIGHT - 1)
    return [None if np.isnan(row) else round(float(row)) for row in rows]


def _mark(number: int) -> tuple[str, str]:
    return _MARKS[number % len(_MARKS)], _COLOURS[number % len(_COLOURS)]
