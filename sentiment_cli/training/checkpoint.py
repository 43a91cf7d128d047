"""Training's state as a checkpoint's files, and back.

A checkpoint is a whole run in the making: `state.safetensors` and `state.json` go on training,
`model.safetensors`, `config.json` and `tokenizer.json` predict.
"""

from __future__ import annotations

import json
import math
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

import torch
from safetensors import SafetensorError
from safetensors.torch import load, save

from sentiment_cli.errors import DivergedError, ModelError
from sentiment_cli.training.position import Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from sentiment_cli.training.loop import Loop

_BYTES_A_WEIGHT = 32  # itself, its two moments and its average, in float32, and as much to spare
_SMALL_FILE = 2**24  # bytes of a checkpoint's other files
_FAULTS = (KeyError, TypeError, ValueError, OverflowError, RuntimeError, SafetensorError)
_COUNTS = ("epoch", "batch", "step", "reviews", "best_epoch", "best_step", "stale")


def weights_bytes(loop: Loop, weights: Mapping[str, Tensor]) -> bytes:
    """Return weights, or what else training keeps, as a safetensors file.

    Raises:
        DivergedError: a value is no finite number; what was saved before is worth more.
    """
    if not _finite(weights):
        raise DivergedError(
            f"weights are no longer numbers at step {loop.position.step}, learning rate "
            f"{loop.lr:.2g}",
            hint=f"try --set training.lr={loop.settings.lr / 3:.2g}",
        )
    return save({name: value.detach().cpu().contiguous() for name, value in weights.items()})


def checkpoint_files(loop: Loop, reviews: str) -> dict[str, bytes]:
    """Return the files that hold a loop's whole state.

    Args:
        loop: between two records.
        reviews: says which reviews it reads, as which tokens.

    Raises:
        DivergedError: the state holds a value that is no finite number.
    """
    state = weights_bytes(loop, loop.optimizer.tensors())
    content = {"reviews": reviews, "position": asdict(loop.saved_position())}
    return {
        "state.json": json.dumps(content, allow_nan=False).encode(),
        "state.safetensors": state,
        "model.safetensors": weights_bytes(loop, loop.kept()),
    }


def largest_file(loop: Loop) -> int:
    """Return how many bytes a file of the loop's checkpoints has at most."""
    return _SMALL_FILE + _BYTES_A_WEIGHT * loop.model.architecture.num_parameters


def restore(loop: Loop, files: Mapping[str, bytes], reviews: str, *, place: str) -> None:
    """Put a loop, which has not moved yet, where the checkpoint's files left it.

    Raises:
        ModelError: the files are those of other reviews, of another network or of another
            program.
    """
    try:
        content = json.loads(files["state.json"])
        if content["reviews"] != reviews:
            raise ValueError("the reviews, or what the tokenizer makes of them, have changed")
        position = Position(**content["position"])
        _check_position(position, loop)
        state = load(files["state.safetensors"])
        _check_tensors(state, _state_shapes(loop))
        best = None
        if position.best_loss is not None:
            best = load(files["model.safetensors"])
            shapes = loop.model.architecture.weight_shapes()
            _check_tensors(best, shapes)
            if best.keys() != shapes.keys():
                raise ValueError("model.safetensors lacks weights")
        loop.optimizer.load(state, position.step)
    except _FAULTS as fault:
        raise ModelError(
            f"{place} holds no checkpoint of this experiment: {str(fault)[:300]}",
            hint="put back what was changed, or train anew into another folder with --out DIR",
        ) from None
    device = loop.model.embedding.weight.device
    loop.go_on_from(position, best and {k: v.to(device) for k, v in best.items()})


def _finite(tensors: Mapping[str, Tensor]) -> bool:
    return all(bool(torch.isfinite(value).all()) for value in tensors.values())


def _check_position(position: Position, loop: Loop) -> None:
    """Refuse a position that no training of the loop's length comes to."""
    plain: dict[str, Any] = asdict(position)
    sound = all(type(plain[name]) is int and plain[name] >= 0 for name in _COUNTS)
    epochs, batches = loop.settings.epochs, loop.total_steps // loop.settings.epochs
    sound = (
        sound
        and _is_number(position.loss_sum)
        and (position.best_loss is None or _is_number(position.best_loss))
        and type(position.stopped_early) is bool
        and position.epoch <= epochs
        and position.batch <= batches
        and position.step == position.epoch * batches + position.batch
        and position.batch <= position.reviews <= len(loop.training)
        and isinstance(position.history, list)
        and len(position.history) == position.epoch
        and all(isinstance(figures, dict) for figures in position.history)
        and all(_is_number(value) for figures in position.history for value in figures.values())
        and (position.vectors is None or _is_coverage(position.vectors))
    )
    if not sound:
        raise ValueError("state.json tells of no step of this training")


def _is_number(value: object) -> bool:
    return type(value) in (int, float) and math.isfinite(value)  # type: ignore[arg-type]


def _is_coverage(value: object) -> bool:
    return (
        isinstance(value, dict)
        and value.keys() == {"vocabulary", "tokens"}
        and all(_is_number(share) and 0 <= share <= 1 for share in value.values())
    )


def _state_shapes(loop: Loop) -> dict[str, tuple[int, ...]]:
    """Return the shapes of all that the optimizer may have to keep, by name."""
    shapes = {name: tuple(value.shape) for name, value in loop.optimizer.tensors().items()}
    for name, weight in loop.model.named_parameters():
        moments = {f"{moment}.{name}": tuple(weight.shape) for moment in ("exp_avg", "exp_avg_sq")}
        shapes |= moments | {f"step.{name}": ()}
    return shapes


def _check_tensors(tensors: Mapping[str, Tensor], shapes: Mapping[str, tuple[int, ...]]) -> None:
    """Refuse tensors of other shapes or kinds, which torch would stretch where it can, and values
    that no step of an optimizer leaves."""
    for name, value in tensors.items():
        kind = torch.int64 if name == "rows.seen" else torch.float32
        if tuple(value.shape) != shapes[name] or value.dtype != kind:
            raise ValueError(f"{name} is of another shape or kind")
        if name.startswith("step.") and value < 1:
            raise ValueError(f"{name} counts no step")
    if not _finite(tensors):
        raise ValueError("a value is no finite number")
