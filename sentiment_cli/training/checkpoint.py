"""Training's state as a checkpoint's files, and back.

A checkpoint is a whole run in the making: `state.safetensors` and `state.json` go on training,
`model.safetensors`, `config.json` and `tokenizer.json` predict.
"""

from __future__ import annotations

from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from safetensors.torch import load

from sentiment_cli.errors import DivergedError
from sentiment_cli.training.position import Position
from sentiment_cli.training.state import (
    FAULTS,
    check_tensors,
    dump,
    dump_state,
    is_count,
    is_coverage,
    is_finite,
    is_history,
    is_number,
    no_checkpoint,
    read_state,
    state_shapes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from sentiment_cli.training.loop import Loop

_COUNTS = ("epoch", "batch", "step", "reviews", "best_epoch", "best_step", "stale")


def weights_bytes(loop: Loop, weights: Mapping[str, Tensor]) -> bytes:
    """Return weights, or what else training keeps, as a safetensors file.

    Raises:
        DivergedError: a value is no finite number; what was saved before is worth more.
    """
    if not is_finite(weights):
        raise DivergedError(
            f"weights are no longer numbers at step {loop.position.step}, learning rate "
            f"{loop.lr:.2g}",
            hint=f"try --set training.lr={loop.settings.lr / 3:.2g}",
        )
    return dump(weights)


def checkpoint_files(loop: Loop, reviews: str) -> dict[str, bytes]:
    """Return the files that hold a loop's whole state.

    Args:
        loop: between two records.
        reviews: says which reviews it reads, as which tokens.

    Raises:
        DivergedError: the state holds a value that is no finite number.
    """
    state = weights_bytes(loop, loop.optimizer.tensors())
    return {
        "state.json": dump_state(reviews, asdict(loop.saved_position())),
        "state.safetensors": state,
        "model.safetensors": weights_bytes(loop, loop.kept()),
    }


def restore(loop: Loop, files: Mapping[str, bytes], reviews: str, *, place: str) -> None:
    """Put a loop, which has not moved yet, where the checkpoint's files left it.

    Raises:
        ModelError: the files are those of other reviews, of another network or of another
            program.
    """
    try:
        position = Position(**read_state(files, reviews))
        _check_position(position, loop)
        state = load(files["state.safetensors"])
        check_tensors(state, state_shapes(loop.optimizer))
        best = None
        if position.best_loss is not None:
            best = load(files["model.safetensors"])
            shapes = loop.model.architecture.weight_shapes()
            check_tensors(best, shapes)
            if best.keys() != shapes.keys():
                raise ValueError("model.safetensors lacks weights")
        loop.optimizer.load(state, position.step)
    except FAULTS as fault:
        raise no_checkpoint(place, fault) from None
    device = loop.model.embedding.weight.device
    loop.go_on_from(position, best and {k: v.to(device) for k, v in best.items()})


def _check_position(position: Position, loop: Loop) -> None:
    """Refuse a position that no training of the loop's length comes to."""
    plain: dict[str, Any] = asdict(position)
    epochs, batches = loop.settings.epochs, loop.total_steps // loop.settings.epochs
    sound = (
        all(is_count(plain[name]) for name in _COUNTS)
        and is_number(position.loss_sum)
        and (position.best_loss is None or is_number(position.best_loss))
        and type(position.stopped_early) is bool
        and position.epoch <= epochs
        and position.batch <= batches
        and position.step == position.epoch * batches + position.batch
        and position.batch <= position.reviews <= len(loop.training)
        and is_history(position.history, position.epoch)
        and is_coverage(position.vectors)
    )
    if not sound:
        raise ValueError("state.json tells of no step of this training")
