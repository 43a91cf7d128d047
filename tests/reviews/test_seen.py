"""Reviews known by hashes."""

from __future__ import annotations

from dataclasses import dataclass

from sentiment_cli.reviews.seen import Seen, set_hash


@dataclass
class Review:
    text: str


def hashes(*texts):
    seen = Seen([Review(text) for text in texts])
    assert [review.text for review in seen] == list(texts)
    return seen.hashes


def test_a_set_is_the_same_in_any_order():
    assert set_hash(hashes("fresh", "stale")) == set_hash(hashes("stale", "fresh"))


def test_another_review_makes_another_set():
    assert set_hash(hashes("fresh", "stale")) != set_hash(hashes("fresh", "soggy"))
    assert set_hash(hashes("fresh")) != set_hash(hashes("fresh", "fresh"))


def test_a_review_that_ends_the_pass_early_is_the_last_one_counted():
    seen = Seen([Review("a"), Review("b")])
    next(iter(seen))
    assert len(seen.hashes) == 1
