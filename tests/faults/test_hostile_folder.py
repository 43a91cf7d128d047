"""A run folder that someone made up: nothing outside it is read, nothing large, no wait."""

from __future__ import annotations

import hashlib
import json
import os
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sentiment_cli.errors import ModelError, SentimentError
from sentiment_cli.runs.listing import list_runs
from sentiment_cli.runs.reader import open_run
from sentiment_cli.runs.store import RunFolder

from . import writer

TEBIBYTE = 2**40


def entry(content: bytes, **changed: Any) -> dict[str, Any]:
    return {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content), **changed}


def sealed(files: Any, **changed: Any) -> bytes:
    """A manifest with a seal that fits, as anyone can make one."""
    body = {"files": files, "format": 1, "needs": "0.1.0", **changed}
    seal = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return json.dumps({**body, "seal": seal}, sort_keys=True, indent=2).encode() + b"\n"


@pytest.fixture
def run(disk: Path) -> Path:
    """A finished run, beside a file that is none of its business."""
    (disk / "secret").write_bytes(b"secret")
    writer.base(disk / "run")
    writer.finish(disk / "run")
    return disk / "run"


def peak_memory(action: Callable[[], object]) -> int:
    """Bytes that `action` had allocated at most."""
    tracemalloc.start()
    try:
        action()
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


def refused(run: Path, names: list[str] | None = None) -> str:
    """What is said when `run` is refused, in little memory."""

    def refuse() -> None:
        with pytest.raises(ModelError) as told:
            open_run(run, names)
        said.append(told.value.what)

    said: list[str] = []
    assert peak_memory(refuse) < 2**20
    return said[0]


def test_a_forged_manifest_with_a_fitting_seal_is_what_the_tests_below_take_it_for(
    run: Path,
) -> None:
    (run / "manifest.json").write_bytes(sealed({"config.json": entry(b"{}")}))
    (run / "config.json").write_bytes(b"{}")
    assert open_run(run, ["config.json"]).files == {"config.json": b"{}"}


@pytest.mark.parametrize(
    "name",
    [
        "../secret",
        "/etc/hostname",
        "checkpoints/../../secret",
        "a/b",
        "a\\b",
        "..",
        ".",
        "",
        ".lock",
        "a\0b",
        "a\n",
        "é",
        "a" * 101,
        "manifest.json",
    ],
)
def test_a_name_that_is_no_plain_file_name_is_refused(name: str, run: Path) -> None:
    (run / "manifest.json").write_bytes(sealed({name: entry(b"secret")}))
    assert "manifest.json is damaged" in refused(run, [name])


@pytest.mark.parametrize(
    "claim",
    [
        {"size": TEBIBYTE},
        {"size": 10**400},
        {"size": -1},
        {"size": 2.0},
        {"size": True},
        {"size": "2"},
        {"size": None},
        {"size": [2]},
        {"sha256": "0" * 63},
        {"sha256": "G" * 64},
        {"sha256": 7},
        {"more": 1},
    ],
)
def test_an_entry_of_another_form_is_refused(claim: dict[str, Any], run: Path) -> None:
    (run / "manifest.json").write_bytes(sealed({"config.json": entry(b"{}", **claim)}))
    assert "manifest.json is damaged" in refused(run, ["config.json"])


@pytest.mark.parametrize(
    "manifest",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b'{"format": 1}',
        b"[" * 60_000,
        b'{"a":' * 10_000,
        b"1" * 10_000,
        b"\xff\xfe" + "{}".encode("utf-16-le"),
        sealed([]),
        sealed({"config.json": None}),
        sealed({}, format=0),
        sealed({}, format=True),
        sealed({}, format="2"),
        sealed({}, format=10**400),
        sealed({}, format=1.0),
        sealed({}, needs="9.9"),
        sealed({}, more=1),
        sealed({}) + b"\n",
        sealed({}).replace(b"  ", b" "),
        sealed({}).replace(b"{}", b"{ }"),
        sealed({}).replace(b'"format": 1', b'"format": 1, "format": 1'),
    ],
)
def test_a_manifest_of_another_form_is_refused(manifest: bytes, run: Path) -> None:
    (run / "manifest.json").write_bytes(manifest)
    assert "manifest.json is damaged" in refused(run)


