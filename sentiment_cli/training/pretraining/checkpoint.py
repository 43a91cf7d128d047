"""The state of pre-training as a checkpoint's files, and back; nothing can be predicted from it."""

from __future__ import annotations

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from safetensors.torch import load

from sentiment_cli.training.pretraining.loop import PretrainingPosition
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

    from sentiment_cli.training.pretraining.loop import PretrainingLoop

_COUNTS = ("epoch", "batch", "step", "foretold")
_KEY = re.compile("[0-9a-f]{64}")


def checkpoint_files(loop: PretrainingLoop, reviews: str) -> dict[str, bytes]:
    """Return the files that hold a loop's whole state.

    Args:
        loop: between two records.
        reviews: says which reviews it reads, as which tokens.

    Raises:
        DivergedError: the state holds a value that is no finite number.
    """
    state, position = loop.optimizer.tensors(), loop.saved_position()
    if not is_finite(state) or not is_number(position.loss_sum):
        raise loop.diverged()
    return {
        "state.json": dump_state(reviews, asdict(position)),
        "state.safetensors": dump(state),
    }


def restore(loop: PretrainingLoop, files: Mapping[str, bytes], reviews: str, *, place: str) -> None:
    """Put a loop, which has not moved yet, where the checkpoint's files left it.

    Raises:
        ModelError: the files are those of other reviews, of another network or of another
            program.
    """
    try:
        position = PretrainingPosition(**read_state(files, reviews))
        _check_position(position, loop)
        state = load(files["state.safetensors"])
        check_tensors(state, state_shapes(loop.optimizer))
        loop.optimizer.load(state, position.step)
    except FAULTS as fault:
        raise no_checkpoint(place, fault) from None
    loop.go_on_from(position)


def _check_position(position: PretrainingPosition, loop: PretrainingLoop) -> None:
    """Refuse a position that no pre-training of the loop's length comes to."""
    plain: dict[str, Any] = asdict(position)
    epochs, batches = loop.settings.epochs, loop.total_steps // loop.settings.epochs
    sound = (
        all(is_count(plain[name]) for name in _COUNTS)
        and isinstance(position.key, str)
        and _KEY.fullmatch(position.key)
        and is_number(position.loss_sum)
        and position.epoch <= epochs
        and position.batch <= batches
        and position.step == position.epoch * batches + position.batch
        and is_history(position.history, position.epoch)
        and all(
            figures.keys() == {"epoch", "loss", "validation_loss"} for figures in position.history
        )
        and is_coverage(position.vectors)
    )
    if not sound:
        raise ValueError("state.json tells of no step of this pre-training")
