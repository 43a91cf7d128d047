"""The weights of a saved run as a training's first ones: `model.init`.

Howard and Ruder, Universal Language Model Fine-tuning for Text Classification, ACL 2018: what a
network has learned from many reviews is a better start on few than weights drawn at random.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import torch
from scipy.special import softmax

from sentiment_cli import metrics
from sentiment_cli.network.bulk import classify_all
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.network.ngram_inputs import scaled, summed
from sentiment_cli.reviews.start import read_start

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.network.ngram_inputs import NgramTable
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.reviews.rows import Progress
    from sentiment_cli.runs.checkpoints import Checkpoint
    from sentiment_cli.runs.saved import Saved

_CHUNK = 4096  # reviews whose texts are in memory at once
_TOKENIZER = "tokenizer.json"
_HEAD = ("head.weight", "head.bias")
WEIGHTS = (1.0, 0.3, 0.1, 0.03, 0.01)
"""How much a review that a start has counted may count beside a training review."""


class Beginning(NamedTuple):
    """What a training takes from a saved run.

    Args:
        tokenizer: content of its `tokenizer.json`; None without `model.init`.
        saved: the saved run; None without `model.init` and for a run that resumes.
        own: checkpoint of the training that resumes; None for a new one.
    """

    tokenizer: bytes | None = None
    saved: Saved | None = None
    own: Checkpoint | None = None


def beginning(experiment: Experiment, own: Checkpoint | None = None) -> Beginning:
    """Return what an experiment begins with.

    Args:
        experiment: all settings.
        own: checkpoint of the run that resumes, which no longer needs its start.

    Raises:
        ModelError: the saved run is none, or not as it was written.
    """
    init = experiment.model.init
    if init is None:
        return Beginning(own=own)
    if own is not None:
        return Beginning(own.files.get(_TOKENIZER), own=own)
    saved = read_start(experiment)
    assert saved is not None
    return Beginning(saved.tokenizer, saved)


def initial_accuracy(
    saved: Saved | None, prepared: Prepared, *, device: torch.device
) -> float | None:
    """Return the accuracy of a saved run on the validation reviews, before training.

    Args:
        saved: The run; None without.
        prepared: Reviews as tokens, by the tokenizer of that run.
        device: Device that computes.

    Returns:
        None without a run, or if it has other classes.
    """
    if saved is None or set(saved.config.classes) != set(prepared.classes):
        return None
    model = Classifier(saved.config.architecture).to(device)
    begin_with_run(model, saved, saved.config.classes)
    validation = prepared.validation
    logits = classify_all(model, validation, validation.lengths, saved.table)
    classes = np.array([prepared.classes.index(name) for name in saved.config.classes])
    return float((classes[logits.argmax(axis=1)] == validation.labels).mean())


def start_counts(saved: Saved, classes: tuple[str, ...]) -> NgramTable | None:
    """Return the counts of a saved run by `classes`; None where it has none, or other classes."""
    own = saved.config.classes
    if saved.table is None or set(own) != set(classes):
        return None
    columns = [own.index(name) for name in classes]
    counts, totals = saved.table.counts[:, columns], saved.table.totals[columns]
    return replace(saved.table, counts=counts, totals=totals)


def start_weight(
    saved: Saved,
    start: NgramTable,
    own: NgramTable,
    prepared: Prepared,
    *,
    device: torch.device,
    progress: Progress,
) -> float:
    """Return how much a review that a saved run has counted counts beside a training review.

    It is 1 unless the saved network has a lower log loss on the validation reviews with a smaller
    weight, by more than one standard error of the difference: few validation reviews decide
    nothing. A saved run has often counted many more reviews than there are here, of another kind.

    Args:
        saved: the run.
        start: its counts by the classes of the training reviews.
        own: counts of the training reviews.
        prepared: the reviews as tokens.
        device: that computes.
        progress: is told how far it has come.
    """
    model = Classifier(saved.config.architecture).to(device)
    begin_with_run(model, saved, prepared.classes)
    validation = prepared.validation

    def losses(weight: float) -> NDArray[np.float64]:
        table = summed(own, scaled(start, weight))
        logits = classify_all(model, validation, validation.lengths, table)
        probabilities = softmax(logits.astype(np.float64) / saved.config.temperature, axis=1)
        return metrics.review_losses(validation.labels, probabilities)  # (N,)

    full = losses(WEIGHTS[0])
    bounds = [0.0]
    for number, weight in enumerate(WEIGHTS[1:], start=1):
        progress("choosing the weight of the start's counts on", number, len(WEIGHTS))
        gains = losses(weight) - full  # (N,)
        bounds.append(float(gains.mean() + gains.std(ddof=1) / np.sqrt(len(gains))))
    return WEIGHTS[int(np.argmin(bounds))]


@torch.no_grad()
def begin_with_run(model: Classifier, saved: Saved, classes: tuple[str, ...]) -> None:
    """Give a network the weights of a saved run.

    Args:
        model: of the same shape, but for its classes.
        saved: the run.
        classes: those of `model`, in order; where the saved run has others, the head and what reads
            the n-gram inputs keep their draw.
    """
    own, shape = saved.config.classes, model.architecture
    same = set(own) == set(classes)
    order = [own.index(name) for name in classes] if same else []
    for name, array in saved.weights.items():
        weight, value = model.get_parameter(name), torch.tensor(array)
        if name in _HEAD and not same:
            continue
        if name == "head.weight":
            _reorder(value[:, shape.pooled_dim :], order, shape)
        if name in _HEAD:
            weight.copy_(value[order])
        elif not name.startswith("encoder.weight_ih_l0"):
            weight.copy_(value)
        elif same:
            _reorder(value[:, shape.embedding_dim :], order, shape)
            weight.copy_(value)
        else:
            weight[:, : shape.embedding_dim].copy_(value[:, : shape.embedding_dim])


def _reorder(columns: torch.Tensor, order: list[int], shape: Architecture) -> None:
    """Put the weights (R, F) of n-gram inputs, in place, into another order of the classes.

    Of two classes the one value is that of the second class: in the other order it is its opposite.
    """
    if shape.num_classes == 2:
        columns *= 1 if order == [0, 1] else -1
    elif shape.ngrams:
        by_class = columns.reshape(len(columns), shape.ngrams, shape.num_classes)
        columns.copy_(by_class[:, :, order].flatten(1))
