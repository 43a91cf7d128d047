"""From settings and reviews to a loop that is ready to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.training.loop import Loop
from sentiment_cli.training.objective import balanced_weights
from sentiment_cli.training.optimizer import Optimizer
from sentiment_cli.training.vectors import cached_vectors

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared


def assemble(experiment: Experiment, prepared: Prepared, device: torch.device) -> Loop:
    """Return the loop of an experiment, before its first step; its weights are drawn by the seed.

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
        averaging=training.averaging,
    )
    balanced = training.class_weights == "balanced"
    return Loop(
        model,
        optimizer,
        training=prepared.training,
        validation=prepared.validation,
        settings=training,
        class_weights=balanced_weights(prepared.counts["training"]) if balanced else None,
        seed=experiment.seed,
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


def start_from_counts(model: Classifier, prepared: Prepared, *, seed: int) -> None:
    """Give the embedding word vectors counted in the training reviews, or kept in their cache."""
    embedding = model.embedding.weight.detach()  # (V, E)
    counted = cached_vectors(
        prepared.training,
        vocab_size=embedding.shape[0],
        size=embedding.shape[1],
        seed=seed,
        folder=prepared.cache,
    )
    found = np.abs(counted).sum(axis=1) > 0  # padding, unknown and lonely words keep theirs
    embedding[torch.from_numpy(found)] = torch.from_numpy(counted[found]).to(embedding.device)


def _architecture(experiment: Experiment, prepared: Prepared) -> Architecture:
    sizes = experiment.model.model_dump(
        exclude={"dropout", "embedding_dropout", "word_dropout", "vectors", "linear"}
    )
    vocabulary, classes = prepared.tokenizer.vocab_size, len(prepared.classes)
    try:
        return Architecture.from_dict({**sizes, "vocab_size": vocabulary, "num_classes": classes})
    except ModelError as fault:
        raise UsageError(
            f"the network cannot be built: {fault.what}",
            hint="lower model.hidden_size, model.embedding_dim or model.num_layers",
        ) from fault
