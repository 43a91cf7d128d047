"""What every network must beat to have earned its minutes, on the same split."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.network.linear import KINDS
from sentiment_cli.reviews.split import Part
from sentiment_cli.training.linear.baselines import linear_baselines

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.rows import Progress

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
    models = linear_baselines(experiment, corpus=corpus, progress=progress).models
    rows, members = corpus.rows, corpus.members(Part.TEST)
    labels, hashes = rows.labels[members].astype(np.int64), rows.hashes[members]
    training = np.array(corpus.counts(Part.TRAINING), dtype=np.float64)
    probabilities = {
        name: softmax(np.concatenate([model(*batch) for batch in corpus.keys(members)]), axis=1)
        for name, model in models.items()
    }
    probabilities[MAJORITY] = np.tile(training / training.sum(), (len(labels), 1))
    return {name: Scores(labels, own, hashes) for name, own in probabilities.items()}
