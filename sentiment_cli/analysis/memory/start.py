"""A run's network as it was before its first step."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sentiment_cli.errors import DataError
from sentiment_cli.inference.settings import run_settings
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.training.assembly import untrained
from sentiment_cli.training.vectors.start import begin_with_vectors

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.runs.prediction_config import PredictionConfig


def network_at_start(run: Path, config: PredictionConfig) -> Classifier:
    """Return the network with the weights that training began with, from the run's own seed.

    Where the embedding began with word vectors, they are counted again in the run's training
    reviews, taken from the cache, or read again from where they came.

    Raises:
        DataError: the word vectors cannot be had: the reviews are gone, or others than they were;
            or it began with a language model, which took too long to be trained once more.
        EnvironmentFault: the token cache cannot be written.
    """
    experiment = run_settings(run)
    if experiment.pretraining.epochs:
        raise DataError(f"{run} began with what a language model had learned")
    model = untrained(experiment, config.architecture)
    if experiment.model.vectors is not None:
        prepared = prepare(experiment, progress=lambda *_: None)
        if sha256(prepared.tokenizer.to_json()).hexdigest() != config.tokenizer_sha256:
            raise DataError(
                f"{experiment.data.source} no longer holds the reviews that {run} was trained on",
                hint="bring them back, or train anew",
            )
        begin_with_vectors(model, experiment, prepared)
    return model
