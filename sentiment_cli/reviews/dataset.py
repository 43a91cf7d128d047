"""Token ids on disk: a part of a corpus, tokenised once and memory-mapped ever after.

A part is four flat files: `tokens` (int32, one review after the other), `offsets` (int64, where
each review begins and the last one ends), `labels` (int64) and `hashes` (uint64).
"""

from __future__ import annotations

from array import array
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.reviews.corpus import chunks
from sentiment_cli.reviews.split import text_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.reviews.corpus import Review
    from sentiment_cli.reviews.tokenizer import ReviewTokenizer

_CHUNK = 2048  # reviews handed to the tokenizer at once


@dataclass(frozen=True, slots=True)
class TokenDataset:
    """Reviews as token ids.

    Args:
        tokens: all ids, one review behind the other, shape (sum of lengths,).
        offsets: review i is `tokens[offsets[i]:offsets[i + 1]]`, shape (N + 1,).
        labels: class of each review, shape (N,).
        hashes: of each review's normalised text; equal for copies, shape (N,).
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]
    hashes: NDArray[np.uint64]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> NDArray[np.int32]:
        return self.tokens[self.offsets[index] : self.offsets[index + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each review, shape (N,)."""
        return np.diff(self.offsets)

    def spans(self, tokens: int) -> Iterator[tuple[int, int]]:
        """Yield spans of reviews, from one number to before another, of about so many tokens."""
        start = 0
        while start < len(self):
            reach = self.offsets[start] + tokens
            end = max(start + 1, int(np.searchsorted(self.offsets, reach, "right")) - 1)
            yield start, end
            start = end

    @classmethod
    def open(cls, folder: Path, name: str) -> TokenDataset:
        """Map the part that `write_tokens` wrote as `name`; the processes of a host share it."""

        def mapped(kind: str, dtype: type[np.generic]) -> NDArray[Any]:
            return np.asarray(np.memmap(folder / f"{name}.{kind}", dtype=dtype, mode="r"))

        return cls(
            mapped("tokens", np.int32),
            mapped("offsets", np.int64),
            mapped("labels", np.int64),
            mapped("hashes", np.uint64),
        )


def write_tokens(
    reviews: Iterable[Review],
    tokenizer: ReviewTokenizer,
    folder: Path,
    name: str,
    *,
    advance: Callable[[int], None],
) -> None:
    """Tokenise reviews, on all cores, into the four files of a part.

    Args:
        reviews: the part's reviews; 24 bytes of each are in memory.
        tokenizer: the trained tokenizer.
        folder: where the files are written.
        name: of the part.
        advance: told how many reviews were written since the last call.
    """
    lengths, labels, hashes = array("q", [0]), array("q"), array("Q")
    with (folder / f"{name}.tokens").open("wb") as file:
        for chunk in chunks(reviews, _CHUNK):
            encoded = [ids for ids, _ in tokenizer.encode([review.text for review in chunk])]
            file.write(np.concatenate(encoded).tobytes())
            lengths.extend(map(len, encoded))
            labels.extend(review.label for review in chunk)
            hashes.extend(text_hash(review.text) for review in chunk)
            advance(len(chunk))
    np.cumsum(lengths, dtype=np.int64).tofile(folder / f"{name}.offsets")
    np.array(labels, dtype=np.int64).tofile(folder / f"{name}.labels")
    np.array(hashes, dtype=np.uint64).tofile(folder / f"{name}.hashes")
