"""What the one writer of a run folder may do, and what it leaves."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

import sentiment_cli
from sentiment_cli.errors import EnvironmentFault, ModelError, UsageError
from sentiment_cli.runs.reader import open_run
from sentiment_cli.runs.store import RunFolder

from .samples import CONFIG, FINAL, STATE, finished, unfinished


def names(path: Path) -> list[str]:
    """What a person sees in the folder."""
    return sorted(inside.name for inside in path.iterdir() if not inside.name.startswith("."))


def test_a_new_run_holds_its_config_from_the_first_moment(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "runs" / "a", config_yaml="name: ä\r\n") as run:
        assert names(run.path) == ["checkpoints", "config.yaml"]
        assert (run.path / "config.yaml").read_bytes() == "name: ä\r\n".encode()
        assert not run.finished


@pytest.mark.parametrize("left", [[], [".lock", ".lock-holder"], [".lock", ".partial-0123"]])
def test_a_folder_is_vacant_if_nobody_ever_wrote_into_it(left: list[str], tmp_path: Path) -> None:
    path = tmp_path / "run"
    path.mkdir()
    for name in left:
        (path / name).touch()
    RunFolder.create(path, config_yaml=CONFIG).close()
    assert not (path / ".partial-0123").exists()


@pytest.mark.parametrize("there", ["notes.txt", ".hidden", "manifest.json"])
def test_an_occupied_folder_is_left_as_it_is(there: str, tmp_path: Path) -> None:
    (tmp_path / there).touch()
    with pytest.raises(UsageError) as told:
        RunFolder.create(tmp_path, config_yaml=CONFIG)
    assert "nothing is overwritten" in told.value.what
    assert "--out" in str(told.value.hint)
    assert "--resume" not in str(told.value.hint)
    assert [path.name for path in tmp_path.iterdir()] == [there]


def test_a_file_in_place_of_the_folder_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "run").write_text("mine")
    with pytest.raises(UsageError, match="nothing is overwritten"):
        RunFolder.create(tmp_path / "run", config_yaml=CONFIG)
    assert (tmp_path / "run").read_text() == "mine"


def test_an_unfinished_run_is_not_begun_anew_but_gone_on_with(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "run", 100)
    with pytest.raises(UsageError) as told:
        RunFolder.create(path, config_yaml="other")
    assert f"sentiment train --resume {path}" in str(told.value.hint)
    assert open_run(path).step == 100


def test_two_trainings_never_share_a_folder(tmp_path: Path) -> None:
    with RunFolder.create(tmp_path / "run", config_yaml=CONFIG):
        with pytest.raises(EnvironmentFault, match="is being written by process"):
            RunFolder.create(tmp_path / "run", config_yaml=CONFIG)
        with pytest.raises(EnvironmentFault, match="is being written by process"):
            RunFolder.resume(tmp_path / "run")
    RunFolder.resume(tmp_path / "run").close()


def test_a_refused_beginning_lets_the_lock_go(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "run")
    with pytest.raises(UsageError):
        RunFolder.create(path, config_yaml=CONFIG)
    RunFolder.resume(path).close()


def test_a_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault):
        RunFolder.create(tmp_path / "file" / "run", config_yaml=CONFIG)


def test_a_resumed_run_knows_its_config_and_its_newest_checkpoint(tmp_path: Path) -> None:
    with RunFolder.resume(unfinished(tmp_path / "run", 100, 200)) as run:
        newest = run.newest_checkpoint()
        assert run.config_yaml == CONFIG
    assert newest is not None
    assert newest.step == 200
    assert newest.files == {"config.yaml": CONFIG.encode(), **STATE}


def test_a_run_killed_before_its_first_checkpoint_starts_again(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "run")
    (path / "checkpoints").rmdir()
    with RunFolder.resume(path) as run:
        assert run.newest_checkpoint() is None
        run.save_checkpoint(100, STATE, best_step=None, keep=1)
    assert open_run(path).step == 100


def test_a_run_is_not_gone_on_with_under_a_changed_config(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "run", 100)
    (path / "config.yaml").write_text("seed: 8\n")
    with pytest.raises(ModelError, match="was changed after the run began"):
        RunFolder.resume(path)


def test_no_run_is_not_gone_on_with(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="is no run folder"):
        RunFolder.resume(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_history_is_one_json_object_a_line(tmp_path: Path) -> None:
    records: list[dict[str, object]] = [{"epoch": 1, "word": "ä\n"}, {"epoch": 2, "loss": 0.1}]
    with RunFolder.create(tmp_path / "run", config_yaml=CONFIG) as run:
        run.append_history({"torn": True})
        run.write_history(records[:1])
        run.append_history(records[1])
        lines = (run.path / "history.jsonl").read_text().splitlines()
    assert [json.loads(line) for line in lines] == records


def test_no_number_that_json_does_not_know_gets_into_the_history(tmp_path: Path) -> None:
    with (
        RunFolder.create(tmp_path / "run", config_yaml=CONFIG) as run,
        pytest.raises(ValueError, match="not JSON compliant"),
    ):
        run.append_history({"loss": float("nan")})


def test_a_finished_run_holds_all_files_and_no_checkpoints(tmp_path: Path) -> None:
    path = unfinished(tmp_path / "run", 100)
    with RunFolder.resume(path) as run:
        run.finish(FINAL)
        assert run.finished
    assert names(path) == sorted([*FINAL, "config.yaml", "manifest.json"])
    manifest = json.loads((path / "manifest.json").read_bytes())
    assert sorted(manifest["files"]) == [
        "config.json",
        "config.yaml",
        "metrics.json",
        "model.safetensors",
        "tokenizer.json",
        "training_hashes.safetensors",
    ]


def test_equal_runs_have_equal_manifests(tmp_path: Path) -> None:
    paths = [finished(tmp_path / "a"), unfinished(tmp_path / "b", 100)]
    with RunFolder.resume(paths[1]) as run:
        run.finish({**FINAL, "timing.json": b"another", "README.md": b"another"})
    first, second = ((path / "manifest.json").read_bytes() for path in paths)
    assert first == second


def test_to_finish_again_with_the_same_files_changes_nothing(tmp_path: Path) -> None:
    path = finished(tmp_path / "run")
    with RunFolder.resume(path) as run:
        run.finish(FINAL)
        with pytest.raises(ModelError, match="finished already"):
            run.finish({**FINAL, "metrics.json": b"{}"})
    assert open_run(path).files["metrics.json"] == FINAL["metrics.json"]


def test_a_finish_without_all_files_finishes_nothing(tmp_path: Path) -> None:
    with (
        RunFolder.create(tmp_path / "run", config_yaml=CONFIG) as run,
        pytest.raises(KeyError, match="metrics"),
    ):
        run.finish(STATE)
    assert names(tmp_path / "run") == ["checkpoints", "config.yaml"]


def test_what_a_kill_left_in_a_finished_run_is_cleared(tmp_path: Path) -> None:
    path = finished(tmp_path / "run")
    (path / "checkpoints" / "step-000100").mkdir(parents=True)
    (path / ".partial-0123").mkdir()
    with RunFolder.resume(path) as run:
        assert run.finished
    assert not (path / "checkpoints").exists()
    assert not (path / ".partial-0123").exists()


def test_the_checkpoints_of_a_damaged_finished_run_stay(tmp_path: Path) -> None:
    path = finished(tmp_path / "run")
    (path / "checkpoints" / "step-000100").mkdir(parents=True)
    (path / "model.safetensors").write_bytes(b"weightz")
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged"):
        RunFolder.resume(path)
    assert (path / "checkpoints" / "step-000100").exists()


def test_to_import_the_store_is_light() -> None:
    heavy = "torch numpy pydantic filelock shutil safetensors ruamel"
    script = (
        "import sys, sentiment_cli.runs.store, sentiment_cli.runs.listing\n"
        f"print(*sorted(set('{heavy}'.split()) & set(sys.modules)))"
    )
    root = Path(sentiment_cli.__file__).parents[1]
    told = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, check=True, text=True
    )
    assert told.stdout.split() == []
