"""Training's state as a checkpoint's files, and back.

A checkpoint is a whole run in the making: `state.safetensors` and `state.json` go on training,
`model.safetensors`, `config.json` and `tokenizer.json` predict.
"""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

from safetensors.torch import load, save

from sentiment_cli.errors import ModelError
from sentiment_cli.training.loop import Loop, Position

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor


def weights_bytes(weights: Mapping[str, Tensor]) -> bytes:
    """Return `model.safetensors`: the weights in float32."""
    return save({name: value.detach().cpu().contiguous() for name, value in weights.items()})


def checkpoint_files(loop: Loop) -> dict[str, bytes]:
    """Return the files that hold a loop's whole state."""
    position = loop.saved_position()
    return {
        "state.json": json.dumps(asdict(position)).encode(),
        "state.safetensors": weights_bytes(loop.optimizer.tensors()),
        "model.safetensors": weights_bytes(loop.kept()),
    }


def restore(loop: Loop, files: Mapping[str, bytes], *, place: str) -> None:
    """Put a loop where the checkpoint's files left it.

    Raises:
        ModelError: the files are those of another network or another program.
    """
    try:
        position = Position(**json.loads(files["state.json"]))
        state = load(files["state.safetensors"])
        best = load(files["model.safetensors"]) if position.best_loss is not None else None
        loop.optimizer.load(state, position.step)
    except (KeyError, TypeError, ValueError, RuntimeError) as fault:
        raise ModelError(
            f"{place} is no checkpoint of this experiment: {str(fault)[:300]}",
            hint="train anew into another folder with --out DIR",
        ) from None
    device = loop.model.embedding.weight.device
    loop.go_on_from(position, best and {k: v.to(device) for k, v in best.items()})
