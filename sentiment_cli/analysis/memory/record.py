"""What was measured of a run's memory, and its stable names."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from sentiment_cli.analysis.memory.planted import half_distance

if TYPE_CHECKING:
    from sentiment_cli.analysis.memory.fading import Distance
    from sentiment_cli.analysis.memory.half_life import HalfLife
    from sentiment_cli.analysis.memory.planted import Planted
    from sentiment_cli.analysis.memory.surgery import Surgery


@dataclass(frozen=True, slots=True)
class Curve:
    """The gradient by distance, and in how many words it falls to half."""

    distances: list[Distance]
    half_life: HalfLife


@dataclass(frozen=True, slots=True)
class Memory:
    """What was measured of one run.

    Args:
        run: its folder, or `bundled`.
        cell: `rnn`, `lstm` or `gru`.
        reviews: how many test reviews were read.
        trained: the gradient in the trained network.
        start: the same before training; None where it cannot be made again.
        planted: the planted phrase, the nearest first.
        surgery: the accuracy with gates held.
        notes: what the reader must know to read the figures rightly.
    """

    run: str
    cell: str
    reviews: int
    trained: Curve
    start: Curve | None
    planted: list[Planted]
    surgery: Surgery
    notes: list[str]

    def report(self) -> dict[str, Any]:
        """Return every figure by its stable name."""
        return {
            "run": self.run,
            "cell": self.cell,
            "reviews": self.reviews,
            **_half_life("half_life", self.trained),
            **_half_life("start_half_life", self.start),
            "gradient": [asdict(at) for at in self.trained.distances],
            "start_gradient": [asdict(at) for at in self.start.distances] if self.start else [],
            "planted": [asdict(at) for at in self.planted],
            "planted_half": half_distance(self.planted),
            "surgery": {
                "untouched": {"what": "untouched", "accuracy": self.surgery.accuracy},
                **{name: asdict(one) for name, one in self.surgery.altered.items()},
            },
            "notes": self.notes,
        }


def _half_life(name: str, curve: Curve | None) -> dict[str, Any]:
    words, interval = curve.half_life if curve else (None, None)
    return {name: words, f"{name}_interval": interval}
