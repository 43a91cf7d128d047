"""Checkpoints of any content, from which a training is to go on."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path
from typing import Any

from hypothesis import given
from support.cli import write_reviews
from support.trainings import STEPS_AN_EPOCH, at_step, begun, tiny

from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.runs.checkpoints import newest_checkpoint
from sentiment_cli.training.assembly import assemble
from sentiment_cli.training.checkpoint import SOURCES, restore, saved_sources
from sentiment_cli.training.ngrams import training_ngrams

from .guard import FUZZ, taken_or_refused
from .inputs import edited, odd_parts

CPU = "cpu"


@cache
def stopped() -> tuple[Any, Any, Any, dict[str, bytes]]:
    """A loop before its first step, the experiment and the reviews that it is made of, and the
    files of a checkpoint in the middle of a second round."""
    import pytest
    import torch

    folder = Path(tempfile.mkdtemp(prefix="fuzz-"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        patch.chdir(folder)
        write_reviews(folder / "more.csv", ["good", "mixed"], rows=50, seed=1)
        experiment = tiny(folder, "training.epochs=1", "data.unlabelled=more.csv")
        begun(experiment, folder / "run", at_step(STEPS_AN_EPOCH + 2))
        prepared = prepare(experiment, progress=progress)
        ngrams = training_ngrams(prepared, experiment.model.ngrams, progress=progress)
    saved = newest_checkpoint(folder / "run")
    assert saved is not None
    loop = assemble(experiment, prepared, ngrams, torch.device(CPU), round=1)
    return loop, experiment, prepared, saved.files


def progress(*_: object) -> None:
    """Nobody is told."""


def gone_on(name: str, data: bytes) -> None:
    """Go on from the checkpoint with other content in one of its files."""
    loop, _, _, files = stopped()
    reviews = json.loads(files["state.json"])["reviews"]
    restore(loop, {**files, name: data}, reviews, place="run")
    next(loop.run(), None)


def test_any_state() -> None:
    *_, files = stopped()

    @FUZZ
    @given(odd_parts(json.loads(files["state.json"])) | edited(files["state.json"]))
    def any_state(data: bytes) -> None:
        taken_or_refused(lambda: gone_on("state.json", data))

    any_state()


def test_any_tensors() -> None:
    *_, files = stopped()

    @FUZZ
    @given(edited(files["state.safetensors"]))
    def any_tensors(data: bytes) -> None:
        taken_or_refused(lambda: gone_on("state.safetensors", data))

    any_tensors()


def test_any_sources_of_ngrams() -> None:
    _, experiment, prepared, files = stopped()

    def counted(data: bytes) -> None:
        sources = saved_sources({**files, SOURCES: data}, experiment, prepared, place="run")
        training_ngrams(prepared, experiment.model.ngrams, sources, progress=progress)

    @FUZZ
    @given(edited(files[SOURCES]))
    def any_sources(data: bytes) -> None:
        taken_or_refused(lambda: counted(data))

    counted(files[SOURCES])
    any_sources()
