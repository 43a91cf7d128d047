"""Number the words of many texts in one pass, before there is a vocabulary.

Words get numbers in the order in which they are first met. Once all texts are read, the numbers are
replaced by token ids: a lookup in an array. So a source is read and tokenised once, although the
vocabulary depends on all of its training reviews.

Axes: N reviews, T words of all of them, W different words.
"""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_cli.network.ngrams import word_key
from sentiment_cli.reviews.chunk_table import ChunkTable
from sentiment_cli.reviews.tokenizer import join_chunks, plain_words, split_words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_cli.network.ngrams import Keys
    from sentiment_cli.reviews.tokenizer import Kind


class Pieces(NamedTuple):
    """What each of W words stands for: token ids, or keys of plain words.

    Args:
        values: the pieces of the first word, then those of the next, (P,).
        offsets: word w has the pieces from `offsets[w]` to `offsets[w + 1]`, (W + 1,).
    """

    values: NDArray[Any]
    offsets: NDArray[np.int64]

    @classmethod
    def of(cls, pieces: Sequence[Sequence[int]], dtype: type[np.generic]) -> Pieces:
        """Return the pieces of each word."""
        offsets = np.cumsum([0, *map(len, pieces)], dtype=np.int64)
        values = np.fromiter(chain.from_iterable(pieces), dtype, int(offsets[-1]))
        return cls(values, offsets)

    def __call__(
        self, words: NDArray[np.integer], lengths: NDArray[np.int64]
    ) -> tuple[NDArray[Any], NDArray[np.int64]]:
        """Replace the words of reviews by their pieces.

        Args:
            words: numbers of words, one review after the other, (T,).
            lengths: words of each review, (N,).

        Returns:
            The pieces, one review after the other, and how many each review has, (N,).
        """
        starts = self.offsets[words]
        counts = self.offsets[np.asarray(words) + 1] - starts  # (T,)
        if (counts == 1).all():
            return self.values[starts], lengths
        ends = np.append(0, np.cumsum(counts))  # pieces before each word
        places = np.repeat(starts - ends[:-1], counts) + np.arange(ends[-1])
        return self.values[places], np.diff(ends[np.append(0, np.cumsum(lengths))])


class WordNumbers:
    """Gives words numbers, from 0, in the order in which they are first met.

    Args:
        kind: of the tokenizer, whose rules say what a word is.
        lowercase: whether case is ignored.

    Attributes:
        words: the different words so far.
    """

    def __init__(self, kind: Kind, lowercase: bool) -> None:
        self.words: dict[str, int] = {}
        self._split = split_words(kind, lowercase)
        self._table = ChunkTable(self._numbers, words=kind == "word")

    def __call__(self, texts: Sequence[str]) -> tuple[NDArray[np.int32], NDArray[np.int64]]:
        """Return the numbers of the words of texts, (T,), and the words of each text, (N,)."""
        return self._table.flat([join_chunks(text) for text in texts])

    def _numbers(self, chunks: list[str]) -> list[list[int]]:
        words = self.words
        return [[words.setdefault(word, len(words)) for word in self._split(own)] for own in chunks]


def word_keys(texts: Sequence[str]) -> tuple[Keys, NDArray[np.int64]]:
    """Return the keys of the plain words of texts, (T,), and the number of words of each, (N,)."""
    words = [plain_words(text) for text in texts]
    lengths = np.array([len(own) for own in words], np.int64)
    keys = np.fromiter(map(word_key, chain.from_iterable(words)), np.uint64, int(lengths.sum()))
    return keys, lengths
