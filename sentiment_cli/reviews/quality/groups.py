"""Rows that belong together, found by sorting."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Groups:
    """Rows with equal keys, group by group.

    Args:
        rows: the numbers of all rows, group behind group, in their order within each, (N,).
        starts: where each group begins in `rows`, (G,).
    """

    rows: NDArray[np.int64]
    starts: NDArray[np.int64]

    @classmethod
    def of(cls, keys: NDArray[np.generic], rows: NDArray[np.int64]) -> Groups:
        """Group `rows`, (N,), which ascend, by `keys`, (N,)."""
        order = np.argsort(keys, kind="stable")
        ordered = keys[order]
        new = np.ones(len(keys), dtype=bool)
        new[1:] = ordered[1:] != ordered[:-1]
        return cls(rows[order], np.flatnonzero(new))

    @property
    def sizes(self) -> NDArray[np.int64]:
        """Rows of each group, (G,)."""
        return np.diff(self.starts, append=len(self.rows))

    @property
    def firsts(self) -> NDArray[np.int64]:
        """The first row of each group, (G,)."""
        return self.rows[self.starts]

    def where(self, wanted: NDArray[np.bool_]) -> Groups:
        """The groups of which `wanted`, (G,), is true."""
        sizes = self.sizes
        return Groups(
            self.rows[np.repeat(wanted, sizes)],
            np.cumsum(sizes[wanted]) - sizes[wanted],
        )

    def repeated(self) -> Groups:
        """The groups of two rows or more."""
        return self.where(self.sizes > 1)

    def mixed(self, classes: NDArray[np.int64]) -> Groups:
        """The groups whose rows are of more than one class; `classes` is that of every row."""
        if not len(self.rows):
            return self
        own = classes[self.rows]
        least, most = (edge.reduceat(own, self.starts) for edge in (np.minimum, np.maximum))
        return self.where(least < most)

    def votes(self, classes: NDArray[np.int64], number: int) -> NDArray[np.int64]:
        """The class of most rows of each group, (G,), of so many classes; of equals the first."""
        member = np.repeat(np.arange(len(self.starts)), self.sizes)
        counts = np.bincount(
            member * number + classes[self.rows], minlength=len(self.starts) * number
        )
        return counts.reshape(len(self.starts), number).argmax(axis=1) if number else member

    def earliest(self, number: int) -> list[list[int]]:
        """Return the rows of at most `number` groups: those whose second row comes first."""
        ends = self.starts + self.sizes
        second = self.rows[np.minimum(self.starts + 1, ends - 1)]
        return [
            self.rows[self.starts[group] : ends[group]].tolist()
            for group in np.argsort(second, kind="stable")[:number]
        ]
