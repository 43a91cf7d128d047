"""Contractions, of which most files of vectors know the two parts alone."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from sentiment_cli.training.vectors.words import Found

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# As the Penn Treebank cuts them, and with it GloVe: ca|n't, movie|'s, they|'ve.
_CONTRACTION = re.compile(r"(\w+)(n't|'(?:s|m|d|ve|re|ll))", re.IGNORECASE)


def with_contractions(look_up: Callable[[Sequence[str]], Found], words: Sequence[str]) -> Found:
    """Return what `look_up` finds, and the mean of its parts for a contraction that is not found.

    Args:
        look_up: of the vectors.
        words: by id; empty ones want no vector.
    """
    cut = {
        i: match.groups() for i, word in enumerate(words) if (match := _CONTRACTION.fullmatch(word))
    }
    place = {word: i for i, word in enumerate(words) if word}
    further: list[str] = []
    for part in (part for parts in cut.values() for part in parts):
        if part not in place:
            place[part] = len(words) + len(further)
            further.append(part)
    found = look_up([*words, *further])
    vectors, known = found.vectors[: len(words)], found.known[: len(words)].copy()
    for i, parts in cut.items():
        both = [place[part] for part in parts]
        if not found.known[i] and found.known[both].all():
            vectors[i] = found.vectors[both].mean(axis=0)
            known[i] = True
    return Found(vectors, known, found.broken, found.first_broken)
