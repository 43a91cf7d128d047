"""One rating, read from the text of a label: "4", "8/10", "4,0 von 5 Sternen", "★★★★☆", "80%"."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from sentiment_cli.reviews.spelling import cleaned
from sentiment_cli.reviews.words import WORDS

_NUMBER_WORDS = {
    word: float(number)
    for line in WORDS["ratings"]["numbers"]
    for number, word in enumerate(line.split(), start=1)
}
_KINDS = {
    word: kind
    for kind in ("of", "before", "percent", "filling")
    for word in WORDS["ratings"][kind].split()
}
_TOKEN = re.compile(r"[0-9]+(?:\.[0-9]*|,[0-9]{1,2}(?![0-9]))?|[^\W\d_]+|\S")
_IGNORED = frozenset("-–—,:;.!|·'()，、。：")
_ASIDE = re.compile(r"(?<=\S)\s*[(（\[].*$")  # "4.5/5 (123 votes)"
_HALF = re.compile(r"(?<=[0-9])\s*½")
_FILLED, _EMPTY, _HALVES = "*★⭐🌟✭✮✪●⬤❤♥", "☆✩✰○◯♡🤍", "½⯨⯪◐"
_DRAWN = re.compile(f"([{_FILLED}]*)([{_HALVES}]?)([{_EMPTY}]*)")
_SIGNED = re.compile(r"([-−+]?)((?:0|[1-9][0-9]*)(?:[.,][0-9]*)?)")


@dataclass(frozen=True, slots=True)
class Rating:
    """What the text of a label says.

    Attributes:
        value: Number of stars or points.
        scale: Highest possible value, or None if the text does not say it.
        explicit: Whether the text shows that it is a rating: "4/5", "4 stars", but not "4".
    """

    value: float
    scale: float | None
    explicit: bool


def read_rating(label: str) -> Rating | None:
    """Return what a label says, or None if it is not a rating."""
    text = "".join(str(unicodedata.decimal(c, c)) for c in cleaned(label).casefold())
    text = text.replace("\u20e3", "")
    drawn = _DRAWN.fullmatch(text.replace(" ", ""))
    if text and drawn:
        full, half, empty = map(len, drawn.groups())
        return Rating(full + half / 2, float(full + half + empty) if empty else None, True)
    text = unicodedata.normalize("NFKC", _HALF.sub(".5", _ASIDE.sub("", text)))
    signed = _SIGNED.fullmatch(text)
    if signed:
        number = _number(signed[2])
        if number is not None:
            return Rating(-number if signed[1] in {"-", "−"} else number, None, False)
    return _read_words(text)


def _read_words(text: str) -> Rating | None:
    """Read a text in which every word must be a number or belong to a rating."""
    numbers: list[float] = []
    shape, explicit = "", False
    for token in _TOKEN.findall(text):
        number = _number(token)
        if number is not None:
            numbers.append(number)
            shape += "n"
        elif token not in _IGNORED:
            kind = _KINDS.get(token)
            if kind is None:
                return None
            explicit = explicit or kind == "filling"
            shape += kind[0].replace("f", "")
    if shape == "n":
        return Rating(numbers[0], None, explicit)
    if shape in {"np", "pn"}:
        return Rating(numbers[0], 100.0, False)
    if shape in {"non", "nbn", "onon"} or (len(numbers) == 2 and "最多" in text):
        value, scale = numbers[::-1] if "b" in shape else numbers
        return Rating(value, scale, True)
    return None


def _number(text: str) -> float | None:
    """Return the number that a token is; "01" and "1,000" are none."""
    if text in _NUMBER_WORDS:
        return _NUMBER_WORDS[text]
    if not re.fullmatch(r"(?:0|[1-9][0-9]{0,6})(?:\.[0-9]*|,[0-9]{1,2})?", text):
        return None
    return float(text.replace(",", "."))
