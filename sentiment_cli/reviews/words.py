"""The words of words.toml, by which columns and labels are recognised."""

from __future__ import annotations

import tomllib
import unicodedata
from pathlib import Path
from typing import Any

WORDS: dict[str, Any] = tomllib.loads(
    Path(__file__).with_suffix(".toml").read_text(encoding="utf-8")
)


def plain(text: str) -> str:
    """Return a text without accents."""
    return "".join(c for c in unicodedata.normalize("NFKD", text) if not unicodedata.combining(c))


def plain_words(words: str) -> list[str]:
    """Return the words of a line, without case and accents; "_" joins several words."""
    return [word.replace("_", " ") for word in plain(words).casefold().split()]
