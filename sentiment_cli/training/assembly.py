"""From settings and reviews to a loop that is ready to run."""

from __future__ import annotations

from dataclasses import fields
from typing import TYPE_CHECKING

import torch

from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.training.loop import Loop
from sentiment_cli.training.loss import balanced_weights
from sentiment_cli.training.optimizer import Optimizer
from sentiment_cli.training.world import ALONE, World

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.training.ngrams import TrainingNgrams


def assemble(
    experiment: Experiment,
    prepared: Prepared,
    ngrams: TrainingNgrams | None,
    device: torch.device,
    *,
    round: int = 0,
    world: World = ALONE,
) -> Loop:
    """Return the loop of an experiment, before its first step; its weights are drawn by the seed.

    Args:
        experiment: all settings.
        prepared: the reviews as tokens.
        ngrams: n-gram inputs of the training reviews; None without.
        device: that computes.
        round: round of self-training, from 0.
        world: the processes that train together.

    Raises:
        UsageError: the settings make a larger network than any that could be loaded again.
    """
    training = experiment.training
    model = untrained(experiment, _architecture(experiment, prepared)).to(device)
    optimizer = Optimizer(
        model,
        kind=training.optimizer,
        weight_decay=training.weight_decay,
        clip_norm=training.clip_norm,
        ema_decay=training.ema_decay,
    )
    class_weights = None
    if training.class_weights == "balanced":
        class_weights = balanced_weights(prepared.counts["training"]).to(device)
    return Loop(
        model,
        optimizer,
        training=prepared.training,
        validation=prepared.validation,
        ngrams=ngrams,
        settings=training,
        class_weights=class_weights,
        seed=experiment.seed,
        round=round,
        rounds=1 + experiment.self_training_rounds,
        world=world,
    )


def untrained(experiment: Experiment, architecture: Architecture) -> Classifier:
    """Return the network of an experiment with the weights that its seed draws."""
    settings = experiment.model
    torch.manual_seed(experiment.seed)
    return Classifier(
        architecture,
        dropout=settings.dropout,
        embedding_dropout=settings.embedding_dropout,
        word_dropout=settings.word_dropout,
    )


def _architecture(experiment: Experiment, prepared: Prepared) -> Architecture:
    own = {field.name for field in fields(Architecture)}
    sizes = experiment.model.model_dump(include=own)
    vocabulary, classes = prepared.tokenizer.vocab_size, len(prepared.classes)
    try:
        return Architecture.from_dict({**sizes, "vocab_size": vocabulary, "num_classes": classes})
    except ModelError as fault:
        raise UsageError(
            f"the network cannot be built: {fault.what}",
            hint="lower model.hidden_size, model.embedding_dim or model.num_layers",
        ) from fault
