"""Parts of a corpus read as one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_cli.reviews.dataset import TokenDataset


class Reviews(Protocol):
    """N reviews as token ids, and what they teach."""

    @property
    def lengths(self) -> NDArray[np.int64]:
        """Tokens of each review, (N,)."""
        ...

    @property
    def labels(self) -> NDArray[Any]:
        """Class of each review, (N,), or how probable each class is, (N, C)."""
        ...

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> NDArray[np.int32]: ...


class Joined:
    """The reviews of some parts, one part behind the other.

    Args:
        parts: token ids; their labels are never read.
    """

    def __init__(self, parts: Sequence[TokenDataset]) -> None:
        self.parts = parts
        self._begins = np.cumsum([0, *map(len, parts)])
        self.lengths = np.concatenate([part.lengths for part in parts])
        """Tokens of each review, (N,)."""

    def __len__(self) -> int:
        return len(self.lengths)

    def __getitem__(self, index: int) -> NDArray[np.int32]:
        part = int(np.searchsorted(self._begins, index, "right")) - 1
        return self.parts[part][index - int(self._begins[part])]
