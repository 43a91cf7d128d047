"""What every network must beat to have earned its minutes, on the same split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.network.linear import KINDS
from sentiment_cli.reviews.seen import Seen
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.tokenizer import plain_words
from sentiment_cli.training.linear.baselines import linear_baselines

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.prepare import Progress

MAJORITY = "majority"
BASELINES = {name: kind.title for name, kind in KINDS.items()} | {MAJORITY: "majority class"}
"""What each is called before people."""


def answers(experiment: Experiment, corpus: Corpus, *, progress: Progress) -> dict[str, Scores]:
    """Return the answers of the linear models, and of the classes' shares of the training reviews.

    Args:
        experiment: whose split it is.
        corpus: its reviews.
        progress: is told how far it has come.

    Raises:
        DataError: the source cannot be read, or changed meanwhile.
    """
    models = linear_baselines(experiment, progress=progress).models
    reviews = Seen(corpus.reviews(Part.TEST))
    read = [(review.label, plain_words(review.text)) for review in reviews]
    labels = np.array([label for label, _ in read], dtype=np.int64)
    words = [own for _, own in read]
    training = np.array(corpus.counts(Part.TRAINING), dtype=np.float64)
    probabilities = {name: softmax(model(words), axis=1) for name, model in models.items()}
    probabilities[MAJORITY] = np.tile(training / training.sum(), (len(labels), 1))
    return {name: Scores(labels, own, reviews.hashes) for name, own in probabilities.items()}
