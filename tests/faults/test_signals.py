"""A real process that trains is interrupted, ended, killed; and its folder is gone on with."""

from __future__ import annotations

import os
import shlex
import signal
from pathlib import Path

import pytest
from support.cli import TINY, write_reviews
from support.forks import Forks
from support.trainings import results

from sentiment_cli.runs.checkpoints import newest_checkpoint

ENDLESS = ("train", "tiny.yaml", "--out", "a run", "--set", "training.epochs=100000",
           "--set", "training.patience=null")  # fmt: skip
SHORT = ("train", "tiny.yaml", "--set", "checkpoint.every=2", "--set", "training.epochs=2")


@pytest.fixture(scope="module")
def forks():
    with Forks() as server:
        yield server


@pytest.fixture
def here(disk):
    """A folder with reviews and an experiment in it."""
    write_reviews(disk / "reviews.csv", ["bad", "good"])
    (disk / "tiny.yaml").write_text(TINY)
    return disk


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGHUP, 129)]
)
def test_the_first_signal_saves_and_tells_how_to_go_on(forks, here, number, code):
    training = forks.start(*ENDLESS, cwd=here)
    training.until("epoch 2 ")
    training.send(number)
    assert training.code() == code
    assert "Traceback" not in training.err
    stopped, command = training.err.splitlines()[-2:]
    saved = newest_checkpoint(here / "a run")
    assert saved is not None
    assert stopped == f"stopped at step {saved.step}, which is saved"

    typed = shlex.split(command.removeprefix("go on with: "))
    assert typed == ["sentiment", "train", "--resume", "a run"]
    again = forks.start(*typed[1:], cwd=here)
    again.until(f"resumed     after step {saved.step}\n")
    again.send(number)
    assert again.code() == code


def test_one_before_the_first_step_ends_it_and_leaves_nothing_half_done(forks, here):
    training = forks.start(
        *SHORT, "--out", "run", "--set", "seed=7", cwd=here,
        pause="sentiment_cli.reviews.prepare.write_tokens",
    )  # fmt: skip
    training.until(here / "paused")
    assert list(Path(os.environ["SENTIMENT_CACHE"]).glob("*/.staged-*"))
    training.send(signal.SIGTERM)
    assert training.code() == 143
    assert not list(Path(os.environ["SENTIMENT_CACHE"]).glob("*/.staged-*"))
    assert not (here / "run").exists()


def test_one_before_there_is_anything_to_go_on_with_leaves_no_run(forks, here):
    training = forks.start(
        *SHORT, "--out", "run", cwd=here, pause="sentiment_cli.training.run.assemble"
    )
    training.until(here / "paused")
    assert (here / "run").exists()
    training.send(signal.SIGTERM)
    assert training.code() == 143
    assert not (here / "run").exists()


def test_a_second_one_ends_it_at_once_and_the_folder_is_whole(forks, here):
    training = forks.start(
        *SHORT, "--out", "run", cwd=here, pause="sentiment_cli.runs.checkpoints.commit_directory"
    )
    training.until(here / "paused")
    training.send(signal.SIGINT)
    training.send(signal.SIGINT)
    assert training.code() == 130
    assert "Traceback" not in training.err
    assert forks.start("train", "--resume", "run", cwd=here).code() == 0


def test_killed_at_any_time_it_goes_on_and_ends_as_if_it_had_not_been(forks, here):
    assert forks.start(*SHORT, "--out", "whole", cwd=here).code() == 0
    training = forks.start(*SHORT, "--out", "parts", cwd=here)
    for step in ("02", "06", "14"):
        training.until(here / f"parts/checkpoints/step-0000{step}")
        training.send(signal.SIGKILL)
        assert training.code() == -signal.SIGKILL
        training = forks.start("train", "--resume", "parts", cwd=here)
    assert training.code() == 0
    assert results(here / "parts") == results(here / "whole")


def test_while_one_trains_a_second_is_refused_and_readers_are_answered(forks, here):
    training = forks.start(*ENDLESS, cwd=here)
    training.until("epoch 1 ")
    (here / "other").mkdir()
    second = forks.start("train", "--resume", "../a run", cwd=here / "other")
    assert second.code() == 5
    assert f"process {training.pid} on " in second.err
    second = forks.start("train", "../tiny.yaml", "--out", "../a run", cwd=here / "other")
    assert second.code() == 5
    assert f"process {training.pid} on " in second.err
    assert "reading the reviews" not in second.err
    training.until(here / "a run" / "checkpoints")
    reader = forks.start("predict", "--run", "../a run", "crunchy", cwd=here / "other")
    assert reader.code() == 0
    assert "is not finished: its checkpoint of step" in reader.err
    training.send(signal.SIGKILL)
    assert training.code() == -signal.SIGKILL


def test_what_a_kill_after_the_last_rename_left_is_cleared(forks, here):
    training = forks.start(
        *SHORT, "--out", "run", cwd=here, pause="sentiment_cli.runs.store.remove_directory"
    )
    training.until(here / "paused")
    training.send(signal.SIGKILL)
    training.code()
    assert (here / "run" / "manifest.json").exists()
    assert (here / "run" / "checkpoints").exists()
    again = forks.start("train", "--resume", "run", cwd=here)
    assert again.code() == 0
    assert again.err == "run is finished: there is nothing to go on with\n"
    assert not (here / "run" / "checkpoints").exists()
