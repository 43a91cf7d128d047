"""What the name of a column says: whether it holds the text, a rating, or something else."""

from __future__ import annotations

import re
from enum import Enum
from functools import cache

from sentiment_cli.reviews.words import WORDS, plain, plain_words

_NAMES = {kind: frozenset(plain_words(words)) for kind, words in WORDS["names"].items()}
_OTHER, _GROUP = _NAMES["other"] | _NAMES["count"] | _NAMES["id"], _NAMES["group"]
_OPINIONS = {side: frozenset(plain_words(words)) for side, words in WORDS["opinions"].items()}
_NOT = frozenset(
    ["not", "non", "no", "un", "without", "nicht", "kein", "pas", "sin", "would", "will"]
)


class Says(Enum):
    """What the values of a column are, by its name."""

    SENTIMENT = "sentiment"
    RATING = "rating"
    LABEL = "label"
    GOOD = "good"
    BAD = "bad"
    NOTHING = "nothing"
    GROUP = "group"
    OTHER = "other"


@cache
def _parts(name: str) -> tuple[str, ...]:
    """Split a name at blanks, signs, digits and capitals: "reviewText_2" is review, text."""
    apart = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", plain(name))
    return tuple(re.findall(r"[^\W\d_]+", apart.casefold()))


def _has(name: str, stems: frozenset[str]) -> bool:
    """Whether a part of a name is one of the stems, or a long stem is within a part."""
    parts = _parts(name)
    return any(part in stems for part in parts) or any(
        (part.endswith(stem) if len(stem) == 5 else stem in part)
        for part in parts
        for stem in stems
        if len(stem) >= (5 if stem.isascii() else 2)
    )


@cache
def label_name(name: str) -> Says:
    """Return what a column's name says about its values."""
    own = set(_parts(name))
    if says_bad(name):
        return Says.BAD
    other = own & _OTHER
    if other and not (other <= _NAMES["count"] and own & _NAMES["unit"]):  # "star_count"
        named = other <= _NAMES["id"] and own & _NAMES["label"]  # "class_index"
        return Says.GROUP if named else Says.OTHER
    for says in (Says.SENTIMENT, Says.RATING, Says.LABEL, Says.GOOD, Says.OTHER):
        if _has(name, _NAMES[says.value]):
            return says
    return Says.GROUP if own & _GROUP else Says.NOTHING


@cache
def says_bad(name: str) -> bool:
    """Whether a name says only something bad: "is_toxic", not "not_spam", "worst_to_best"."""
    parts = _parts(name)
    at = next((at for at, part in enumerate(parts) if _is_bad(part)), None)
    if at is None or set(parts[:at]) & _NOT:
        return False
    return not set(parts) & (_OTHER - {"has", "language"} | _OPINIONS["positive"] | {"how", "rate"})


def _is_bad(part: str) -> bool:
    denied = re.sub("^(?:un|dis)", "", part)
    if part in _OPINIONS["negative"] or (denied != part and denied in _OPINIONS["positive"]):
        return True
    return _has(part, _NAMES["bad"]) and not part.startswith("non")


def label_order(name: str) -> int:
    """Return how far a name is ahead of others that say the same: "overall" over "service"."""
    own = set(_parts(name))
    return (
        4 * bool(own & _NAMES["whole"])
        - 4 * bool(own & _NAMES["aspect"])
        - 20 * bool(own & _NAMES["average"])
    )


@cache
def text_weight(name: str) -> float:
    """Return by how much a text of this name counts for more or less than its length says."""
    own = set(_parts(name))
    if own & _NAMES["reply"]:
        return 0.05
    if own & _OTHER:
        return 0.1
    if _has(name, _NAMES["beside"]):
        return 0.25
    if _has(name, _NAMES["text"]):
        return 4.0
    return 0.1 if own & _GROUP else 1.0
