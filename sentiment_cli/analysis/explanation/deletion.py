"""Does an explanation name the words that the answer rests on? They go, and they alone stay.

Letters: L words of a review, M orders of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.judge import Judge, Values
    from sentiment_cli.network.replay import Ids

SHARES = (0.01, 0.05, 0.1, 0.2, 0.5)
"""Of a review's words, rounded up to whole words."""

DRAWS = 10
"""Random orders that chance is judged by."""


class Deletion(NamedTuple):
    """Probability that the answer loses, averaged over SHARES.

    DeYoung et al., ERASER: A Benchmark to Evaluate Rationalized NLP Models, ACL 2020, section 4.

    Args:
        comprehensiveness: without the words that an order names first. The higher, the more the
            answer rests on them.
        sufficiency: with these words alone. The lower, the more they suffice for the answer.
    """

    comprehensiveness: float
    sufficiency: float


class Deletions(NamedTuple):
    """One review's scores.

    Args:
        methods: of each method's order.
        random: of DRAWS orders by chance.
        last: of the order that names the last word first.
    """

    methods: dict[str, Deletion]
    random: tuple[Deletion, ...]
    last: Deletion

    @property
    def chance(self) -> Deletion:
        """The mean of the random orders."""
        return Deletion(*np.mean(self.random, axis=0).tolist())

    def beaten(self, method: str) -> int:
        """Return how many random orders name words that are missed less than the method's."""
        own = self.methods[method].comprehensiveness
        return sum(own > other.comprehensiveness for other in self.random)


def deletions(
    judge: Judge, ids: Ids, answer: int, methods: dict[str, Values], seed: int = 0
) -> Deletions:
    """Score how the methods order a review's words.

    Args:
        judge: the classifier.
        ids: the review, (L,).
        answer: its answer's class.
        methods: each word's value, (L,); the highest is named first.
        seed: of the random orders.
    """
    chance = np.random.default_rng(seed)
    orders = [np.argsort(-values, kind="stable") for values in methods.values()]
    orders += [np.arange(len(ids))[::-1]]
    orders += [chance.permutation(len(ids)) for _ in range(DRAWS)]
    scores = _scores(judge, ids, answer, orders)
    named = dict(zip(methods, scores, strict=False))
    return Deletions(named, tuple(scores[len(named) + 1 :]), scores[len(named)])


def _scores(
    judge: Judge, ids: Ids, answer: int, orders: Sequence[NDArray[np.intp]]
) -> list[Deletion]:
    sizes = [int(np.ceil(share * len(ids))) for share in SHARES]
    named = [np.sort(order[:size]) for order in orders for size in sizes]
    rest = [np.delete(ids, words) for words in named]
    alone = [ids[words] for words in named]
    probabilities = judge([ids, *rest, *alone])[:, answer]
    lost = (probabilities[0] - probabilities[1:]).reshape(2, len(orders), len(sizes)).mean(axis=2)
    return [Deletion(*pair) for pair in lost.T.tolist()]
