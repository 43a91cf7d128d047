"""The saved run that a training begins with: `model.init`."""

from __future__ import annotations

from hashlib import sha256
from typing import TYPE_CHECKING

from sentiment_cli.config.writer import written
from sentiment_cli.errors import UsageError
from sentiment_cli.reviews.held_out import require_same_split
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.runs.bundled import run_folder
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.runs.reader import CONFIG, HASHES, NGRAMS, open_run
from sentiment_cli.runs.saved import read_saved

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment, ModelConfig
    from sentiment_cli.runs.saved import Saved

_SHAPE = (
    "cell",
    "embedding_dim",
    "ngrams",
    "hidden_size",
    "num_layers",
    "bidirectional",
    "pooling",
)
"""Settings of the network that its weights fix."""

_LEARNED = ("kind", "vocab_size", "min_frequency", "lowercase")
"""Settings of the tokenizer that were learned with."""

_CUT = {"max_tokens", "keep"}
"""Settings of the tokenizer that may change at any time."""


def read_start(experiment: Experiment) -> Saved | None:
    """Read the run that an experiment begins with, verified; None where it names none.

    Raises:
        ModelError: it is no run, or not as it was written; or there is no bundled model.
    """
    init = experiment.model.init
    return None if init is None else read_saved(run_folder(init))


def start_hash(experiment: Experiment) -> str | None:
    """Return a hash of all that an experiment takes from the run it begins with.

    Raises:
        ModelError: as `read_start`.
    """
    init = experiment.model.init
    if init is None:
        return None
    folder = run_folder(init)
    names = [CONFIG, "config.json", "model.safetensors", "tokenizer.json", HASHES]
    files = open_run(folder, names).files
    config = PredictionConfig.from_json(files["config.json"], place=str(folder / "config.json"))
    if config.architecture.ngrams:
        files |= open_run(folder, [NGRAMS]).files
    return sha256("".join(sha256(data).hexdigest() for data in files.values()).encode()).hexdigest()


def settled(experiment: Experiment, start: Saved | None) -> Experiment:
    """Return an experiment with what its start decides: settings that were left out are taken from
    there.

    Args:
        experiment: as it was written.
        start: what `read_start` returned for it.

    Raises:
        UsageError: a setting was written that the start does not allow, or reviews that steer or
            test here taught the start.
    """
    model, tokenizer = experiment.model, experiment.tokenizer
    if start is None or model.init is None:
        return experiment
    _require_alone(model)
    architecture = start.config.architecture
    shape = {key: getattr(architecture, key) for key in _SHAPE}
    earlier = run_settings(run_folder(model.init))
    require_same_split(experiment, earlier, named=f"model.init: {model.init}")
    learned = {key: getattr(earlier.tokenizer, key) for key in _LEARNED}
    for name, section, fixed in (("model", model, shape), ("tokenizer", tokenizer, learned)):
        for key, value in fixed.items():
            asked = getattr(section, key)
            if key in section.model_fields_set and asked != value:
                raise UsageError(
                    f"{name}.{key}: {written(asked)} was asked for, and model.init: {model.init} "
                    f"has {written(value)}",
                    hint=f"leave {name}.{key} out, and it is taken from there; or begin with "
                    "nothing, which takes more epochs: --set model.init=null",
                )
    cut = {key: getattr(start.config, key) for key in _CUT - tokenizer.model_fields_set}
    return experiment.model_copy(
        update={
            "model": model.model_copy(update=shape),
            "tokenizer": tokenizer.model_copy(update=learned | cut),
        }
    )


def _require_alone(model: ModelConfig) -> None:
    """Refuse a second start of the embedding."""
    if model.vectors is not None:
        raise UsageError(
            f"model.vectors: {model.vectors}: the embedding begins with what model.init: "
            f"{model.init} has learned already",
            hint="--set model.vectors=null, or --set model.init=null",
        )
