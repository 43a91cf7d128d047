"""A classifier's answers to the test reviews, kept without a text of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from safetensors import SafetensorError
from safetensors.numpy import load, save

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.durable import replace_file

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

TEST = "test.safetensors"


@dataclass(frozen=True, slots=True)
class Scores:
    """The answers of one classifier to N test reviews.

    Args:
        labels: true classes, (N,).
        probabilities: of every class, (N, C).
        hashes: of the reviews, (N,), as `reviews.split.text_hash` makes them.
        cold_ms: milliseconds from nothing to the answer to one review; not a number where that was
            not measured.
    """

    labels: NDArray[np.int64]
    probabilities: NDArray[np.float64]
    hashes: NDArray[np.uint64]
    cold_ms: float = np.nan

    def save(self, path: Path) -> None:
        """Write them as safetensors, whole or not at all.

        Raises:
            EnvironmentFault: the disk refuses.
        """
        arrays: dict[str, Any] = {
            "labels": self.labels,
            "probabilities": self.probabilities,
            "hashes": self.hashes,
            "cold_ms": np.array([self.cold_ms]),
        }
        replace_file(path, save(arrays))

    @classmethod
    def load(cls, path: Path) -> Scores | None:
        """Return what was saved, or None where that is missing or damaged."""
        try:
            arrays = load(path.read_bytes())
            return cls(
                arrays["labels"],
                arrays["probabilities"],
                arrays["hashes"],
                float(arrays["cold_ms"][0]),
            )
        except (OSError, SafetensorError, KeyError, IndexError):
            return None


def kept(path: Path) -> Scores:
    """Return answers that must be there.

    Raises:
        EnvironmentFault: they are gone since they were kept.
    """
    scores = Scores.load(path)
    if scores is None:
        raise EnvironmentFault(f"{path} is gone", hint="run the command again: it is made anew")
    return scores
