"""A writer is killed at, or refused, each call that changes the disk; the run stays whole."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import pytest

import sentiment_cli
from sentiment_cli.runs.checkpoints import checkpoint
from sentiment_cli.runs.reader import Run, is_finished, is_run, open_run

from . import writer

MODES = ["kill", "fail", "full"]
ENDINGS = {"kill": {"killed"}, "fail": {"done"}, "full": {"done", "refused"}}


class Outcome(NamedTuple):
    """One sabotaged process: which call was struck, how it ended, and the folder it left."""

    call: int
    ending: str
    path: Path


def sabotage(action: str, mode: str, disk: Path) -> tuple[list[Outcome], list[str]]:
    """The outcomes for every N, and the calls that an untouched process makes."""
    start, out = disk / "base", disk / "out"
    out.mkdir()
    if action != "create":
        writer.base(start)
    told = subprocess.run(
        [sys.executable, writer.__file__, action, mode, start, out],
        env={**os.environ, "PYTHONPATH": str(Path(sentiment_cli.__file__).parents[1])},
        stdout=subprocess.PIPE,
        check=True,
    )
    report: dict[str, Any] = json.loads(told.stdout)
    outcomes = [Outcome(int(n), how, out / n) for n, how in report["endings"].items()]
    assert outcomes.pop().ending == "untouched"
    assert {outcome.ending for outcome in outcomes} <= ENDINGS[mode]
    return outcomes, report["calls"]


def loaded(run: Run) -> str:
    """Which state the run tells, once it is certain that it tells one state alone."""
    for word in ("best", "old", "new"):
        files = {**writer.state(word), "config.yaml": writer.CONFIG.encode()}
        if run.files == files:
            return word
    raise AssertionError(f"a mixture: {run}")


def leftovers(path: Path) -> list[Path]:
    return [inside for inside in path.rglob("*") if inside.name.startswith(".partial")]


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("action", ["save", "save_again"])
def test_a_stopped_save_leaves_the_old_state_or_the_new(action: str, mode: str, disk: Path) -> None:
    outcomes, calls = sabotage(action, mode, disk)
    assert {"mkdir", "write", "fsync", "rename", "unlink", "rmdir"} <= set(calls)
    for outcome in outcomes:
        run = open_run(outcome.path)
        assert loaded(run) in {"old", "new"}
        assert not run.finished
        assert not run.passed_over
        assert checkpoint(outcome.path, 400).files["config.json"] == b'{"word": "best"}'
        if outcome.ending == "done":
            assert loaded(run) == "new"

        writer.ACTIONS[action](outcome.path)
        assert loaded(open_run(outcome.path)) == "new"
        assert not leftovers(outcome.path)
    assert {loaded(open_run(disk / "base")), loaded(open_run(outcomes[-1].path))} == {
        "old",
        "new",
    }


@pytest.mark.parametrize("mode", MODES)
def test_a_stopped_finish_leaves_the_last_checkpoint_or_a_finished_run(
    mode: str, disk: Path
) -> None:
    outcomes, calls = sabotage("finish", mode, disk)
    assert {"write", "fsync", "rename", "unlink", "rmdir"} <= set(calls)
    for outcome in outcomes:
        run = open_run(outcome.path)
        assert loaded(run) == ("new" if run.finished else "old")
        if outcome.ending == "done":
            assert run.finished

        writer.finish(outcome.path)
        run = open_run(outcome.path)
        assert run.finished
        assert loaded(run) == "new"
        assert not leftovers(outcome.path)
        assert not (outcome.path / "checkpoints").exists()


@pytest.mark.parametrize("mode", MODES)
def test_a_stopped_resume_keeps_the_state_and_the_old_history_or_the_new(
    mode: str, disk: Path
) -> None:
    outcomes, _ = sabotage("resume", mode, disk)
    for outcome in outcomes:
        assert loaded(open_run(outcome.path)) == "old"
        lines = (outcome.path / "history.jsonl").read_text().splitlines()
        assert [json.loads(line) for line in lines] in (writer.HISTORY[:1], writer.HISTORY)


@pytest.mark.parametrize("mode", MODES)
def test_a_stopped_beginning_can_be_begun_again(mode: str, disk: Path) -> None:
    outcomes, _ = sabotage("create", mode, disk)
    for outcome in outcomes:
        assert not is_finished(outcome.path)
        if is_run(outcome.path):
            assert (outcome.path / "config.yaml").read_text() == writer.CONFIG

        writer.create(outcome.path)
        writer.save(outcome.path)
        assert loaded(open_run(outcome.path)) == "new"
        assert not leftovers(outcome.path)
