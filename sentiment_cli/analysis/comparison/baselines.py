"""What every network must beat to have earned its minutes, on the same split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.reviews.seen import Seen
from sentiment_cli.reviews.split import Part

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.corpus import Corpus


def _majority(_: Experiment, corpus: Corpus) -> Scores:
    """Answers that know the classes' shares of the training reviews alone."""
    reviews = Seen(corpus.reviews(Part.TEST))
    labels = np.array([review.label for review in reviews], dtype=np.int64)
    training = np.array(corpus.counts(Part.TRAINING), dtype=np.float64)
    shares = training / training.sum()
    return Scores(labels, np.tile(shares, (len(labels), 1)), reviews.hashes)


BASELINES = {"majority": _majority}
"""How each baseline answers the test reviews, by its kind."""
