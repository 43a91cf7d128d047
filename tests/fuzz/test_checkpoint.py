"""Checkpoints of any content, from which a training is to go on."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from support.trainings import at_step, begun, tiny

from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.runs.checkpoints import newest_checkpoint
from sentiment_cli.training.assembly import assemble
from sentiment_cli.training.checkpoint import restore
from sentiment_cli.training.ngrams import training_ngrams

from .guard import FUZZ, taken_or_refused
from .inputs import edited, odd_parts

CPU = "cpu"


@cache
def stopped() -> tuple[Any, dict[str, bytes]]:
    """A loop before its first step, and the files of a checkpoint for it."""
    import pytest
    import torch

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        experiment = tiny(folder)
        begun(experiment, folder / "run", at_step(8))
        prepared = prepare(experiment, progress=lambda *_: None)
        ngrams = training_ngrams(prepared, experiment.model.ngrams, progress=lambda *_: None)
    saved = newest_checkpoint(folder / "run")
    assert saved is not None
    return assemble(experiment, prepared, ngrams, torch.device(CPU)), saved.files


def gone_on(name: str, data: bytes) -> None:
    """Go on from the checkpoint with other content in one of its files."""
    loop, files = stopped()
    reviews = json.loads(files["state.json"])["reviews"]
    restore(loop, {**files, name: data}, reviews, place="run")
    next(loop.run(), None)


def test_any_state() -> None:
    _, files = stopped()

    @FUZZ
    @given(odd_parts(json.loads(files["state.json"])) | edited(files["state.json"]))
    def any_state(data: bytes) -> None:
        taken_or_refused(lambda: gone_on("state.json", data))

    any_state()


def test_any_tensors() -> None:
    _, files = stopped()

    @FUZZ
    @given(edited(files["state.safetensors"]))
    def any_tensors(data: bytes) -> None:
        taken_or_refused(lambda: gone_on("state.safetensors", data))

    any_tensors()
