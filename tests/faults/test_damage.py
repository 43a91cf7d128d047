"""Each flipped byte and each truncation of a covered file, and of the manifest, is refused."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from sentiment_cli.errors import ModelError
from sentiment_cli.runs.reader import COVERED, NGRAMS, open_run

from . import writer

PREDICTION = ("config.json", "model.safetensors", "tokenizer.json")


@pytest.fixture
def finished(disk: Path) -> Path:
    """A finished run; its untouched copy is accepted."""
    writer.base(disk / "run")
    writer.finish(disk / "run")
    assert open_run(disk / "run").finished
    return disk / "run"


@pytest.fixture
def unfinished(disk: Path) -> Path:
    """A run with one checkpoint."""
    writer.base(disk / "run")
    (disk / "run" / "checkpoints" / "step-000400").rename(disk / "gone")
    assert open_run(disk / "run").step == 800
    return disk / "run"


def accepted(run: Path, damaged: Path, variants: Callable[[bytes], list[bytes]]) -> list[bytes]:
    """Those variants of the file `damaged` with which the run still opens."""
    names = PREDICTION if damaged.name == "manifest.json" else None
    whole = damaged.read_bytes()
    opened = []
    for variant in variants(whole):
        damaged.write_bytes(variant)
        with suppress(ModelError):
            open_run(run, names)
            opened.append(variant)
    damaged.write_bytes(whole)
    open_run(run, names)
    return opened


def flips(whole: bytes) -> list[bytes]:
    """`whole` with one bit flipped, at each offset, for each of a few bits."""
    return [
        whole[:at] + bytes([whole[at] ^ bit]) + whole[at + 1 :]
        for at in range(len(whole))
        for bit in (0x01, 0x02, 0x20, 0x80)
    ]


def truncations(whole: bytes) -> list[bytes]:
    return [whole[:length] for length in range(len(whole))]


def additions(whole: bytes) -> list[bytes]:
    return [whole + tail for tail in (b"\0", b" ", b"\n", whole)]


@pytest.mark.parametrize("variants", [flips, truncations, additions])
@pytest.mark.parametrize("name", [*COVERED, NGRAMS, "manifest.json"])
def test_no_damage_to_a_finished_run_passes(
    name: str, variants: Callable[[bytes], list[bytes]], finished: Path
) -> None:
    assert accepted(finished, finished / name, variants) == []


@pytest.mark.parametrize("variants", [flips, truncations, additions])
@pytest.mark.parametrize("name", ["model.safetensors", "manifest.json"])
def test_no_damage_to_the_only_checkpoint_passes(
    name: str, variants: Callable[[bytes], list[bytes]], unfinished: Path
) -> None:
    damaged = unfinished / "checkpoints" / "step-000800" / name
    assert accepted(unfinished, damaged, variants) == []


@pytest.mark.parametrize("name", [*COVERED, NGRAMS, "manifest.json"])
def test_a_missing_file_is_named(name: str, finished: Path) -> None:
    (finished / name).unlink()
    with pytest.raises(ModelError) as told:
        open_run(finished)
    if name != "manifest.json":  # without it the run counts as unfinished
        assert f"{name} is missing" in told.value.what


def test_swapped_files_are_refused(finished: Path) -> None:
    one, other = finished / "config.json", finished / "metrics.json"
    content, length = one.read_bytes(), other.stat().st_size
    one.write_bytes(other.read_bytes())
    other.write_bytes(content.ljust(length)[:length])
    with pytest.raises(ModelError, match="damaged"):
        open_run(finished)


def test_another_runs_weights_of_the_same_size_are_refused(finished: Path) -> None:
    weights = finished / "model.safetensors"
    weights.write_bytes(weights.read_bytes().replace(b"new", b"old"))
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged: its SHA-256"):
        open_run(finished)


def test_a_damaged_newest_checkpoint_is_passed_over_and_told(disk: Path) -> None:
    run = disk / "run"
    writer.base(run)
    (run / "checkpoints" / "step-000800" / "model.safetensors").write_bytes(b"old" * 8 + b"olD")
    opened = open_run(run)
    assert opened.step == 400
    assert opened.files["model.safetensors"] == b"best" * 9
    assert len(opened.passed_over) == 1
    assert "step-000800" in opened.passed_over[0]
