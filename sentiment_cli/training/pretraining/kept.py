"""What came of a language model, kept for every run that would train the same one."""

from __future__ import annotations

import json
from hashlib import sha256
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import torch
from safetensors.torch import load

from sentiment_cli.reviews.kept import keep, kept
from sentiment_cli.reviews.prepare import cache_folder
from sentiment_cli.training.state import (
    FAULTS,
    check_tensors,
    dump,
    is_count,
    is_history,
    is_number,
)

if TYPE_CHECKING:
    from pathlib import Path

    from torch import Tensor

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.language_model import LanguageModel
    from sentiment_cli.reviews.prepare import Prepared

_FORMAT = 1  # raised whenever pre-training changes, so that no older result is taken
_COUNTS = ("reviews", "tokens", "epochs", "steps")
_DROPOUTS = {"dropout", "embedding_dropout", "word_dropout"}


class Outcome(NamedTuple):
    """A trained language model.

    Args:
        weights: of embedding and encoder, by name.
        account: `reviews` and `tokens` of a pass, `epochs`, `steps`, the last epoch's `loss` and
            `validation_loss`, and the `history` of all epochs.
    """

    weights: dict[str, Tensor]
    account: dict[str, Any]


def key_of(experiment: Experiment, prepared: Prepared, model: LanguageModel) -> str:
    """Return a hash of all that a language model comes from.

    Args:
        experiment: all settings.
        prepared: the reviews as tokens.
        model: before its first step; its weights tell size, cell, draw and vectors.
    """
    settings = [
        _FORMAT,
        prepared.cache.name,
        experiment.pretraining.model_dump(),
        experiment.model.model_dump(include=_DROPOUTS | {"cell", "num_layers", "bidirectional"}),
        experiment.seed,
    ]
    return sha256(json.dumps(settings, sort_keys=True).encode() + dump(shared(model))).hexdigest()


def shared(model: LanguageModel) -> dict[str, Tensor]:
    """Return the weights that a classifier has too, by name."""
    return {k: v for k, v in model.state_dict().items() if not k.startswith("projections.")}


def keep_outcome(key: str, outcome: Outcome) -> None:
    """Write an outcome to the cache folder, if the disk lets us."""
    account = torch.from_numpy(np.frombuffer(json.dumps(outcome.account).encode(), np.uint8).copy())
    keep(_path(key), dump({**outcome.weights, "account": account}))


def kept_outcome(key: str, model: LanguageModel) -> Outcome | None:
    """Return what `keep_outcome` wrote for a model; None if it is not there, or damaged."""
    content = kept(_path(key))
    if content is None:
        return None
    shapes = {name: tuple(value.shape) for name, value in shared(model).items()}
    try:
        weights = load(content)
        account = json.loads(weights.pop("account").numpy().tobytes())
        check_tensors(weights, shapes)
        if weights.keys() != shapes.keys() or not is_account(account):
            return None
    except FAULTS:
        return None
    return Outcome(weights, account)


def is_account(value: object) -> bool:
    """Return whether a value of JSON is the account of an outcome."""
    return (
        isinstance(value, dict)
        and value.keys() == {*_COUNTS, "loss", "validation_loss", "history"}
        and all(is_count(value[name]) for name in _COUNTS)
        and is_number(value["loss"])
        and is_number(value["validation_loss"])
        and is_history(value["history"], value["epochs"])
    )


def _path(key: str) -> Path:
    return cache_folder() / "pretrained" / key
