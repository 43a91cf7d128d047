"""The power fails after any call; what was flushed by then is a whole state."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import get_args

import pytest

from sentiment_cli.runs.durable import (
    commit_directory,
    make_folder,
    remove_directory,
    replace_file,
)
from sentiment_cli.runs.reader import open_run

from . import writer
from .platter import CameThrough, Platter
from .test_every_call import loaded


@pytest.mark.parametrize("came_through", get_args(CameThrough))
@pytest.mark.parametrize("action", ["save", "save_again", "finish"])
def test_a_loss_of_power_leaves_the_old_state_and_from_some_call_on_the_new(
    action: str, came_through: CameThrough, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, image = disk / "run", disk / "image"
    writer.base(path)
    states: list[str] = []

    def lose_power() -> None:
        platter.image(image, came_through)
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


def test_what_was_removed_stays_removed(disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    make_folder(disk / "run")
    commit_directory(disk / "run" / "a", {"b": b"content"})
    platter = Platter(disk / "run", after_call=lambda: None)
    with monkeypatch.context() as patched:
        platter.follow(patched)
        remove_directory(disk / "run" / "a")
    platter.image(disk / "image", "nothing")
    assert not (disk / "image" / "a").exists()


@pytest.mark.parametrize(
    ("action", "made"),
    [
        (lambda path: replace_file(path / "a", b"content"), "a"),
        (lambda path: commit_directory(path / "a", {"b": b"content"}), "a/b"),
        (lambda path: make_folder(path / "a" / "b"), "a/b"),
    ],
)
def test_what_was_reported_as_written_outlives_a_loss_of_power(
    action: Callable[[Path], None], made: str, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_folder(disk / "run")
    platter = Platter(disk / "run", after_call=lambda: None)
    with monkeypatch.context() as patched:
        platter.follow(patched)
        action(disk / "run")
    platter.image(disk / "image", "nothing")
    left = disk / "image" / made
    assert left.is_dir() or left.read_bytes() == b"content"
