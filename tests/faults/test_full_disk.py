"""The disk fills up, turns read-only or vanishes under a training."""

from __future__ import annotations

import errno
import os
import shutil
from contextlib import contextmanager, suppress

import pytest
from support.cli import TINY, sentiment, write_reviews
from support.forks import Forks
from support.trainings import STEPS_AN_EPOCH, at_step, begun, gone_on, results, tiny

from sentiment_cli import metrics
from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.checkpoints import newest_checkpoint
from sentiment_cli.training import experiment as training
from sentiment_cli.training.events import Finished, Saved, Stopped, Warned
from sentiment_cli.training.loop import StepRecord

REFUSALS = [errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES]
WRITES = ("open", "mkdir", "write", "rename", "fsync")


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "_DRAWS", 20)  # for time's sake: intervals are not the matter
        patch.setenv("SENTIMENT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield


class Disk:
    """Stands between this process and the system, and refuses to write while `full` says so."""

    def __init__(self, number=errno.ENOSPC):
        self.number = number
        self.writes = 0
        self.full = lambda writes: False

    def watch(self, monkeypatch):
        for name in WRITES:
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name, call):
        def watched(*args, **kwargs):
            if name != "open" or args[1] & os.O_CREAT:
                self.writes += 1
                if self.full(self.writes):
                    raise OSError(self.number, os.strerror(self.number))
            return call(*args, **kwargs)

        return watched


@contextmanager
def watched(disk):
    with pytest.MonkeyPatch.context() as patch:
        disk.watch(patch)
        yield disk


def trained(experiment, out, disk, full):
    """Train until it ends or fails; the disk is full from and up to some steps."""
    begin, end = full
    seen = []
    stream = training.start(
        experiment, out, device="cpu", progress=lambda *_: None, stop=lambda: False
    )
    with watched(disk):
        try:
            for event in stream:
                seen.append(event)
                if isinstance(event, StepRecord):
                    step = event.step
                    disk.full = lambda _: begin <= step < end  # noqa: B023
        except EnvironmentFault as fault:
            seen.append(fault)
    return seen


@pytest.mark.parametrize("number", REFUSALS)
def test_it_says_so_tries_again_and_ends_as_if_nothing_had_been(disk, number):
    experiment = tiny(disk, "checkpoint.every=2")
    begun(experiment, disk / "whole")
    events = trained(experiment, disk / "run", Disk(number), full=(3, STEPS_AN_EPOCH + 3))
    saves = [event for event in events if isinstance(event, Saved)]
    assert [save.step for save in saves if save.fault] == [4, 6, 6, 8]
    assert all(os.strerror(number) in save.fault for save in saves if save.fault)
    assert [event.what for event in events if isinstance(event, Warned)]
    assert isinstance(events[-1], Finished)
    assert results(disk / "run") == results(disk / "whole")


def test_full_to_the_end_it_fails_and_keeps_the_last_whole_checkpoint(disk):
    experiment = tiny(disk, "checkpoint.every=2")
    begun(experiment, disk / "whole")
    events = trained(experiment, disk / "run", Disk(), full=(5, 1000))
    assert isinstance(events[-1], EnvironmentFault)
    assert "free some space" in events[-1].hint
    assert "--resume" in events[-1].hint
    assert newest_checkpoint(disk / "run").step == 4
    gone_on(disk / "run")
    assert results(disk / "run") == results(disk / "whole")


def test_wherever_a_call_fails_it_ends_well_or_can_be_gone_on_with(disk):
    experiment = tiny(disk, "training.epochs=1", "training.batch_size=60")
    begun(experiment, disk / "whole")
    whole = results(disk / "whole")
    number, ended = 0, False
    while not ended:
        number += 1
        out = disk / f"run-{number}"
        with watched(Disk()) as sick:
            sick.full = lambda writes: writes == number  # noqa: B023
            with suppress(EnvironmentFault):
                begun(experiment, out)
            ended = sick.writes < number
        if not (out / "config.yaml").exists():
            begun(experiment, out)
        elif not (out / "manifest.json").exists():
            gone_on(out)
        assert results(out) == whole
        shutil.rmtree(out)
    assert number > 40


def test_a_stop_that_cannot_save_says_what_is_saved(disk, monkeypatch):
    sick = Disk()
    sick.watch(monkeypatch)
    sick.full = lambda _: (disk / "run" / "history.jsonl").exists()
    stopped = begun(tiny(disk), disk / "run", at_step(2))[-1]
    assert isinstance(stopped, Stopped)
    assert (stopped.step, stopped.saved) == (2, None)


def test_a_folder_that_vanishes_is_told_and_is_no_bug(disk, monkeypatch):
    monkeypatch.chdir(disk)
    tiny(disk, "checkpoint.every=2")

    def vanish(*_, **__):
        shutil.rmtree(disk / "run", ignore_errors=True)

    monkeypatch.setattr("sentiment_cli.runs.store.RunFolder.write_history", vanish)
    answer = sentiment("train", "tiny.yaml", "--out", "run")
    assert answer.code == 5
    assert "warning: not saved: cannot write to run/checkpoints: No such file" in answer.err
    assert "make that folder first" in answer.err


def test_the_system_s_own_limit_ends_a_real_process_with_5(disk):
    write_reviews(disk / "reviews.csv", ["bad", "good"])
    (disk / "tiny.yaml").write_text(TINY)
    with Forks() as forks:
        warm = forks.start("train", "tiny.yaml", "--out", "run", cwd=disk)
        assert warm.code() == 0
        limited = forks.start("train", "tiny.yaml", "--out", "big", cwd=disk, largest_file=9000)
        assert limited.code() == 5
        assert "warning: not saved: " in limited.err
        assert "File too large" in limited.err
        assert "ulimit -f" in limited.err
        assert "Traceback" not in limited.err
        assert forks.start("train", "--resume", "big", cwd=disk).code() == 0
        full = forks.start("predict", "--run", "run", "crunchy", cwd=disk, out="/dev/full")
        assert full.code() == 5
        assert full.err.startswith("error: the system refuses: ")
        assert "Exception ignored" not in full.err
