"""What a training came to on its validation reviews, calibrated, beside the linear models."""

from __future__ import annotations

import json
import resource
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from scipy.special import softmax

from sentiment_cli import metrics
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.training.calibration import fit_blend, fit_temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.runs.prediction_config import Blend
    from sentiment_cli.training.linear.baselines import Baselines
    from sentiment_cli.training.linear.half import LinearHalf
    from sentiment_cli.training.loop import Loop


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


def judge(
    labels: NDArray[np.int64],
    logits: NDArray[np.float32],
    baselines: Baselines,
    half: LinearHalf | None,
) -> Judged:
    """Calibrate a network on the validation reviews, and measure it there.

    Args:
        labels: true classes, (N,).
        logits: of the network, (N, C).
        baselines: whose logits of the same reviews are known.
        half: the linear model that answers too, if one does.
    """
    alone = fit_temperature(labels, logits)
    network = _probabilities(logits, alone)
    figures: dict[str, Any] = {}
    temperature, weight, after = alone, None, network
    if half is not None:
        temperature, weight = fit_blend(labels, logits, half.validation, half.begun)
        after = _probabilities(logits, temperature, weight * half.validation)
        figures |= {
            "blend_weight": weight,
            "linear_init": half.begun is not None,
            "network": metrics.score(labels, network),
        }
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
        "baseline": metrics.beside(
            labels,
            after,
            {name: softmax(own, axis=1) for name, own in baselines.validation.items()},
            unconverged=[name for name, own in baselines.models.items() if not own.converged],
        ),
    }
    return Judged(temperature, weight, figures)


def came_to(experiment: Experiment, prepared: Prepared, loop: Loop) -> dict[str, Any]:
    """Return what a training read and how far it came, for metrics.json."""
    position = loop.position
    unlabelled = prepared.unlabelled
    return {
        "source": experiment.data.source,
        "cell": experiment.model.cell,
        "classes": list(prepared.classes),
        "reviews": prepared.counts,
        "unlabelled": None
        if unlabelled is None
        else {"reviews": len(unlabelled), "left_out": prepared.left_out},
        "teacher": experiment.training.teacher,
        "init": experiment.model.init,
        "vectors": position.vectors,
        "pretraining": position.pretraining,
        "vocabulary": prepared.tokenizer.vocab_size,
        "parameters": sum(p.numel() for p in loop.model.parameters()),
        "steps": position.step,
        "epochs": position.epoch,
        "best_epoch": position.best_epoch,
        "stopped_early": position.stopped_early,
    }


def took(
    seconds: float,
    *,
    pretraining: float | None,
    tokens: int,
    device: str,
    processes: int,
    resumed_at: int,
) -> dict[str, Any]:
    """Return what differs between two equal trainings, for timing.json.

    Args:
        seconds: of the classifier's training; of a resumed one, since it went on.
        pretraining: seconds that went before, for a language model; None without one.
        tokens: read in `seconds`.
        device: that computed.
        processes: that trained together; the memory is that of one, the tokens are those of all.
        resumed_at: step that it went on from.
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": round(seconds, 2),
        "pretraining_seconds": pretraining and round(pretraining, 2),
        "tokens_per_second": round(tokens / seconds),
        "peak_memory_mb": round(peak / (1024**2 if sys.platform == "darwin" else 1024)),
        "device": device,
        "processes": processes,
        "resumed_at": resumed_at,
    }


def prediction_config(
    loop: Loop, prepared: Prepared, temperature: float, blend: Blend | None = None
) -> PredictionConfig:
    """Return a run's config.json: all that a prediction needs beside weights and vocabulary."""
    return PredictionConfig(
        architecture=loop.model.architecture,
        classes=prepared.classes,
        values=prepared.values,
        partial=prepared.partial,
        max_tokens=prepared.tokenizer.max_tokens,
        keep=prepared.tokenizer.keep,
        tokenizer_sha256=sha256(prepared.tokenizer.to_json()).hexdigest(),
        temperature=temperature,
        blend=blend,
    )


def as_json(content: dict[str, Any]) -> bytes:
    """Return a file for people and programs."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _probabilities(
    logits: NDArray[np.float32], temperature: float, added: NDArray[np.float64] | float = 0.0
) -> NDArray[np.float64]:
    found: NDArray[np.float64] = softmax(logits.astype(np.float64) / temperature + added, axis=1)
    return found
