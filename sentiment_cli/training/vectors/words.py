"""Which of the words that come with a vector stand in a vocabulary."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.network.architecture import UNK

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from numpy.typing import NDArray

    from sentiment_cli.reviews.tokenizer import ReviewTokenizer

_FOLDED, _EXACT = 1, 2


@dataclass(frozen=True, slots=True)
class Found:
    """Vectors for the words of a vocabulary.

    Args:
        vectors: zero where none was found, (V, E).
        known: whether one was found, (V,).
        broken: lines of the file that could not be read.
        first_broken: where the first of them stands, and what is wrong with it.
    """

    vectors: NDArray[np.float32]
    known: NDArray[np.bool_]
    broken: int = 0
    first_broken: str = ""


class Wanted:
    """The words of a vocabulary that still look for a vector.

    A word takes the vector of its own spelling; where there is none, that of the first word which
    differs by case alone: vocabularies are often lower case where vectors are not, and the other
    way round.

    Args:
        words: by id; an empty text wants no vector.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self._exact = {word: index for index, word in enumerate(words) if word}
        self._folded: dict[str, list[int]] = {}
        for word, index in self._exact.items():
            self._folded.setdefault(word.lower(), []).append(index)
        self._found = np.zeros(len(words), dtype=np.uint8)

    @property
    def known(self) -> NDArray[np.bool_]:
        """Whether each word has taken a vector, (V,)."""
        return self._found > 0

    def ids_for(self, word: str) -> list[int]:
        """Return the ids that a word's vector would be the best for so far."""
        own = self._exact.get(word, -1)
        near = self._folded.get(word.lower(), ())
        return [i for i in near if self._found[i] < (_EXACT if i == own else _FOLDED)]

    def take(self, word: str, ids: Sequence[int]) -> None:
        """Note that `ids`, which `ids_for` returned, have taken the word's vector."""
        own = self._exact.get(word, -1)
        for i in ids:
            self._found[i] = _EXACT if i == own else _FOLDED


def spelled(tokenizer: ReviewTokenizer, kind: Literal["word", "bpe"]) -> list[str]:
    """Return each token as a file of vectors would spell it; empty for what is no word or mark."""
    tokens = tokenizer.tokens(range(tokenizer.vocab_size))
    tokens[: UNK + 1] = [""] * (UNK + 1)
    return tokens if kind == "word" else [_spelled_piece(token) for token in tokens]


def _spelled_piece(piece: str) -> str:
    """Return a piece without the space before it; empty for the inner piece of a word."""
    is_inner = piece[:1].isalnum() and piece.lower() != "n't"
    return "" if is_inner else piece.removeprefix(" ")
