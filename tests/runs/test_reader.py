"""A run folder is read as it stands, without a lock."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from sentiment_cli.errors import EnvironmentFault, ModelError
from sentiment_cli.runs.checkpoints import Checkpoint, newest_checkpoint
from sentiment_cli.runs.manifest import encode
from sentiment_cli.runs.reader import COVERED, is_finished, is_run, is_unfinished, open_run
from sentiment_cli.runs.store import RunFolder

from .samples import CONFIG, FINAL, STATE, finished, unfinished


def test_a_finished_run_gives_the_files_that_its_manifest_covers(tmp_path: Path) -> None:
    run = open_run(finished(tmp_path / "run"))
    assert run.files == {"config.yaml": CONFIG.encode()} | {
        name: FINAL[name] for name in COVERED if name != "config.yaml"
    }
    assert run.finished
    assert run.step is None


def test_an_unfinished_run_gives_its_newest_checkpoint(tmp_path: Path) -> None:
    run = open_run(unfinished(tmp_path / "run", 100, 200))
    assert run.files == {"config.yaml": CONFIG.encode(), **STATE}
    assert not run.finished
    assert run.step == 200


@pytest.mark.parametrize("make", [finished, lambda path: unfinished(path, 100)])
def test_only_the_files_asked_for_are_given(make: Callable[[Path], Path], tmp_path: Path) -> None:
    run = open_run(make(tmp_path / "run"), ["tokenizer.json"])
    assert run.files == {"tokenizer.json": STATE["tokenizer.json"]}


def test_a_run_that_is_being_trained_is_read_at_once(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", config_yaml=CONFIG) as training:
        training.save_checkpoint(100, STATE, best_step=None, keep=1)
        assert open_run(tmp_path / "run").step == 100


def test_a_run_that_comes_to_its_end_meanwhile_is_read_as_finished(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = unfinished(tmp_path / "run", 100)

    def overtaken(run: Path, names: None, *, largest: int) -> Checkpoint | None:
        monkeypatch.undo()
        with RunFolder.resume(path) as training:
            training.finish(FINAL)
        return newest_checkpoint(run, names, largest=largest)

    monkeypatch.setattr("sentiment_cli.runs.reader.newest_checkpoint", overtaken)
    assert open_run(path).finished


def test_files_that_no_manifest_covers_may_change(tmp_path: Path) -> None:
    path = finished(tmp_path / "run")
    for name in ("README.md", "timing.json", "history.jsonl", "notes"):
        (path / name).write_text("mine")
    assert open_run(path).finished


def test_a_finished_run_whose_manifest_leaves_a_file_out_is_refused(tmp_path: Path) -> None:
    path = finished(tmp_path / "run")
    (path / "manifest.json").write_bytes(encode({"config.yaml": CONFIG.encode()}))
    with pytest.raises(ModelError, match=r"manifest\.json names no config\.json"):
        open_run(path)


def test_a_run_without_a_checkpoint_says_how_to_go_on(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "a run")
    with pytest.raises(ModelError) as told:
        open_run(path)
    assert "no checkpoint yet" in told.value.what
    assert f"sentiment train --resume '{path}'" in str(told.value.hint)


@pytest.mark.parametrize(
    ("name", "what"),
    [
        ("missing", "there is no run folder"),
        ("file", "is a file, not a run folder"),
        ("file/inside", "is a file, not a run folder"),
        ("folder", "it holds neither manifest.json nor config.yaml"),
    ],
)
def test_what_is_no_run_is_refused(name: str, what: str, tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    (tmp_path / "folder").mkdir()
    with pytest.raises(ModelError) as told:
        open_run(tmp_path / name)
    assert what in told.value.what
    assert str(tmp_path / name) in told.value.what
    assert "sentiment runs" in str(told.value.hint)


@pytest.mark.parametrize("name", ["runs/qick", "quick"])
def test_a_run_of_a_similar_name_is_proposed(name: str, tmp_path: Path) -> None:
    finished(tmp_path / "runs" / "quick")
    finished(tmp_path / "runs" / "other")
    with pytest.raises(ModelError) as told:
        open_run(tmp_path / name)
    assert told.value.hint == f"did you mean {tmp_path / 'runs' / 'quick'}?"


def test_a_folder_that_may_not_be_read_is_the_machines_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(os, "listdir", refuse)
    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(EnvironmentFault, match="cannot read"):
        open_run(tmp_path)


def test_the_manifest_tells_finished_runs_from_unfinished_ones(tmp_path: Path) -> None:
    done, stopped = finished(tmp_path / "done"), unfinished(tmp_path / "stopped", 100)
    assert [is_run(path) for path in (done, stopped, tmp_path)] == [True, True, False]
    assert [is_finished(path) for path in (done, stopped, tmp_path)] == [True, False, False]
    assert [is_unfinished(path) for path in (done, stopped, tmp_path)] == [False, True, False]
