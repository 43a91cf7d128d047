"""Curves drawn with characters."""

from __future__ import annotations

import pytest

from sentiment_cli.console.charts import Curve, chart


def drawn(*curves, width=50, low=0.0, high=1.0):
    lines = chart(curves, width=width, low=low, high=high, label="{:.2f}".format, below="words")
    return [line.plain for line in lines]


def places(lines, mark):
    """Column and row of each cell that bears the mark."""
    return [
        (line.index("│") and column, row)
        for row, line in enumerate(lines[:-3])
        for column, cell in enumerate(line)
        if cell == mark
    ]


def test_a_falling_curve_goes_down_from_corner_to_corner():
    found = sorted(places(drawn(Curve("a", [0, 100], [1.0, 0.0])), "●"))
    assert [row for _, row in found] == sorted(row for _, row in found)
    assert len(found) == 40
    assert found[0] == (10, 0)
    assert found[-1] == (49, 8)


def test_a_shorter_curve_ends_where_it_ends():
    lines = drawn(Curve("long", [0, 100], [1.0, 1.0]), Curve("short", [0, 25], [0.0, 0.0]))
    assert len(places(lines, "▲")) == 10


def test_what_lies_outside_is_not_drawn():
    found = places(drawn(Curve("a", [0, 10, 20], [2.0, 0.5, -1.0])), "●")
    assert {row for _, row in found} <= set(range(9))
    assert 0 < len(found) < 40


def test_the_first_curve_is_seen_where_two_meet():
    lines = drawn(Curve("a", [0, 9], [0.5, 0.5]), Curve("b", [0, 9], [0.5, 0.5]))
    assert len(places(lines, "●")) == 40
    assert not places(lines, "▲")


@pytest.mark.parametrize("width", [60, 80, 100])
def test_no_line_is_wider_than_asked(width):
    lines = drawn(Curve("a", [0, 390], [1.0, 0.0]), width=width)
    assert max(map(len, lines)) == width


def test_axes_are_labelled():
    lines = drawn(Curve("lstm", [0, 390], [1.0, 0.0]))
    assert lines[0].startswith("    1.00 │")
    assert lines[8].startswith("    0.00 │")
    assert lines[-2].split() == ["0", "words", "390"]
    assert lines[-1].split() == ["●", "lstm"]
