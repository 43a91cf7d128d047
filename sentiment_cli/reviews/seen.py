"""Which reviews were looked at, known by hashes alone."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.reviews.split import rank

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_cli.reviews.corpus import Review


class Seen:
    """Passes reviews on, and keeps a hash of each.

    Args:
        reviews: what is passed on, once.
    """

    def __init__(self, reviews: Iterable[Review]) -> None:
        self._reviews = reviews
        self._hashes: list[int] = []

    def __iter__(self) -> Iterator[Review]:
        for review in self._reviews:
            self._hashes.append(rank(review.text, 0))
            yield review

    @property
    def hashes(self) -> NDArray[np.uint64]:
        """A hash of each review so far, in order, (N,)."""
        return np.array(self._hashes, dtype=np.uint64)


def set_hash(hashes: NDArray[np.uint64]) -> str:
    """Return a hash of reviews as a set, whatever their order."""
    return sha256(np.sort(hashes).astype("<u8").tobytes()).hexdigest()[:32]
