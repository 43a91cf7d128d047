"""The power fails after any call; what was flushed by then is a whole state."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from sentiment_cli.runs.reader import open_run

from . import writer
from .platter import Platter
from .test_every_call import loaded


@pytest.mark.parametrize("eager", [False, True])
@pytest.mark.parametrize("action", ["save", "save_again", "finish"])
def test_a_loss_of_power_leaves_the_old_state_and_from_some_call_on_the_new(
    action: str, eager: bool, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, image = disk / "run", disk / "image"
    writer.base(path)
    states: list[str] = []

    def lose_power() -> None:
        platter.image(image, eager=eager)
        run = open_run(image)
        assert not run.passed_over
        states.append(loaded(run))
        shutil.rmtree(image)

    platter = Platter(path, lose_power)
    with monkeypatch.context() as patched:
        platter.follow(patched)
        writer.ACTIONS[action](path)

    old, new = states.count("old"), states.count("new")
    assert min(old, new) > 0
    assert states == ["old"] * old + ["new"] * new
    platter.image(image, eager=False)
    assert loaded(open_run(image)) == "new"
