"""What a training came to on its validation reviews, calibrated, beside the linear models."""

from __future__ import annotations

import json
import resource
import sys
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy.special import softmax

from sentiment_cli import metrics
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.training.calibration import fit_temperature

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.training.linear.baselines import Baselines
    from sentiment_cli.training.loop import Loop


def judge(
    labels: NDArray[np.int64], logits: NDArray[np.float32], baselines: Baselines
) -> dict[str, Any]:
    """Calibrate a network on the validation reviews, and measure it there.

    Args:
        labels: true classes, (N,).
        logits: of the network, (N, C).
        baselines: whose logits of the same reviews are known.

    Returns:
        Its figures for metrics.json, of which `temperature` is what its logits are divided by.
    """
    temperature = fit_temperature(labels, logits)
    before, after = _probabilities(logits, 1.0), _probabilities(logits, temperature)
    intervals = metrics.intervals(labels, after)
    return {
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
        else {"reviews": len(unlabelled), "overlapping": prepared.overlapping},
        "init": experiment.model.init,
        "ngrams": None
        if loop.ngrams is None
        else {"orders": experiment.model.ngrams, "kept": len(loop.ngrams.table.keys)},
        "self_training_rounds": experiment.self_training_rounds,
        "vectors": position.vectors,
        "vocabulary": prepared.tokenizer.vocab_size,
        "parameters": sum(p.numel() for p in loop.model.parameters()),
        "steps": len(position.history) * loop.steps_per_epoch,
        "epochs": len(position.history),
        "best_epoch": position.best_epoch,
        "stopped_early": position.stopped_early,
    }


def took(
    seconds: float,
    *,
    tokens: int,
    device: str,
    processes: int,
    resumed_at: int,
) -> dict[str, Any]:
    """Return what differs between two equal trainings, for timing.json.

    Args:
        seconds: of the training; of a resumed one, since it went on.
        tokens: read in `seconds`.
        device: that computed.
        processes: that trained together; the memory is that of one, the tokens are those of all.
        resumed_at: step that it went on from.
    """
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "seconds": round(seconds, 2),
        "tokens_per_second": round(tokens / seconds),
        "peak_memory_mb": round(peak / (1024**2 if sys.platform == "darwin" else 1024)),
        "device": device,
        "processes": processes,
        "resumed_at": resumed_at,
    }


def prediction_config(
    loop: Loop, prepared: Prepared, temperature: float, *, num_ngrams: int, num_hashes: int
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
        num_ngrams=num_ngrams,
        num_hashes=num_hashes,
        temperature=temperature,
    )


def as_json(content: dict[str, Any]) -> bytes:
    """Return a file for people and programs."""
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()


def _probabilities(logits: NDArray[np.float32], temperature: float) -> NDArray[np.float64]:
    found: NDArray[np.float64] = softmax(logits.astype(np.float64) / temperature, axis=1)
    return found
