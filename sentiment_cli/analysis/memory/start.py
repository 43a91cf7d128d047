"""A run's network as it was before its first step."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sentiment_cli.errors import DataError, ModelError
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.reviews.start import read_start
from sentiment_cli.training.assembly import untrained
from sentiment_cli.training.init import begin_with_run
from sentiment_cli.training.vectors.start import begin_with_vectors

if TYPE_CHECKING:
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.runs.prediction_config import PredictionConfig
    from sentiment_cli.runs.saved import Saved


def network_at_start(run: Path, config: PredictionConfig) -> Classifier:
    """Return the network with the weights that training began with, from the run's own seed.

    Where the embedding began with word vectors, they are counted again in the run's training
    reviews, taken from the cache, or read again from where they came.

    Raises:
        DataError: the word vectors cannot be had: the reviews are gone, or others than they were;
            or it began with a run that is gone.
        EnvironmentFault: the token cache cannot be written.
    """
    experiment = run_settings(run)
    model = untrained(experiment, config.architecture)
    if experiment.model.init is not None:
        begin_with_run(model, _start(experiment, config), config.classes)
    if experiment.model.vectors is not None:
        prepared = prepare(experiment, progress=lambda *_: None)
        if sha256(prepared.tokenizer.to_json()).hexdigest() != config.tokenizer_sha256:
            raise DataError(
                f"{experiment.data.source} no longer holds the reviews that {run} was trained on",
                hint="bring them back, or train anew",
            )
        begin_with_vectors(model, experiment, prepared)
    return model


def _start(experiment: Experiment, config: PredictionConfig) -> Saved:
    """Read the run that the experiment began with."""
    try:
        start = read_start(experiment)
    except ModelError as fault:
        raise DataError(f"the run it began with cannot be read: {fault.what}") from fault
    if start is None or start.config.tokenizer_sha256 != config.tokenizer_sha256:
        raise DataError(f"{experiment.model.init} is another run than it began with")
    return start
