"""Characters that are no text, and the script that a text is written in."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter

CONTROL, REPLACEMENT, PRIVATE = "control", "replacement", "private_use"
"""Kinds of characters that are no text: control codes but tab and line ends, U+FFFD, and those of
the private use areas."""

# One search for all three, since hardly a text has any; then one each.
_STRANGE = {
    CONTROL: "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f",
    REPLACEMENT: "\ufffd",
    PRIVATE: "\ue000-\uf8ff\U000f0000-\U000ffffd\U00100000-\U0010fffd",
}
_ANY = re.compile(f"[{''.join(_STRANGE.values())}]")
_EACH = {kind: re.compile(f"[{characters}]") for kind, characters in _STRANGE.items()}

_LOOK = 500  # characters that tell a script

# Japanese writes with all of these.
_TOGETHER = dict.fromkeys(("CJK", "HIRAGANA", "KATAKANA"), "Han or kana")


def strange_kinds(text: str) -> list[str]:
    """Which kinds of characters that are no text stand in it; mostly none."""
    if not _ANY.search(text):
        return []
    return [kind for kind, pattern in _EACH.items() if pattern.search(text)]


def script_letters(text: str) -> Counter[str]:
    """Return the number of letters of each script, such as `Latin`, at the beginning of a text."""
    counts: Counter[str] = Counter()
    if text.isascii():
        if letters := len(text[:_LOOK].encode().translate(None, _NO_LATIN_LETTER)):
            counts["Latin"] = letters
        return counts
    for character, times in Counter(text[:_LOOK]).items():
        counts[_scripts[character]] += times
    del counts[""]
    return counts


_NO_LATIN_LETTER = bytes(code for code in range(128) if not chr(code).isalpha())


class _Scripts(dict[str, str]):
    """The script of each character that was met, empty for one that is no letter."""

    def __missing__(self, character: str) -> str:
        self[character] = name = _script_of(character)
        return name


def _script_of(character: str) -> str:
    if not character.isalpha():
        return ""
    # Wide and mathematical letters are those of their script.
    plain = unicodedata.normalize("NFKC", character)[0]
    first = re.split("[ -]", unicodedata.name(plain, ""))[0]
    return _TOGETHER.get(first, first.capitalize())


_scripts = _Scripts()
