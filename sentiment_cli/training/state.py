"""What checkpoints hold: tensors and plain numbers, of which nothing is trusted."""

from __future__ import annotations

import json
import math
from dataclasses import fields
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import save

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.reviews.schemes import MAX_CLASSES

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.training.optimizer import Optimizer

FAULTS = (KeyError, TypeError, ValueError, OverflowError, RuntimeError, SafetensorError)
"""What comes of files that are not ours, or no longer."""

_BYTES_A_WEIGHT = 32  # itself, its two moments and its average, in float32, and as much to spare
_OTHER_FILES = 2**30  # bytes of the largest other file of a checkpoint, the counts of n-grams


def dump(tensors: Mapping[str, Tensor]) -> bytes:
    """Return tensors as a safetensors file."""
    return save({name: value.detach().cpu().contiguous() for name, value in tensors.items()})


def max_file_bytes(experiment: Experiment) -> int:
    """Return how many bytes a file of the checkpoints of an experiment has at most."""
    model, words = experiment.model, experiment.tokenizer.vocab_size
    own = {field.name for field in fields(Architecture)}
    shape = {**model.model_dump(include=own), "vocab_size": words, "num_classes": MAX_CLASSES}
    return _OTHER_FILES + _BYTES_A_WEIGHT * Architecture(**shape).num_parameters


def reading(prepared: Prepared) -> str:
    """Return a hash of what tells which reviews are read, as which tokens."""
    return sha256(prepared.content.encode() + prepared.tokenizer.to_json()).hexdigest()


def read_state(files: Mapping[str, bytes], reviews: str) -> dict[str, Any]:
    """Return the position in a checkpoint's `state.json`.

    Raises:
        ValueError: it is one of other reviews; or, as any of `FAULTS`, none at all.
    """
    content = json.loads(files["state.json"])
    if content["reviews"] != reviews:
        raise ValueError("the reviews, or what the tokenizer makes of them, have changed")
    position: dict[str, Any] = content["position"]
    return position


def dump_state(reviews: str, position: Mapping[str, Any]) -> bytes:
    """Return `state.json`, which `read_state` reads."""
    return json.dumps({"reviews": reviews, "position": position}, allow_nan=False).encode()


def no_checkpoint(place: str, fault: Exception) -> ModelError:
    """Return the fault of files that a training cannot go on with."""
    return ModelError(
        f"{place} holds no checkpoint of this experiment: {str(fault)[:300]}",
        hint="put back what was changed, or train anew into another folder with --out DIR",
    )


def is_finite(tensors: Mapping[str, Tensor]) -> bool:
    """Return whether all values are finite numbers."""
    return all(bool(torch.isfinite(value).all()) for value in tensors.values())


def is_number(value: object) -> bool:
    """Return whether a value of JSON is a finite number."""
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def is_count(value: object) -> bool:
    """Return whether a value of JSON is a whole number from 0 on."""
    return type(value) is int and value >= 0


def is_history(value: object, epochs: int) -> bool:
    """Return whether a value of JSON is a record of numbers an epoch."""
    return (
        isinstance(value, list)
        and len(value) <= epochs
        and all(isinstance(figures, dict) for figures in value)
        and all(is_number(number) for figures in value for number in figures.values())
    )


def is_coverage(value: object) -> bool:
    """Return whether a value of JSON tells how many words began with a vector."""
    return value is None or (
        isinstance(value, dict)
        and value.keys() == {"vocabulary", "tokens"}
        and all(is_number(share) and 0 <= share <= 1 for share in value.values())
    )


def state_shapes(optimizer: Optimizer) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all that an optimizer may have to keep, by name."""
    shapes = {name: tuple(value.shape) for name, value in optimizer.tensors().items()}
    for name, weight in optimizer.model.named_parameters():
        moments = {f"{moment}.{name}": tuple(weight.shape) for moment in ("exp_avg", "exp_avg_sq")}
        shapes |= moments | {f"step.{name}": ()}
    return shapes


def check_tensors(tensors: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse tensors of other shapes or kinds, which torch would stretch where it can, and values
    that no step of an optimizer leaves."""
    for name, value in tensors.items():
        if tuple(value.shape) != shapes[name] or value.dtype != torch.float32:
            raise ValueError(f"{name} is of another shape or kind")
        if name.startswith("step.") and value < 1:
            raise ValueError(f"{name} counts no step")
    if not is_finite(tensors):
        raise ValueError("a value is no finite number")