def test_a_huge_manifest_is_not_read(run: Path) -> None:
    os.truncate(run / "manifest.json", TEBIBYTE)
    assert "manifest.json is damaged" in refused(run)


def test_a_file_that_has_grown_huge_is_not_read(run: Path) -> None:
    os.truncate(run / "model.safetensors", TEBIBYTE)
    assert f"{TEBIBYTE} bytes" in refused(run)


@pytest.mark.parametrize("name", ["model.safetensors", "manifest.json"])
def test_a_link_is_not_followed(name: str, run: Path, disk: Path) -> None:
    (run / name).rename(disk / name)
    (run / name).symlink_to(disk / name)
    assert f"{name} is no plain file, but a link" in refused(run)


@pytest.mark.parametrize("name", ["model.safetensors", "manifest.json"])
def test_a_pipe_is_refused_without_waiting(name: str, run: Path) -> None:
    (run / name).unlink()
    os.mkfifo(run / name)
    assert f"{name} is no plain file" in refused(run)


def test_a_folder_in_place_of_a_file_is_refused(run: Path) -> None:
    (run / "config.json").unlink()
    (run / "config.json").mkdir()
    assert "config.json is no plain file" in refused(run)


@pytest.mark.parametrize("name", ["checkpoints", "checkpoints/step-000800"])
def test_a_checkpoint_that_lies_elsewhere_is_refused(name: str, disk: Path) -> None:
    run = disk / "run"
    with RunFolder.create(run, config_yaml="") as folder:
        folder.save_checkpoint(800, writer.state("old"), best_step=None, keep=1)
    (run / name).rename(disk / "elsewhere")
    (run / name).symlink_to(disk / "elsewhere")
    assert "is no folder, but a link" in refused(run)


def test_going_on_with_a_hostile_run_writes_and_removes_nothing_elsewhere(disk: Path) -> None:
    run, elsewhere = disk / "run", disk / "elsewhere"
    writer.base(run)
    elsewhere.mkdir()
    (elsewhere / "precious").write_text("precious")
    links = ["history.jsonl", ".partial-1", "checkpoints/.partial-2", "checkpoints/step-000100"]
    for link in links:
        (run / link).unlink(missing_ok=True)
        (run / link).symlink_to(elsewhere if "history" not in link else elsewhere / "precious")
    with RunFolder.resume(run) as folder:
        with pytest.raises(SentimentError):
            folder.append_history({"loss": 1.0})
        folder.write_history([{"loss": 1.0}])
        folder.save_checkpoint(1200, writer.state("new"), best_step=None, keep=1)
    assert [path.name for path in elsewhere.iterdir()] == ["precious"]
    assert (elsewhere / "precious").read_text() == "precious"
    assert sorted(path.name for path in (run / "checkpoints").iterdir()) == ["step-001200"]


def test_memory_stays_near_the_size_of_the_files(run: Path) -> None:
    large = b"w" * 2**23
    files = {"model.safetensors": large, "config.json": b"{}"}
    for name, content in files.items():
        (run / name).write_bytes(content)
    (run / "manifest.json").write_bytes(sealed({n: entry(c) for n, c in files.items()}))
    assert peak_memory(lambda: open_run(run, ["config.json"])) < 2**20
    assert peak_memory(lambda: open_run(run, list(files))) < 1.1 * 2**23


def test_hostile_runs_are_listed_as_broken(run: Path, disk: Path) -> None:
    metrics = [b"[]", b"[" * 60_000, b'{"a": "' + b"1" * 2**21 + b'"}', b"\xff"]
    for number, content in enumerate(metrics):
        copy = disk / str(number)
        copy.mkdir()
        (copy / "metrics.json").write_bytes(content)
        (copy / "manifest.json").write_bytes(sealed({"metrics.json": entry(content)}))
    faults = {summary.name: summary.fault for summary in list_runs(disk)}
    assert faults.pop("run") is None
    assert len(faults) == len(metrics)
    assert all(fault and "metrics.json is no JSON object" in fault for fault in faults.values())
