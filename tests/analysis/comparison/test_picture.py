"""Where things stand in the pictures."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.analysis.comparison.picture import Scale, accuracies, differences


@given(st.lists(st.floats(-1, 1), min_size=1, max_size=10))
def test_all_values_stand_on_the_axis_between_few_ticks(values):
    scale = Scale(values, 100)
    assert all(-0.01 <= scale.at(value) <= 100.01 for value in values)
    assert 2 <= len(scale.ticks) <= 7
    places = [at for at, _ in scale.ticks]
    assert places[0] == 0
    assert places[-1] == 100
    assert places == sorted(places)


def test_ticks_are_round():
    assert [label for _, label in Scale([0.883, 0.918], 100).ticks] == [
        "88",
        "89",
        "90",
        "91",
        "92",
    ]


def test_a_mark_stands_in_its_interval():
    rows = [
        {"name": "a", "accuracy": 0.9, "accuracy_interval": [0.88, 0.92]},
        {"name": "b", "accuracy": 0.5, "accuracy_interval": [0.5, 0.5]},
    ]
    first, second = accuracies(rows)["rows"]
    assert first["from"] < first["at"] < first["to"]
    assert first["at"] == pytest.approx((first["from"] + first["to"]) / 2, abs=0.01)
    assert second["from"] == second["to"]


def test_no_difference_is_always_in_the_picture():
    verdict = {"a": "x", "b": "y", "difference": 0.05, "interval": [0.04, 0.06], "p_adjusted": 0.0}
    picture = differences([verdict | {"verdict": "better"}])
    assert picture["zero"] == 0
    assert picture["rows"][0]["shown"]
