"""From settings and reviews to a loop that is ready to run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from sentiment_cli.errors import UsageError
from sentiment_cli.network.language_model import LanguageModel
from sentiment_cli.training.optimizer import Optimizer
from sentiment_cli.training.pretraining.loop import PretrainingLoop
from sentiment_cli.training.pretraining.texts import Texts
from sentiment_cli.training.world import ALONE, World

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.reviews.prepare import Prepared

_CLIP_NORM = 1.0


def require_one_side(experiment: Experiment) -> None:
    """Refuse an encoder that would see the word which it is to foretell.

    Raises:
        UsageError: layers stand upon layers that read both ways.
    """
    model = experiment.model
    if experiment.pretraining.epochs and model.bidirectional and model.num_layers > 1:
        raise UsageError(
            "pretraining.epochs: a language model foretells each word from one side of it, and "
            f"with model.num_layers: {model.num_layers} and model.bidirectional: true the upper "
            "layers see both",
            hint="--set model.num_layers=1, or --set model.bidirectional=false",
        )


def assemble(
    experiment: Experiment,
    prepared: Prepared,
    architecture: Architecture,
    device: torch.device,
    world: World = ALONE,
) -> PretrainingLoop:
    """Return the loop of a language model, before its first step; the seed draws its weights."""
    parts = [prepared.training]
    if prepared.unlabelled is not None:
        parts.append(prepared.unlabelled)
    texts = Texts(parts)
    shares = torch.from_numpy(texts.shares(architecture.vocab_size)).float()
    settings = experiment.model
    torch.manual_seed(experiment.seed)
    model = LanguageModel(
        architecture,
        shares=shares,
        dropout=settings.dropout,
        embedding_dropout=settings.embedding_dropout,
        word_dropout=settings.word_dropout,
    ).to(device)
    optimizer = Optimizer(
        model, kind="adamw", weight_decay=0.0, clip_norm=_CLIP_NORM, averaging=0.0
    )
    return PretrainingLoop(
        model,
        optimizer,
        texts=texts,
        held_out=Texts([prepared.validation]),
        settings=experiment.pretraining,
        seed=experiment.seed,
        world=world,
    )
