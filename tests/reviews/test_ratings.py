"""Ratings, however a label spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.reviews.ratings import Rating, read_rating


@pytest.mark.parametrize(
    ("label", "value", "scale", "explicit"),
    [
        ("4", 4, None, False),
        ("4.0", 4, None, False),
        ("4.", 4, None, False),
        ("4,0", 4, None, False),
        ("3.5", 3.5, None, False),
        ("10", 10, None, False),
        ("four", 4, None, False),
        ("Ten", 10, None, False),
        ("one star", 1, None, True),
        ("FIVE STARS", 5, None, True),
        ("5-star", 5, None, True),
        ("4 stars", 4, None, True),
        ("0 stars", 0, None, True),
        ("4★", 4, None, True),
        ("5 out of 5 stars", 5, 5, True),
        ("4.0 out of 5 stars", 4, 5, True),
        ("four out of five", 4, 5, True),
        ("4 of 5", 4, 5, True),
        ("5/5", 5, 5, True),
        (" 8 / 10 ", 8, 10, True),
        ("70/100", 70, 100, True),
        ("★★★★☆", 4, 5, True),
        ("☆☆☆☆☆", 0, 5, True),
        ("★★★", 3, None, True),
        ("⭐⭐", 2, None, True),
        ("-1", -1, None, False),
        ("+1", 1, None, False),
        ("50%", 50, 100, False),
        ("4.5/5 (123 votes)", 4.5, 5, True),
        ("5つ星のうち4.0", 4, 5, True),
        ("★★★½", 3.5, None, True),
        ("4½", 4.5, None, False),
        ("٤", 4, None, False),
        ("****", 4, None, True),
        ("5*", 5, None, True),
        ("Note de 4 sur 5", 4, 5, True),
        ("Bewertet mit 4,0 von 5", 4, 5, True),
    ],
)
def test_read_rating_returns_value_and_scale(
    label: str, value: float, scale: float | None, explicit: bool
) -> None:
    assert read_rating(label) == Rating(value, scale, explicit)


@pytest.mark.parametrize(
    "label",
    ["", "-", "n/a", "good", "01", "1,000", "1_0", "4 apples", "star", "/5", "5/",
     "1/2/3", "☆★", "1e1", "nan", "zero", "eleven", "one two", "4-5", "2021-05-04"],
)  # fmt: skip
def test_read_rating_returns_none_for_other_labels(label: str) -> None:
    assert read_rating(label) is None


@given(st.text(max_size=8))
def test_read_rating_accepts_any_text(label: str) -> None:
    read_rating(label)
