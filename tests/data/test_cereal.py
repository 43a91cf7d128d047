"""The cereal reviews that the project ships keep what their data sheet promises."""

from __future__ import annotations

import csv
import re
from collections import Counter
from itertools import combinations
from pathlib import Path
from statistics import mean

import pytest

CSV = Path(__file__).parents[2] / "data" / "cereal_reviews.csv"
MARKUP = re.compile(r"<br />|&amp;")


@pytest.fixture(scope="module")
def reviews() -> list[tuple[str, str]]:
    """Every (text, label) of the file."""
    with CSV.open(encoding="utf-8", newline="") as file:
        rows = csv.reader(file, strict=True)
        assert next(rows) == ["text", "label"]
        return [(text, label) for text, label in rows]


def words(text: str) -> list[str]:
    """The words of a text, once case, punctuation and markup are gone."""
    return re.findall(r"[\w']+", MARKUP.sub(" ", text).lower())


def test_labels_are_the_two_classes_in_equal_number(reviews: list[tuple[str, str]]) -> None:
    counts = Counter(label for _, label in reviews)
    assert counts.keys() == {"negative", "positive"}
    assert counts["negative"] == counts["positive"]


def test_there_are_at_least_240_reviews(reviews: list[tuple[str, str]]) -> None:
    assert len(reviews) >= 240


def test_every_review_has_3_to_150_words(reviews: list[tuple[str, str]]) -> None:
    assert [text for text, _ in reviews if not 3 <= len(text.split()) <= 150] == []


def test_no_review_stands_twice(reviews: list[tuple[str, str]]) -> None:
    counts = Counter(" ".join(words(text)) for text, _ in reviews)
    assert [text for text, count in counts.items() if count > 1] == []


def test_no_two_reviews_share_most_of_their_words(reviews: list[tuple[str, str]]) -> None:
    bags = [frozenset(words(text)) for text, _ in reviews]
    assert [(a, b) for a, b in combinations(bags, 2) if len(a & b) > 0.5 * len(a | b)] == []


def test_length_does_not_give_the_class_away(reviews: list[tuple[str, str]]) -> None:
    negative, positive = (
        [len(text.split()) for text, label in reviews if label == wanted]
        for wanted in ("negative", "positive")
    )
    assert mean(negative) == pytest.approx(mean(positive), rel=0.1)


def test_the_demonstration_reviews_are_not_among_them(reviews: list[tuple[str, str]]) -> None:
    shown = (
        "Amazing! This box of cereal gave me a perfectly balanced breakfast, as all things "
        "should be. I only ate half of it but will definitely be buying again!",
        "Stale, tasteless and overpriced. I threw the box away.",
    )
    assert {" ".join(words(text)) for text in shown}.isdisjoint(
        " ".join(words(text)) for text, _ in reviews
    )


def test_the_file_is_utf8_with_unix_line_ends() -> None:
    content = CSV.read_bytes()
    assert b"\r" not in content
    assert not content.startswith(b"\xef\xbb\xbf")
    assert content.endswith(b"\n")
    content.decode("utf-8")
