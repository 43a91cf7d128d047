"""The page with the curves of several runs."""

from __future__ import annotations

import re

import pytest
from support.memory import report

from sentiment_cli.analysis.memory.page import memory_page


def page(*runs):
    return memory_page(runs).decode()


def polylines(html):
    """The points of each drawn curve, as numbers."""
    drawn = re.sub(r"<ul.*?</ul>", "", html, flags=re.DOTALL)
    return [
        [tuple(map(float, point.split(","))) for point in points.split()]
        for points in re.findall(r'<polyline points="([^"]+)"', drawn)
    ]


def test_every_run_stands_in_each_table():
    html = page(report("runs/guide-rnn"), report("runs/guide-lstm"))
    for name in ("guide-rnn", "guide-lstm"):
        assert html.count(f">{name}<") >= 3
    assert "6.0 to never" in html
    assert "-40.0" in html


def test_curves_fall_from_left_to_right():
    for curve in polylines(page(report("one"), report("two", rate=0.8))):
        assert curve == sorted(curve)
        assert [y for _, y in curve] == sorted(y for _, y in curve)
        assert all(0 <= x <= 640 and 0 <= y <= 360 for x, y in curve)


def test_a_curve_ends_where_it_leaves_the_drawing():
    slow, fast = polylines(page(report("slow"), report("fast", rate=0.5)))[:2]
    assert slow[-1][0] == pytest.approx(624)
    assert fast[-1][0] < 300


def test_the_start_is_drawn_where_it_is_known():
    known = report("one", start_gradient=report("x", rate=0.7)["gradient"], start_half_life=1.9)
    assert len(polylines(page(known))) == len(polylines(page(report("one")))) + 1
    assert "before training</li>" in page(known)
    assert "before training</li>" not in page(report("one"))


def test_nothing_measured_is_still_a_page():
    bare = report("one", gradient=[], planted=[], planted_half=None, half_life=None,
                  half_life_interval=None, notes=[])  # fmt: skip
    html = page(bare)
    assert "not even alone" in html
    assert "To know beforehand" not in html


def test_names_cannot_break_out():
    html = page(report("runs/<script>alert(1)<!--"))
    assert "<script>alert" not in html
    assert "&lt;script&gt;alert(1)" in html


def test_runs_of_one_name_are_told_by_their_paths():
    html = page(report("a/lstm"), report("b/lstm"))
    assert ">a/lstm<" in html
    assert ">b/lstm<" in html
