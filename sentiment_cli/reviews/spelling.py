"""How people spell a label, and which spellings are one label."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from functools import lru_cache
from typing import TYPE_CHECKING

from sentiment_cli.reviews.sources.source import short
from sentiment_cli.reviews.words import WORDS

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

_MAX_CHARACTERS = 200  # a longer value is a text
_MISSING = frozenset(["", *WORDS["missing"].split()])
_NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]*)?")
_WHOLE = re.compile(r"\+?(-?[0-9]+)(?:[.,]0*)?")
_INVISIBLE = re.compile(
    "[\u00ad\u034f\u061c\u180e\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff]"
)


def cleaned(value: str) -> str:
    """Return a label in NFC, without invisible characters, with single blanks within it only."""
    return " ".join(_INVISIBLE.sub("", unicodedata.normalize("NFC", value)).split())


@lru_cache(maxsize=4096)
def _key(value: str) -> str:
    if value.isascii() and value.isalpha():
        return value.lower()
    key = cleaned(value).casefold().replace("−", "-")
    whole = _WHOLE.fullmatch(key)
    return unicodedata.normalize("NFC", whole[1] if whole else key)


def normalised(value: str) -> str:
    """Return the key of a label: equal for spellings that differ in case, blanks, invisible
    characters or the zeros after a whole number."""
    return _key(value) if len(value) <= _MAX_CHARACTERS else value


def is_missing(value: str) -> bool:
    """Whether a label is empty or one of the marks of a missing value: NaN, N/A, null, - ..."""
    return len(value) <= _MAX_CHARACTERS and _key(value) in _MISSING


def spellings(counts: Mapping[str, int]) -> dict[str, str]:
    """Return the most frequent spelling of each key, cleaned; missing labels have none.

    Args:
        counts: Number of reviews per label, as the file spells it.
    """
    found: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for value, count in counts.items():
        if not is_missing(value):
            found[normalised(value)][cleaned(value)] += count
    return {key: min(own, key=lambda name: (-own[name], name)) for key, own in found.items()}


def in_order(names: Iterable[str]) -> list[str]:
    """Return names in order: numbers by size, then texts."""

    def key(name: str) -> tuple[bool, float, str]:
        number = _NUMBER.fullmatch(name)
        return (number is None, float(name) if number else 0.0, name)

    return sorted(names, key=key)


def listed(names: Iterable[str]) -> str:
    """Return the first ten names, escaped, and the number of the others."""
    first = list(names)
    more = f" and {len(first) - 10} more" if len(first) > 10 else ""
    return ", ".join(short(name, 30) for name in first[:10]) + more
