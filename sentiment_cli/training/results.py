"""What a training came to on its validation reviews, calibrated, beside the linear models."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import softmax

from sentiment_cli import metrics
from sentiment_cli.runs.prediction_config import Blend
from sentiment_cli.training.calibration import fit_blend, fit_temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_cli.network.linear import LinearModel
    from sentiment_cli.training.baselines import Baselines


class Judged(NamedTuple):
    """A network, or a blend, on the validation reviews.

    Args:
        temperature: what the network's logits are divided by.
        weight: what the linear model's logits are multiplied by; None for a network alone.
        figures: for metrics.json.
    """

    temperature: float
    weight: float | None
    figures: dict[str, Any]

    def blend(self, linear: LinearModel | None) -> Blend | None:
        """Return the part of config.json that tells of the linear model, where it answers too."""
        if linear is None or self.weight is None:
            return None
        return Blend(ngrams=len(linear.keys), weight=self.weight)


def judge(
    labels: NDArray[np.int64], logits: NDArray[np.float32], baselines: Baselines, *, blend: bool
) -> Judged:
    """Calibrate a network on the validation reviews, and measure it there.

    Args:
        labels: true classes, (N,).
        logits: of the network, (N, C).
        baselines: whose logits of the same reviews are known.
        blend: whether the NB-weighted model answers too.
    """
    alone = fit_temperature(labels, logits)
    network = _probabilities(logits, alone)
    figures: dict[str, Any] = {}
    temperature, weight, after = alone, None, network
    if blend:
        nb = baselines.validation["nb_weighted"]
        temperature, weight = fit_blend(labels, logits, nb)
        after = _probabilities(logits, temperature, weight * nb)
        figures |= {"blend_weight": weight, "network": metrics.score(labels, network)}
    before = _probabilities(logits, 1.0)
    intervals = metrics.intervals(labels, after)
    figures |= {
        "temperature": temperature,
        "uncalibrated": {
            "log_loss": metrics.log_loss(labels, before),
            "calibration_error": metrics.calibration_error(labels, before),
        },
        "validation": metrics.score(labels, after)
        | {f"{name}_interval": interval for name, interval in intervals.items()},
        "baseline_key": baselines.key,
        "baseline": {
            name: metrics.beside(labels, after, softmax(linear, axis=1))
            for name, linear in baselines.validation.items()
        },
    }
    return Judged(temperature, weight, figures)


def _probabilities(
    logits: NDArray[np.float32], temperature: float, added: NDArray[np.float64] | float = 0.0
) -> NDArray[np.float64]:
    found: NDArray[np.float64] = softmax(logits.astype(np.float64) / temperature + added, axis=1)
    return found
