"""Token ids on disk: a part of a corpus, tokenised once and memory-mapped ever after.

A part is four flat files: `tokens` (int32, one review after the other), `offsets` (int64, where
each review begins and the last one ends), `labels` (int64) and `hashes` (uint64).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from numpy.typing import NDArray


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

    def select(self, indices: NDArray[np.intp]) -> TokenDataset:
        """Return some of the reviews, in memory."""
        tokens = [self[i] for i in indices.tolist()]
        offsets = np.append(0, np.cumsum(self.lengths[indices]))
        return TokenDataset(
            np.concatenate([self.tokens[:0], *tokens]),
            offsets,
            self.labels[indices],
            self.hashes[indices],
        )

    @classmethod
    def open(cls, folder: Path, name: str) -> TokenDataset:
        """Map the part that `write_tokens` wrote as `name`; the processes of a host share it."""
        return cls(
            mapped(folder / f"{name}.tokens", np.int32),
            mapped(folder / f"{name}.offsets", np.int64),
            mapped(folder / f"{name}.labels", np.int64),
            mapped(folder / f"{name}.hashes", np.uint64),
        )


def mapped(path: Path, dtype: type[np.generic]) -> NDArray[Any]:
    """Return the array in a file, mapped into memory."""
    if not path.stat().st_size:  # cannot be mapped
        return np.zeros(0, dtype)
    return np.asarray(np.memmap(path, dtype=dtype, mode="r"))


def write_tokens(
    folder: Path,
    name: str,
    chunks: Iterable[tuple[NDArray[np.int32], NDArray[np.int64]]],
    *,
    labels: NDArray[np.int64],
    hashes: NDArray[np.uint64],
) -> None:
    """Write the four files of a part.

    Args:
        folder: Folder of the files.
        name: Name of the part.
        chunks: Token ids of some reviews, one review after the other, (t,), and the number of
            tokens of each review, (n,).
        labels: Class of each review, (N,).
        hashes: Hash of each normalised text, (N,).
    """
    lengths = [np.zeros(1, np.int64)]
    with (folder / f"{name}.tokens").open("wb") as file:
        for ids, own in chunks:
            file.write(np.ascontiguousarray(ids, np.int32).data)
            lengths.append(own)
    np.cumsum(np.concatenate(lengths)).tofile(folder / f"{name}.offsets")
    labels.astype(np.int64).tofile(folder / f"{name}.labels")
    hashes.astype(np.uint64).tofile(folder / f"{name}.hashes")
