"""The runs of one folder, the newest first; a broken one is a line, not a crash."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from sentiment_cli.runs.listing import list_runs, newest_run, next_free

from .samples import finished, unfinished


def dated(path: Path, when: int) -> Path:
    """Let the run look as if it was finished, or begun, at `when`."""
    for name in ("manifest.json", "config.yaml"):
        if (path / name).exists():
            os.utime(path / name, (when, when))
    return path


def test_runs_are_listed_newest_first_with_their_figures(tmp_path: Path) -> None:
    dated(finished(tmp_path / "older"), 1000)
    dated(unfinished(tmp_path / "stopped", 100), 2000)
    dated(finished(tmp_path / "newer"), 3000)
    newer, stopped, older = list_runs(tmp_path)
    assert [run.name for run in (newer, stopped, older)] == ["newer", "stopped", "older"]
    assert (newer.path, newer.when, newer.finished) == (tmp_path / "newer", 3000.0, True)
    assert newer.metrics == {"accuracy": 0.5}
    assert newer.timing == {"seconds": 2.5}
    assert (stopped.finished, stopped.metrics, stopped.fault) == (False, None, None)


def test_what_is_no_run_is_not_listed(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").touch()
    (tmp_path / "empty").mkdir()
    (tmp_path / "dangling").symlink_to("nowhere")
    assert list_runs(tmp_path) == []


def test_without_a_folder_there_are_no_runs(tmp_path: Path) -> None:
    assert list_runs(tmp_path / "runs") == []
    assert newest_run(tmp_path / "runs") is None


@pytest.mark.parametrize("name", ["metrics.json", "manifest.json"])
def test_a_broken_run_is_listed_with_its_fault_and_is_not_the_newest(
    name: str, tmp_path: Path
) -> None:
    dated(finished(tmp_path / "sound"), 1000)
    (finished(tmp_path / "broken") / name).write_bytes(b"{}")
    dated(tmp_path / "broken", 2000)
    broken, sound = list_runs(tmp_path)
    assert name in str(broken.fault)
    assert broken.metrics is None
    assert sound.fault is None
    newest = newest_run(tmp_path)
    assert newest is not None
    assert newest.path == tmp_path / "sound"


def test_a_run_without_its_timing_is_listed(tmp_path: Path) -> None:
    (finished(tmp_path / "run") / "timing.json").unlink()
    (run,) = list_runs(tmp_path)
    assert (run.timing, run.fault) == (None, None)


def test_the_newest_run_is_a_finished_one(tmp_path: Path) -> None:
    dated(unfinished(tmp_path / "stopped", 100), 2000)
    assert newest_run(tmp_path) is None
    dated(finished(tmp_path / "older"), 1000)
    dated(finished(tmp_path / "newer"), 1500)
    newest = newest_run(tmp_path)
    assert newest is not None
    assert newest.path == tmp_path / "newer"


def test_names_are_counted_up_past_all_that_is_there(tmp_path: Path) -> None:
    assert next_free(tmp_path / "runs", "lstm") == tmp_path / "runs" / "lstm"
    (tmp_path / "lstm").mkdir()
    assert next_free(tmp_path, "lstm") == tmp_path / "lstm-2"
    (tmp_path / "lstm-2").symlink_to("nowhere")
    assert next_free(tmp_path, "lstm") == tmp_path / "lstm-3"
