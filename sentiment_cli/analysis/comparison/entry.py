"""One line of a comparison: a contestant or a baseline, and its answers under each seed."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.analysis.statistics.crossed import Estimate, Sample, mean
from sentiment_cli.analysis.statistics.figures import FIGURES, SHARES, review_values
from sentiment_cli.errors import SentimentError
from sentiment_cli.runs.durable import environment_faults
from sentiment_cli.runs.reader import HISTORY, METRICS, NGRAMS, TIMING
from sentiment_cli.runs.verified import read_text, read_verified

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.analysis.comparison.scores import Scores

_READ = ("config.json", "model.safetensors", "tokenizer.json", NGRAMS)
"""What a prediction reads of a run folder; the last only with n-gram inputs."""


@dataclass(frozen=True, slots=True)
class Measured:
    """A run that is trained and measured.

    Args:
        seed: of the experiment.
        folder: of the run.
        scores: its answers to the test reviews.
    """

    seed: int
    folder: Path
    scores: Scores

    def metrics(self) -> dict[str, Any]:
        """Return what the run's metrics.json holds."""
        content: dict[str, Any] = json.loads(read_verified(self.folder, [METRICS])[METRICS])
        return content

    def timing(self) -> dict[str, Any]:
        """Return what its timing.json holds; nothing of a run that was stopped in between, whose
        seconds are not those of a whole training."""
        try:
            content: dict[str, Any] = json.loads(read_text(self.folder / TIMING))
        except (SentimentError, ValueError):
            return {}
        whole = isinstance(content, dict) and content.get("resumed_at") == 0
        return content if whole else {}

    def history(self) -> list[dict[str, Any]]:
        """Return a record an epoch."""
        try:
            lines = read_text(self.folder / HISTORY).splitlines()
            records = [json.loads(line) for line in lines]
        except (SentimentError, ValueError):
            return []
        return records if all(map(_is_epoch, records)) else []

    def file_bytes(self) -> int:
        """Return how much a prediction reads of the folder."""
        with environment_faults("read", self.folder):
            files = [self.folder / name for name in _READ]
            return sum(file.stat().st_size for file in files if file.exists())


def _is_epoch(record: object) -> bool:
    """Whether a line of history.jsonl, which no manifest covers, is as training writes it."""
    return (
        isinstance(record, dict)
        and isinstance(record.get("epoch"), int)
        and isinstance(record.get("validation_accuracy"), float)
    )


@dataclass(frozen=True)
class Entry:
    """A contestant with its runs, or a baseline.

    Args:
        name: as it is told apart.
        kind: `network`, `linear` or `majority`.
        scores: a seed each; a baseline has one.
        runs: of a network, a seed each.
    """

    name: str
    kind: str
    scores: Sequence[Scores]
    runs: Sequence[Measured] = ()

    @cached_property
    def samples(self) -> dict[str, Sample]:
        """Each figure's values by seed and review."""
        values = [review_values(own.labels, own.probabilities) for own in self.scores]
        fixed = self.kind != "network"
        return {
            name: Sample(np.stack([own[name] for own in values]), fixed, name in SHARES)
            for name in FIGURES
        }

    @property
    def right(self) -> NDArray[np.bool_]:
        """Whether each seed is right on each review, (S, N)."""
        return self.samples["accuracy"].values > 0

    def row(self) -> dict[str, Any]:
        """Return the entry's line of the table by its stable names, intervals over seeds and
        reviews."""
        figures: dict[str, Any] = {}
        for name, sample in self.samples.items():
            estimate = mean(sample)
            figures[name] = float(estimate.value)
            figures[f"{name}_interval"] = _within_bounds(name, estimate)
        timing = [run.timing() for run in self.runs]
        return {
            "name": self.name,
            "kind": self.kind,
            "seeds": len(self.runs),
            **figures,
            "parameters": _mean([run.metrics()["parameters"] for run in self.runs]),
            "seconds": _mean([own["seconds"] for own in timing if own]),
            "tokens_per_second": _mean([own["tokens_per_second"] for own in timing if own]),
            "cold_ms": _mean([own.cold_ms for own in self.scores if own.cold_ms > 0]),
            "file_bytes": _mean([run.file_bytes() for run in self.runs]),
        }


def _within_bounds(name: str, estimate: Estimate) -> list[float]:
    low, high = estimate.interval
    return [max(0.0, float(low)), float(high) if name == "log_loss" else min(1.0, float(high))]


def _mean(values: Sequence[float]) -> float | None:
    return float(np.mean(values)) if values else None
