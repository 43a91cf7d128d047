"""What each word is worth, by every method that can be asked.

Axes: L words, D directions.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.analysis.explanation.kept import kept_by_word

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.gradients import Integrated, IntegratedGradients
    from sentiment_cli.analysis.explanation.judge import Judge, Values
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.replay import Ids, Trace


@dataclass(frozen=True, slots=True)
class Attribution:
    """A review's words, each with its values.

    Args:
        kept: how much of each word is in the last layer's state at the end, (D, L).
        contributed: what the answer's probability loses without each word, (L,).
        gradients: the answer's log odds shared out among the words, where that was asked for.
    """

    kept: Values
    contributed: Values
    gradients: Integrated | None

    @property
    def methods(self) -> dict[str, Values]:
        """Return one value a word (L,) for each method, the most important highest."""
        found = {"kept": together(self.kept), "contributed": self.contributed}
        if self.gradients is not None:
            found["gradients"] = self.gradients.values
        return found


def attribute(
    judge: Judge, ids: Ids, trace: Trace, answer: int, gradients: IntegratedGradients | None
) -> Attribution:
    """Return what every word is worth to the class `answer`."""
    return Attribution(
        kept_by_word(judge.replay, trace),
        judge.contributed(ids, answer),
        None if gradients is None else gradients(ids, answer),
    )


def gradients_of(predictor: Predictor, *, wanted: bool) -> IntegratedGradients | None:
    """Return what computes integrated gradients, if wanted: torch is loaded for them alone."""
    if not wanted:
        return None
    from sentiment_cli.analysis.explanation.gradients import IntegratedGradients

    return IntegratedGradients(predictor)


def together(kept: Values) -> Values:
    """Return how much of each word both directions' ends hold (L,), of each one's (D, L)."""
    both: Values = np.sqrt(np.square(kept).mean(axis=0))
    return both
