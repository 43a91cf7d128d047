"""A finished run, measured once: its answers to the test reviews, and the wait for a first one."""

from __future__ import annotations

import subprocess
import sys
import time
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.inference.evaluation import evaluate
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.reviews.split import Part

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.corpus import Corpus

_REVIEW = "Crunchy to the last spoon, and not too sweet: my children ask for it every morning."
_TRIES = 3


def measure(
    run: Path, corpus: Corpus, *, device: DeviceChoice | None, advance: Callable[[int], None]
) -> Scores:
    """Return a run's answers to the test reviews of its corpus.

    Raises:
        ModelError: the run folder is damaged.
        DataError: a source changed meanwhile.
    """
    predictor, reviews = Predictor.load(run, device=device), corpus.reviews(Part.TEST)
    found = evaluate(predictor, reviews, baselines={}, advance=advance)
    return Scores(found.labels, found.probabilities, found.hashes, cold_ms(run))


def cold_ms(run: Path) -> float:
    """Return the milliseconds from nothing to the answer to one review, the best of three."""
    command = [sys.executable, "-m", "sentiment_cli", "predict", "--run", str(run), _REVIEW]
    seconds = []
    for _ in range(_TRIES):
        began = time.perf_counter()
        done = subprocess.run(command, capture_output=True, check=False)
        seconds.append(time.perf_counter() - began if done.returncode == 0 else np.nan)
    return 1000 * min(seconds)
