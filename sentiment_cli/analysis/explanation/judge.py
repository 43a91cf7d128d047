"""The classifier as an explanation asks it: many variants of one review, in NumPy.

Letters: N variants, L words of the review, C classes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from threadpoolctl import threadpool_limits

from sentiment_cli.network.architecture import UNK
from sentiment_cli.network.variants import VariantReplay

if TYPE_CHECKING:
    from collections.abc import Sequence
    from contextlib import AbstractContextManager

    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.replay import Ids, Trace

Values = NDArray[np.float64]


def alone() -> AbstractContextManager[object]:
    """Return a context in which each product is NumPy's on one core.

    Products of this size gain little from a second core, and wait long for one that is busy.
    """
    limits: AbstractContextManager[object] = threadpool_limits(1, user_api="blas")
    return limits


class Judge:
    """Token ids in, calibrated probabilities out.

    Args:
        predictor: the classifier.
    """

    def __init__(self, predictor: Predictor) -> None:
        self.predictor = predictor
        self.replay = VariantReplay(
            predictor.engine.architecture, predictor.engine.weights, predictor.engine.table
        )

    def __call__(self, sequences: Sequence[Ids]) -> Values:
        """Return the probability of every class, (N, C).

        Of a review without a word, as everywhere, one unknown word is read.
        """
        nothing = np.array([UNK], np.int32)
        with np.errstate(all="ignore"):
            logits = self.replay([ids if len(ids) else nothing for ids in sequences])
        return self.predictor.calibrated(logits)

    def trace(self, ids: Ids) -> tuple[Values, Trace]:
        """Read a review; return the probabilities (C,) and all that happened on the way."""
        with np.errstate(all="ignore"):
            trace = self.replay.trace(ids)
        return self.predictor.calibrated(trace.logits[np.newaxis])[0], trace

    def running(self, ids: Ids, answer: int) -> Values:
        """Return the probability of the class `answer` had the review ended at each word, (L,).

        In two directions the review is read anew from each such end.
        """
        return self([ids[:end] for end in range(1, len(ids) + 1)])[:, answer]

    def contributed(self, ids: Ids, answer: int) -> Values:
        """Return what each word adds to the probability of the class `answer`, (L,).

        The probability of the whole review less that of the review without the word. A word that
        speaks against the answer has a negative value; what two words say alike, neither adds.

        Li, Monroe and Jurafsky, Understanding Neural Networks through Representation Erasure,
        arXiv:1612.08220 (2016).
        """
        rest = [np.delete(ids, word) for word in range(len(ids))]
        whole, *without = self([ids, *rest])[:, answer]
        return np.array([whole - other for other in without])
