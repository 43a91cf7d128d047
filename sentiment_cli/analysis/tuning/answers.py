"""A run's answers to the validation reviews: one half of these chooses, the other half judges."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli import metrics
from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.errors import DataError
from sentiment_cli.inference.evaluation import evaluate
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.reviews.split import Part

if TYPE_CHECKING:
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.corpus import Corpus

_FEWEST = 4  # reviews of a half


def answers(run: Path, corpus: Corpus, *, device: DeviceChoice | None) -> Scores:
    """Return a run's answers, or those of its newest checkpoint, to all validation reviews.

    Raises:
        ModelError: the run folder is damaged.
        DataError: a source changed meanwhile.
    """
    predictor = Predictor.load(run, device=device)
    found = evaluate(
        predictor, corpus.reviews(Part.VALIDATION), baselines={}, advance=lambda _: None
    )
    return Scores(found.labels, found.probabilities, found.hashes)


def choosing_loss(scores: Scores) -> float:
    """Return the log loss on the half that chooses.

    Raises:
        DataError: there are too few reviews to halve.
    """
    half = ~judging_half(scores.hashes)
    return float(metrics.log_loss(scores.labels[half], scores.probabilities[half]))


def judging_half(hashes: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which reviews judge, (N,): a half by hash, so that equal ones stay together.

    Raises:
        DataError: one of the halves would have next to no review.
    """
    half: NDArray[np.bool_] = hashes % np.uint64(2) == 1
    if min(half.sum(), (~half).sum()) < _FEWEST:
        raise DataError(
            f"{len(half)} validation reviews are too few: one half chooses, the other judges",
            hint="give more, with --set data.validation_fraction=0.3 or --set data.validation=FILE",
        )
    return half
