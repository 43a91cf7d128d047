"""Ratings, however a label spells them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.reviews.ratings import Rating, ratings_among, read_rating

WORDS = ["one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"]
STARS = range(1, 6)


@pytest.mark.parametrize(
    ("label", "value", "scale", "named"),
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
    ],
)
def test_what_a_label_says(label: str, value: float, scale: float | None, named: bool) -> None:
    assert read_rating(label) == Rating(value, scale, named)


@pytest.mark.parametrize(
    "label",
    ["", "-", "n/a", "good", "-1", "+1", "01", "1,000", "1_0", "٤", "4 apples", "star", "/5", "5/",
     "1/2/3", "50%", "☆★", "1e1", "nan", "zero", "eleven", "one two", "2021-05-04", "1000"],
)  # fmt: skip
def test_what_is_no_rating(label: str) -> None:
    assert read_rating(label) is None


@given(st.text(max_size=8))
def test_any_text_is_read(label: str) -> None:
    read_rating(label)
    ratings_among([label, "1", "5"])


@pytest.mark.parametrize(
    "labels",
    [
        [f"{n}" for n in STARS],
        [f"{n}.0" for n in STARS],
        [f"{n},0" for n in STARS],
        [f"{n} star" if n == 1 else f"{n} stars" for n in STARS],
        [f"{n}.0 out of 5 stars" for n in STARS],
        [f"{n}/5" for n in STARS],
        ["★" * n for n in STARS],
        ["★" * n + "☆" * (5 - n) for n in STARS],
        WORDS[:5],
        [f"{word} star" if word == "one" else f"{word} stars" for word in WORDS[:5]],
    ],
    ids=lambda labels: labels[-1],
)
def test_five_stars(labels: list[str]) -> None:
    found = ratings_among(reversed(labels))
    assert found is not None
    assert found.scale == 5
    assert [*found.negative, None, *found.positive] == [*labels[:2], None, *labels[3:]]
    assert found.neither == (labels[2],)


@pytest.mark.parametrize(
    "labels",
    [
        [f"{n}" for n in range(1, 11)],
        [f"{n}/10" for n in range(1, 11)],
        [f"{n} out of 10" for n in range(1, 11)],
        WORDS,
    ],
    ids=lambda labels: labels[-1],
)
def test_ten_points(labels: list[str]) -> None:
    found = ratings_among(labels)
    assert found is not None
    assert found.scale == 10
    parts = (found.negative, found.neither, found.positive)
    assert parts == (tuple(labels[:4]), tuple(labels[4:6]), tuple(labels[6:]))


def test_even_points_alone() -> None:
    found = ratings_among(["2", "4", "6", "8", "10"])
    assert found is not None
    assert found.labels == {"2": "negative", "4": "negative", "8": "positive", "10": "positive"}


def test_half_stars() -> None:
    halves = [f"{n / 2}" for n in range(1, 11)]
    found = ratings_among(halves)
    assert found is not None
    parts = (found.negative, found.neither, found.positive)
    assert parts == (tuple(halves[:5]), ("3.0",), tuple(halves[6:]))


def test_half_points_between_are_left_out() -> None:
    found = ratings_among(["4", "4.5", "6.5", "7"])
    assert found is not None
    assert (found.negative, found.neither, found.positive) == (("4",), ("4.5", "6.5"), ("7",))


@pytest.mark.parametrize("missing", ["", " ", "n/a", "N/A", "na", "None", "null", "-", "?"])
def test_what_stands_for_no_rating_is_left_out(missing: str) -> None:
    found = ratings_among(["1", "2", "3", "4", "5", missing])
    assert found is not None
    assert found.missing == (missing,)
    assert missing not in found.labels


def test_a_scale_that_is_said_goes_before_the_highest_value() -> None:
    found = ratings_among(["5/10", "4/10", "7/10", "9"])
    assert found is not None
    assert (found.negative, found.positive) == (("4/10",), ("7/10", "9"))
    assert ratings_among(["1/10", "2/10", "4/10", "5/10"]) is None


@pytest.mark.parametrize(
    ("labels", "plain"),
    [
        (["1", "3.0", "5"], True),
        (["1", "5", "n/a"], True),
        (["1", "5,0"], False),
        (["1", "7", "9"], False),
    ],
)
def test_plain_numbers_from_one_to_five(labels: list[str], plain: bool) -> None:
    found = ratings_among(labels)
    assert found is not None
    assert found.plain == plain


@pytest.mark.parametrize("labels", [["1", "5"], ["one", "four stars"], ["1/10", "9/10"]])
def test_two_ratings_are_enough_where_they_cannot_be_classes(labels: list[str]) -> None:
    assert ratings_among(labels) is not None


@pytest.mark.parametrize(
    "labels",
    [
        [],
        ["n/a", ""],
        ["0", "1"],
        ["1", "2"],
        ["4", "5"],
        ["one", "two", "three"],
        ["1", "6"],
        ["1", "10"],
        ["10", "10.0", "1"],
        ["0", "1", "2", "3", "4"],
        [f"{n}" for n in range(10)],
        ["-1", "0", "1"],
        ["1", "5", "11"],
        ["20", "60", "100"],
        ["20/100", "60/100", "100/100"],
        ["1/5", "5/5", "9/10"],
        ["1/5", "3/5", "7/5"],
        ["4.2", "1.7", "2.5"],
        ["1", "5", "good"],
        ["1", "5", "nan?"],
    ],
)
def test_what_is_no_column_of_ratings(labels: list[str]) -> None:
    assert ratings_among(labels) is None
