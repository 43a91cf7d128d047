"""Token ids on disk: a part of a corpus, tokenised once and memory-mapped ever after.

A part is three flat files: `tokens` (int32, one review behind the other), `offsets` (int64, where
each review begins and the last one ends) and `labels` (int64).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.reviews.corpus import chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
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
    """

    tokens: NDArray[np.int32]
    offsets: NDArray[np.int64]
    labels: NDArray[np.int64]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> NDArray[np.int32]:
        return self.tokens[self.offsets[index] : self.offsets[index + 1]]

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each review, shape (N,)."""
        return np.diff(self.offsets)

    @classmethod
    def open(cls, folder: Path, name: str) -> TokenDataset:
        """Map the part that `write_tokens` wrote as `name`; the processes of a host share it."""

        def mapped(kind: str, dtype: type[np.generic]) -> NDArray[Any]:
            return np.asarray(np.memmap(folder / f"{name}.{kind}", dtype=dtype, mode="r"))

        return cls(
            mapped("tokens", np.int32), mapped("offsets", np.int64), mapped("labels", np.int64)
        )


def write_tokens(
    reviews: Iterable[Review],
    tokenizer: ReviewTokenizer,
    folder: Path,
    name: str,
    *,
    advance: Callable[[int], None],
) -> None:
    """Tokenise reviews, on all cores, into the three files of a part.

    Args:
        reviews: the part's reviews; read in constant memory.
        tokenizer: the trained tokenizer.
        folder: where the files are written.
        name: of the part.
        advance: told how many reviews were written since the last call.
    """
    lengths: list[int] = [0]
    labels: list[int] = []
    with (folder / f"{name}.tokens").open("wb") as file:
        for chunk in chunks(reviews, _CHUNK):
            encoded = [ids for ids, _ in tokenizer.encode([review.text for review in chunk])]
            file.write(np.concatenate(encoded).tobytes())
            lengths += map(len, encoded)
            labels += [review.label for review in chunk]
            advance(len(chunk))
    np.cumsum(lengths, dtype=np.int64).tofile(folder / f"{name}.offsets")
    np.array(labels, dtype=np.int64).tofile(folder / f"{name}.labels")
