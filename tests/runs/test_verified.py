"""What is returned is what was checked, and a refusal says whose fault it is."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest

from sentiment_cli.errors import EnvironmentFault, ModelError
from sentiment_cli.runs.manifest import encode
from sentiment_cli.runs.verified import read_text, read_verified

FILES = {"a": b"first", "b": b"", "c": b"\0third"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, data in {**FILES, "manifest.json": encode(FILES)}.items():
        (tmp_path / name).write_bytes(data)
    return tmp_path


def test_all_files_are_read(folder: Path) -> None:
    assert read_verified(folder) == FILES


def test_only_the_files_asked_for_are_read(folder: Path) -> None:
    (folder / "c").unlink()
    assert read_verified(folder, ["b", "a"]) == {"b": b"", "a": b"first"}


def test_files_that_the_manifest_does_not_name_are_left_alone(folder: Path) -> None:
    (folder / "d").write_bytes(b"more")
    assert read_verified(folder) == FILES
    with pytest.raises(ModelError, match=r"manifest\.json names no d"):
        read_verified(folder, ["d"])


def test_each_file_is_opened_once(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    real = os.open

    def counting(path: Any, *args: Any, **kwargs: Any) -> int:
        opened.append(str(path))
        return real(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", counting)
    read_verified(folder)
    assert opened == [str(folder), "manifest.json", "a", "b", "c"]


def test_a_file_that_comes_in_parts_is_read_whole(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    read = os.read
    monkeypatch.setattr(os, "read", lambda file, most: read(file, min(most, 2)))
    assert read_verified(folder, ["a"]) == {"a": b"first"}


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"firs", "4 of 5 bytes are there"),
        (b"firsT", "its SHA-256 is not the manifest's"),
        (b"first!", "6 bytes, where 5 are the most"),
    ],
)
def test_a_changed_file_is_named(content: bytes, what: str, folder: Path) -> None:
    (folder / "a").write_bytes(content)
    with pytest.raises(ModelError) as told:
        read_verified(folder)
    assert told.value.what == f"{folder / 'a'} is damaged: {what}"
    assert told.value.hint


@pytest.mark.parametrize(
    ("number", "fault"),
    [
        (errno.EACCES, EnvironmentFault),
        (errno.EMFILE, EnvironmentFault),
        (errno.EIO, ModelError),
        (errno.ENOENT, ModelError),
    ],
)
def test_the_machines_faults_are_not_the_runs(
    number: int, fault: type[Exception], folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: Any, **__: Any) -> int:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "read", refuse)
    with pytest.raises(fault, match=r"manifest\.json"):
        read_verified(folder)


@pytest.mark.parametrize("path", ["missing", "a"])
def test_what_is_no_folder_is_refused(path: str, folder: Path) -> None:
    with pytest.raises(ModelError, match=path):
        read_verified(folder / path)


def test_no_file_stays_open(folder: Path) -> None:
    (folder / "c").unlink()
    before = len(os.listdir("/dev/fd"))  # noqa: PTH208
    with pytest.raises(ModelError):
        read_verified(folder)
    assert len(os.listdir("/dev/fd")) == before  # noqa: PTH208


def test_text_is_read_as_it_is(folder: Path) -> None:
    (folder / "a").write_bytes("é\r\n".encode())
    assert read_text(folder / "a") == "é\r\n"


def test_text_that_is_no_utf_8_is_refused(folder: Path) -> None:
    (folder / "a").write_bytes(b"\xff")
    with pytest.raises(ModelError, match="no UTF-8"):
        read_text(folder / "a")
