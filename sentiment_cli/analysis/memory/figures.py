"""Curves as SVG: from values to places in a drawing."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

WIDTH, HEIGHT = 640, 360
_LEFT, _RIGHT, _TOP, _BOTTOM = 70, 16, 12, 60
_MARKS = 9  # on a curve of many points, about

Points = Sequence[tuple[float, float]]


@dataclass(frozen=True, slots=True)
class Line:
    """A curve, as a template draws it.

    Args:
        style: number of the run, which gives colour and mark.
        path: what a polyline takes as points.
        band: what a polygon takes as points, around the curve; empty for none.
        marks: places (x, y) of the curve's mark.
        before: whether it shows the network before training.
    """

    style: int
    path: str
    band: str = ""
    marks: list[tuple[float, float]] = field(default_factory=list)
    before: bool = False


@dataclass(frozen=True, slots=True)
class Tick:
    """A place on an axis and what stands there."""

    at: float
    text: str


@dataclass(frozen=True, slots=True)
class Axes:
    """Where values lie in a drawing of 640 by 360.

    Args:
        largest: x of the right edge; the left one is 0.
        low: y of the lower edge.
        high: y of the upper edge.
    """

    largest: float
    low: float
    high: float

    def x(self, value: float) -> float:
        """Return the place of an x."""
        return round(_LEFT + value / self.largest * (WIDTH - _LEFT - _RIGHT), 1)

    def y(self, value: float) -> float:
        """Return the place of a y; beyond an edge it stands at the edge."""
        share = (self.high - min(max(value, self.low), self.high)) / (self.high - self.low)
        return round(_TOP + share * (HEIGHT - _TOP - _BOTTOM), 1)

    def line(
        self, points: Points, style: int, *, band: tuple[Points, Points] | None = None,
        before: bool = False,
    ) -> Line:  # fmt: skip
        """Return the curve through points in order of x, with a band between two other curves."""
        around = [*band[0], *reversed(band[1])] if band else []
        stride = max(1, len(points) // _MARKS)
        marked = points[style * stride // 4 % stride :: stride]  # not one on the other's
        return Line(
            style,
            self._path(points),
            self._path(around),
            [] if before else [(self.x(x), self.y(y)) for x, y in marked],
            before,
        )

    def across(self) -> list[Tick]:
        """Return the ticks of the x axis."""
        step = next(s for s in (1, 2, 5, 10, 20, 50, 100, 10**9) if self.largest / s <= 8)
        return [Tick(self.x(v), str(v)) for v in range(0, math.floor(self.largest) + 1, step)]

    def _path(self, points: Points) -> str:
        return " ".join(f"{self.x(x)},{self.y(y)}" for x, y in points)
