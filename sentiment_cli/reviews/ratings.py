"""Ratings, however a label spells them: which value, on which scale, and whether it is good."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

_WORDS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
_MISSING = {"", "n/a", "na", "none", "null", "-", "?"}

# A comma before three digits parts thousands.
_AMOUNT = rf"((?:0|[1-9][0-9]{{0,2}})(?:\.[0-9]*|,[0-9]{{1,2}})?|{'|'.join(_WORDS)})"
_STARS = r"([ -]?(?:stars?|★))?"
_RATING = re.compile(rf"{_AMOUNT}{_STARS}(?: ?(?:/|(?:out )?of) ?{_AMOUNT}{_STARS})?")
_DRAWN = re.compile(r"[★⭐]*☆*")
_WHOLE = re.compile(r"[1-5](\.0*)?")

_BOUNDS = {5: (3.0, 3.0), 10: (4.5, 6.5)}
"""By scale: what is below the first is negative, what is above the second positive.

Those of 10 are the bounds of IMDb's authors (Maas et al., 2011, section 4.1): at most 4, at least
7. A half between them is left out.
"""

_FEWEST = 3  # different values from which numbers up to 10 are no mere classes


@dataclass(frozen=True, slots=True)
class Rating:
    """What a label says.

    Args:
        value: stars or points.
        scale: the highest possible value, None where the label does not tell it.
        named: whether the label says that it is a rating: by its scale, or as stars.
    """

    value: float
    scale: float | None
    named: bool


@dataclass(frozen=True, slots=True)
class Ratings:
    """The labels of a column of ratings, as they stand in the file.

    Args:
        scale: 5 or 10.
        negative: by size, as are the next two.
        neither: those in the middle.
        positive: the good ones.
        missing: what stands where there is no rating.
        plain: whether all are whole numbers from 1 to 5, in digits.
    """

    scale: int
    negative: tuple[str, ...]
    neither: tuple[str, ...]
    positive: tuple[str, ...]
    missing: tuple[str, ...]
    plain: bool

    @property
    def labels(self) -> Mapping[str, str]:
        """What `data.label_map` has to say."""
        return dict.fromkeys(self.negative, "negative") | dict.fromkeys(self.positive, "positive")


def read_rating(label: str) -> Rating | None:
    """Return what a label says, None where it is no rating."""
    text = " ".join(label.casefold().split())
    if text and _DRAWN.fullmatch(text):
        empty = text.count("☆")
        return Rating(float(len(text) - empty), float(len(text)) if empty else None, True)
    found = _RATING.fullmatch(text)
    if not found:
        return None
    value, stars, scale, _ = found.groups()
    highest = None if scale is None else _amount(scale)
    return Rating(_amount(value), highest, bool(stars or scale))


def ratings_among(labels: Iterable[str]) -> Ratings | None:
    """Return the ratings that a column's different labels are; None where they are something else.

    Every label but those that stand for none must be one, whole or half and on one scale, and some
    must be low and some high. So 0 and 1, or 1 and 2, are classes; and a bare 0 is the number of a
    class.
    """
    labels = list(labels)
    missing = tuple(label for label in labels if label.strip().casefold() in _MISSING)
    found: dict[str, Rating] = {}
    for label in labels:
        rating = read_rating(label)
        if rating is not None and _is_sound(rating):
            found[label] = rating
        elif label not in missing:
            return None
    scale = _scale(found.values())
    if scale is None:
        return None
    low, high = _BOUNDS[scale]
    ordered = sorted(found, key=lambda label: (found[label].value, label))
    ratings = Ratings(
        scale,
        tuple(label for label in ordered if found[label].value < low),
        tuple(label for label in ordered if low <= found[label].value <= high),
        tuple(label for label in ordered if found[label].value > high),
        missing,
        all(_WHOLE.fullmatch(label) for label in found),
    )
    return ratings if ratings.negative and ratings.positive else None


def _amount(text: str) -> float:
    return float(_WORDS.index(text) + 1) if text in _WORDS else float(text.replace(",", "."))


def _is_sound(rating: Rating) -> bool:
    return (2 * rating.value).is_integer() and (rating.value > 0 or rating.named)


def _scale(ratings: Iterable[Rating]) -> int | None:
    """The scale that all of them share, None where there is none, or one of another kind."""
    ratings = list(ratings)
    highest = max((rating.value for rating in ratings), default=0.0)
    said = {rating.scale for rating in ratings if rating.scale is not None}
    if not said:
        if highest > 5 and len({rating.value for rating in ratings}) < _FEWEST:
            return None
        said = {5.0 if highest <= 5 else 10.0}
    scale = said.pop()
    return int(scale) if not said and scale in _BOUNDS and highest <= scale else None
