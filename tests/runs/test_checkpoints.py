"""Which checkpoints stay, and which one is read."""

from __future__ import annotations

import errno
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import EnvironmentFault, ModelError
from sentiment_cli.runs.checkpoints import checkpoint, newest_checkpoint, save
from sentiment_cli.runs.verified import read_verified


@pytest.fixture
def run(tmp_path: Path) -> Path:
    (tmp_path / "checkpoints").mkdir()
    return tmp_path


def saved(run: Path) -> list[str]:
    return sorted(path.name for path in (run / "checkpoints").iterdir())


def put(run: Path, step: int, *, best: int | None = None, keep: int = 1, word: str = "") -> None:
    save(run, step, {"state.json": (word or str(step)).encode()}, best_step=best, keep=keep)


def damage(run: Path, name: str) -> None:
    (run / "checkpoints" / name / "state.json").write_bytes(b"damaged")


def test_a_checkpoint_is_a_directory_of_its_own_with_its_manifest(run: Path) -> None:
    put(run, 400)
    assert saved(run) == ["step-000400"]
    inside = (run / "checkpoints" / "step-000400").iterdir()
    assert sorted(path.name for path in inside) == ["manifest.json", "state.json"]


def test_the_newest_and_the_best_stay(run: Path) -> None:
    for step in (100, 200, 300, 400, 500):
        put(run, step, best=min(step, 200), keep=2)
    assert saved(run) == ["step-000200", "step-000400", "step-000500"]


def test_a_best_one_that_was_surpassed_goes(run: Path) -> None:
    put(run, 100, best=100)
    put(run, 200, best=100)
    put(run, 300, best=300)
    assert saved(run) == ["step-000300"]


def test_none_goes_before_the_new_one_is_there(run: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    put(run, 100)

    def refuse(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(os, "rename", refuse)
        with pytest.raises(EnvironmentFault):
            put(run, 200)
    assert saved(run) == ["step-000100"]


def test_a_step_saved_again_is_the_newest_of_its_step(run: Path) -> None:
    put(run, 100, word="first")
    for word in ("second", "third"):
        put(run, 200, best=200, word=word)
    assert saved(run) == ["step-000200-2"]
    put(run, 200, best=200, word="fourth")
    put(run, 300, best=200)
    assert checkpoint(run, 200).files == {"state.json": b"fourth"}


def test_steps_are_ordered_as_numbers(run: Path) -> None:
    put(run, 999_999, keep=9)
    put(run, 1_000_000, keep=9)
    newest = newest_checkpoint(run)
    assert newest is not None
    assert newest.step == 1_000_000


def test_a_run_that_never_saved_has_none(run: Path) -> None:
    assert newest_checkpoint(run) is None
    (run / "checkpoints").rmdir()
    assert newest_checkpoint(run) is None


def test_other_things_beside_the_checkpoints_are_left_alone(run: Path) -> None:
    (run / "checkpoints" / "notes").mkdir()
    (run / "checkpoints" / "step-1").mkdir()
    put(run, 100)
    put(run, 200)
    assert saved(run) == ["notes", "step-000200", "step-1"]


def test_damaged_ones_are_passed_over_and_told(run: Path) -> None:
    for step in (100, 200, 300):
        put(run, step, keep=9)
    damage(run, "step-000200")
    damage(run, "step-000300")
    newest = newest_checkpoint(run)
    assert newest is not None
    assert (newest.step, newest.files) == (100, {"state.json": b"100"})
    assert ["step-000300" in told for told in newest.passed_over] == [True, False]


def test_when_none_is_whole_each_fault_is_told(run: Path) -> None:
    for step in (100, 200):
        put(run, step, keep=9)
        damage(run, f"step-{step:06}")
    with pytest.raises(ModelError, match=r"step-000200.*step-000100"):
        newest_checkpoint(run)


def test_after_going_back_the_damaged_newer_one_goes_and_the_whole_one_stays(run: Path) -> None:
    put(run, 100, keep=2)
    put(run, 300, keep=2)
    damage(run, "step-000300")
    put(run, 200, keep=1)
    assert saved(run) == ["step-000200"]


def test_one_that_is_removed_while_it_is_read_is_no_fault(
    run: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    put(run, 100)

    def overtaken(folder: Path, names: None, *, largest: int) -> dict[str, bytes]:
        monkeypatch.undo()
        put(run, 200)
        return read_verified(folder, names, largest=largest)

    monkeypatch.setattr("sentiment_cli.runs.checkpoints.read_verified", overtaken)
    newest = newest_checkpoint(run)
    assert newest is not None
    assert (newest.step, newest.passed_over) == (200, ())


def test_a_step_that_was_not_saved_is_refused_with_those_that_were(run: Path) -> None:
    put(run, 100, keep=2)
    put(run, 200, keep=2)
    with pytest.raises(ModelError) as told:
        checkpoint(run, 150)
    assert told.value.hint == "it holds: 200, 100"


def test_only_the_files_asked_for_are_read(run: Path) -> None:
    save(run, 100, {"a": b"1", "b": b"2"}, best_step=None, keep=1)
    (run / "checkpoints" / "step-000100" / "b").unlink()
    assert checkpoint(run, 100, ["a"]).files == {"a": b"1"}
    newest = newest_checkpoint(run, ["a"])
    assert newest is not None
    assert newest.files == {"a": b"1"}


def test_a_vanished_folder_is_told(run: Path) -> None:
    shutil.rmtree(run / "checkpoints")
    with pytest.raises(EnvironmentFault, match="checkpoints"):
        put(run, 100)


@settings(max_examples=15, deadline=None)
@given(
    saves=st.lists(
        st.tuples(st.integers(0, 5), st.booleans(), st.booleans()), min_size=1, max_size=12
    ),
    keep=st.integers(1, 3),
)
def test_whatever_happens_the_newest_saved_and_the_best_can_be_read(
    saves: list[tuple[int, bool, bool]], keep: int, tmp_path_factory: pytest.TempPathFactory
) -> None:
    run = tmp_path_factory.mktemp("run")
    (run / "checkpoints").mkdir()
    best: int | None = None
    for number, (step, is_best, damaged_after) in enumerate(saves):
        best = step if is_best or best is None or best > step else best
        put(run, step, best=best, keep=keep, word=f"save {number}")
        assert checkpoint(run, step).files == {"state.json": b"save %d" % number}
        newest = newest_checkpoint(run)
        assert newest is not None
        assert newest.step == step
        assert best in {int(name.split("-")[1]) for name in saved(run)}
        assert len(saved(run)) <= keep + 1
        if damaged_after:
            damage(run, saved(run)[-1])
