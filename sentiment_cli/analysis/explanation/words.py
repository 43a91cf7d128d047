"""A review's words as they stand in its text, each with the token that the network reads for it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from sentiment_cli.inference.predictor import encodable
from sentiment_cli.network.architecture import UNK
from sentiment_cli.reviews.tokenizer import ENTITIES, INVISIBLE

if TYPE_CHECKING:
    from sentiment_cli.reviews.tokenizer import Encoded, ReviewTokenizer

_BREAK = re.compile(r"<br\s*/?>?", re.IGNORECASE)
_ENTITY = re.compile("|".join(ENTITIES))
_INVISIBLE = re.compile(f"{INVISIBLE}*")
_LONGEST_ENTITY = max(map(len, ENTITIES))
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Words:
    """A review's L words: pieces of them where the tokenizer knows pieces, and marks.

    Args:
        text: the whole review.
        read: the tokens that the network reads.
        spans: where each begins and ends in the text, in order. Two may share a place, where one
            character is read as several tokens.
        shown: each as it stands there.
    """

    text: str
    read: Encoded
    spans: tuple[Span, ...]
    shown: tuple[str, ...]

    @property
    def gaps(self) -> list[str]:
        """What stands before each word, and behind the last: nothing, a space, or ` … ` for a cut.

        Markup that the network does not read is a space.
        """
        gaps, place = [], 0
        for start, end in (*self.spans, (len(self.text), len(self.text))):
            between = _BREAK.sub(" ", self.text[place:start])
            cut = any(letter.isalnum() for letter in between)
            gaps.append(" … " if cut else " " if between else "")
            place = max(place, end)
        return gaps

    @property
    def unknown(self) -> list[int]:
        """Those that the vocabulary lacks, which the network reads as one and the same word."""
        return [t for t, token in enumerate(self.read.ids.tolist()) if token == UNK]


def find_words(tokenizer: ReviewTokenizer, text: str) -> Words:
    """Return the words of a review; a text that has none is one unknown word."""
    text = encodable(text)
    read, places = tokenizer.encode_in_place(text)
    spans = tuple(_mended(text, place) for place in places) or ((0, len(text)),)
    return Words(text, read, spans, tuple(text[start:end] for start, end in spans))


def _mended(text: str, place: Span) -> Span:
    """Return the place of what a person reads there.

    The tokenizer gives an entity the place of its last character, and a word after a line break
    that of the break's last character too; a piece may begin with the space before it. A variation
    selector behind an emoji has no place.
    """
    start, end = place
    if invisible := _INVISIBLE.match(text, end):
        end = invisible.end()
    if text[start:end].startswith(";"):
        for entity in _ENTITY.finditer(text, max(0, start - _LONGEST_ENTITY), start + 1):
            if entity.end() == start + 1:
                return entity.start(), end
    if end - start > 1 and text[start] == ">":
        start += 1
    found = text[start:end]
    return start + len(found) - len(found.lstrip()) if found.strip() else start, end
