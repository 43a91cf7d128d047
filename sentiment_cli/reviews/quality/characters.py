"""Characters that are no text, and the scripts that texts are written in."""

from __future__ import annotations

import re
import unicodedata
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

STRANGE = CONTROL, REPLACEMENT, PRIVATE = "control", "replacement", "private_use"
"""Kinds of characters that are no text: control codes except tab and line ends, U+FFFD, and the
private use areas."""

# Wide and mathematical letters have the script of the plain letter. Japanese mixes these three.
_TOGETHER = dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA"), "Han or kana")


class CharacterCounts:
    """Count the characters of each kind in many texts at once.

    Attributes:
        kinds: those of STRANGE, then the scripts that were met, such as `Latin`.
    """

    def __init__(self) -> None:
        self.kinds = [*STRANGE]
        # Per character, 2 + the index of its kind; 1 without a kind, 0 if it was not met yet.
        self._table = np.zeros(0x110000, dtype=np.uint16)

    def __call__(self, texts: Sequence[str]) -> NDArray[np.int32]:
        """Return the number of characters per kind and text, (K, N)."""
        # The blank keeps the part of an empty text from being empty.
        joined = "".join([f"{text} " for text in texts])
        codes = np.frombuffer(joined.encode("utf-32-le", "surrogatepass"), dtype="<u4")
        starts = np.cumsum([0, *(len(text) + 1 for text in texts[:-1])])
        found = self._table.take(codes, mode="clip")  # no code is too large, and clipping is fast
        if not found.all():
            for code in np.unique(codes[found == 0]).tolist():
                kind = kind_of(chr(code))
                if kind and kind not in self.kinds:
                    self.kinds.append(kind)
                self._table[code] = ["", *self.kinds].index(kind) + 1
            found = self._table.take(codes, mode="clip")
        counts = np.zeros((len(self.kinds), len(texts)), dtype=np.int32)
        for index, own in enumerate(counts, start=2):
            here = found == index
            if here.any():
                own[:] = np.add.reduceat(here, starts, dtype=np.int32)
        return counts


def kind_of(character: str) -> str:
    """Return the kind of a character, empty for marks, digits, blanks and the like."""
    category = unicodedata.category(character)
    if category == "Cc":
        return "" if character in "\t\n\r" else CONTROL
    if category == "Co":
        return PRIVATE
    if character == "\ufffd":
        return REPLACEMENT
    if not character.isalpha():
        return ""
    plain = unicodedata.normalize("NFKC", character)[0]
    first = re.split("[ -]", unicodedata.name(plain, ""))[0]
    return _TOGETHER.get(first, first.capitalize())
