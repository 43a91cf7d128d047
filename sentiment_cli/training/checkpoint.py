"""Training's state as a checkpoint's files, and back.

A checkpoint is a whole run in the making: training resumes from `state.safetensors`, `state.json`
and `ngram_sources.safetensors`; the other files are those of a finished run, for predictions.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from safetensors.torch import load

from sentiment_cli.errors import DivergedError
from sentiment_cli.training.ngrams import NgramSources
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
    reading,
    state_shapes,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.training.loop import Loop

SOURCES = "ngram_sources.safetensors"

_COUNTS = ("round", "epoch", "batch", "step", "reviews", "best_epoch", "best_step", "stale")


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


def checkpoint_files(loop: Loop, sources: NgramSources, reviews: str) -> dict[str, bytes]:
    """Return the files that hold a loop's whole state.

    Args:
        loop: between two records.
        sources: what its n-gram counts come from beside the training reviews.
        reviews: says which reviews it reads, as which tokens.

    Raises:
        DivergedError: the state holds a value that is no finite number.
    """
    state = weights_bytes(loop, loop.optimizer.tensors())
    return {
        "state.json": dump_state(reviews, asdict(loop.saved_position())),
        "state.safetensors": state,
        "model.safetensors": weights_bytes(loop, loop.kept()),
        SOURCES: sources.to_bytes(),
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
        loop.optimizer.load(state, position.step - loop.round * loop.steps_per_round)
    except FAULTS as fault:
        raise no_checkpoint(place, fault) from None
    device = loop.model.embedding.weight.device
    loop.go_on_from(position, best and {k: v.to(device) for k, v in best.items()})


def saved_sources(
    files: Mapping[str, bytes], experiment: Experiment, prepared: Prepared, *, place: str
) -> NgramSources:
    """Return what a checkpoint's n-gram counts come from beside the training reviews.

    Raises:
        ModelError: the checkpoint is of other reviews, or damaged.
    """
    try:
        read_state(files, reading(prepared))
        return NgramSources.from_bytes(files[SOURCES], prepared, orders=experiment.model.ngrams)
    except FAULTS as fault:
        raise no_checkpoint(place, fault) from None


def saved_round(files: Mapping[str, bytes], experiment: Experiment, *, place: str) -> int:
    """Return the round of self-training that a checkpoint is of.

    Raises:
        ModelError: the experiment has no such round.
    """
    try:
        found = json.loads(files["state.json"])["position"]["round"]
        rounds = experiment.self_training_rounds
        if not is_count(found) or found > rounds:
            raise ValueError(f"state.json: expected a round from 0 to {rounds}, got {found}")
    except FAULTS as fault:
        raise no_checkpoint(place, fault) from None
    return int(found)


def _check_position(position: Position, loop: Loop) -> None:
    """Refuse a position that no training of the loop's length comes to."""
    plain: dict[str, Any] = asdict(position)
    first, batches = loop.round * loop.settings.epochs, loop.steps_per_epoch
    sound = (
        all(is_count(plain[name]) for name in _COUNTS)
        and is_number(position.loss_sum)
        and (position.best_loss is None or is_number(position.best_loss))
        and type(position.stopped_early) is bool
        and position.round == loop.round
        and first <= position.epoch <= first + loop.settings.epochs
        and position.batch <= batches
        and position.step == position.epoch * batches + position.batch
        and position.batch <= position.reviews <= len(loop.training)
        and is_history(position.history, position.epoch)
        and is_coverage(position.vectors)
    )
    if not sound:
        raise ValueError("state.json: its position does not fit this training")
