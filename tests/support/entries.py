"""Lines of a comparison without a training: answers that are right as often as is asked."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sentiment_cli.analysis.comparison.entry import Entry, Measured
from sentiment_cli.analysis.comparison.scores import Scores


def scores(share: float, *, seed: int = 0, reviews: int = 2000) -> Scores:
    """Answers to two classes' reviews, of which about `share` are right."""
    rng = np.random.default_rng(seed)
    labels = np.arange(reviews) % 2
    right = rng.random(reviews) < share
    confidence = 0.5 + 0.49 * rng.random(reviews)
    positive = np.where(right == (labels == 1), confidence, 1 - confidence)
    hashes = np.arange(reviews, dtype=np.uint64)
    return Scores(labels, np.stack([1 - positive, positive], axis=1), hashes, cold_ms=100.0)


def entry(name: str, *shares: float, kind: str = "network", reviews: int = 2000) -> Entry:
    """An entry with a seed for each share, and without run folders."""
    first = sum(name.encode()) * 100
    own = [scores(share, seed=first + at, reviews=reviews) for at, share in enumerate(shares)]
    return Entry(name, kind, own)


def timed(name: str, folder: Path, *speeds: float, resumed_at: int = 0) -> Entry:
    """An entry whose runs tell how many tokens a second they read."""
    runs = []
    for seed, speed in enumerate(speeds):
        run = folder / f"{name}-{seed}"
        run.mkdir()
        timing = {"seconds": 1.0, "tokens_per_second": speed, "resumed_at": resumed_at}
        (run / "timing.json").write_text(json.dumps(timing))
        runs.append(Measured(seed, run, scores(0.9, seed=sum(name.encode()) * 100 + seed)))
    return Entry(name, "network", [run.scores for run in runs], runs)
