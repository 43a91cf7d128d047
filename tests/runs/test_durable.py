"""Files and directories come whole, as open as their folder, and a refusal is told."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.durable import (
    append_line,
    clear_partials,
    commit_directory,
    make_folder,
    remove_directory,
    replace_file,
    staged_file,
)


@pytest.fixture
def open_umask() -> Iterator[None]:
    """A umask that hides nothing."""
    before = os.umask(0)
    yield
    os.umask(before)


def refusing(number: int) -> Callable[..., Any]:
    def refuse(*_: Any, **__: Any) -> None:
        raise OSError(number, os.strerror(number))

    return refuse


def permissions(path: Path) -> int:
    return path.stat().st_mode & 0o777


def test_a_file_is_replaced_and_nothing_is_left_beside_it(tmp_path: Path) -> None:
    replace_file(tmp_path / "a.json", b"old")
    replace_file(tmp_path / "a.json", b"new")
    assert (tmp_path / "a.json").read_bytes() == b"new"
    assert [path.name for path in tmp_path.iterdir()] == ["a.json"]


def test_an_empty_file_is_written(tmp_path: Path) -> None:
    replace_file(tmp_path / "empty", b"")
    assert (tmp_path / "empty").read_bytes() == b""


def test_writing_goes_on_where_the_system_took_only_a_part(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write = os.write
    monkeypatch.setattr(os, "write", lambda file, data: write(file, data[:3]))
    replace_file(tmp_path / "a", b"0123456789")
    assert (tmp_path / "a").read_bytes() == b"0123456789"


@pytest.mark.parametrize("there", ["device", "folder"])
def test_what_is_no_plain_file_is_not_replaced(there: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    if there == "device":
        path.symlink_to("/dev/null")
    else:
        path.mkdir()
    with pytest.raises(EnvironmentFault, match="it is there and is no plain file"):
        replace_file(path, b"new")
    assert path.is_symlink() == (there == "device")


@pytest.mark.parametrize(
    ("number", "hint"),
    [
        (errno.ENOSPC, "free some space"),
        (errno.EDQUOT, "free some space"),
        (errno.EROFS, "permissions"),
        (errno.EACCES, "permissions"),
        (errno.EIO, "look at the disk"),
    ],
)
@pytest.mark.parametrize("call", ["open", "write", "fsync", "rename"])
def test_a_refusal_names_the_file_and_what_to_do_and_leaves_the_old_file(
    call: str, number: int, hint: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "a.json"
    replace_file(path, b"old")
    with monkeypatch.context() as patched:
        patched.setattr(os, call, refusing(number))
        with pytest.raises(EnvironmentFault) as told:
            replace_file(path, b"new")
    assert str(path) in told.value.what
    assert os.strerror(number) in told.value.what
    assert hint in str(told.value.hint)
    assert path.read_bytes() == b"old"
    assert [inside.name for inside in tmp_path.iterdir()] == ["a.json"]


def test_a_vanished_folder_is_told(tmp_path: Path) -> None:
    with pytest.raises(EnvironmentFault) as told:
        replace_file(tmp_path / "gone" / "a", b"new")
    assert "make that folder first" in str(told.value.hint)


def test_a_file_system_that_flushes_no_names_will_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    flush = os.fsync

    def flush_files_alone(file: int) -> None:
        if Path(f"/dev/fd/{file}").is_dir():
            raise OSError(errno.EINVAL, "Invalid argument")
        flush(file)

    monkeypatch.setattr(os, "fsync", flush_files_alone)
    replace_file(tmp_path / "a", b"new")
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.usefixtures("open_umask")
@pytest.mark.parametrize(("folder", "file"), [(0o700, 0o600), (0o750, 0o640), (0o777, 0o666)])
def test_nothing_is_more_open_than_its_folder(folder: int, file: int, tmp_path: Path) -> None:
    tmp_path.chmod(folder)
    replace_file(tmp_path / "a", b"")
    append_line(tmp_path / "b", b"")
    commit_directory(tmp_path / "c", {"d": b""})
    make_folder(tmp_path / "e" / "f")
    assert permissions(tmp_path / "a") == permissions(tmp_path / "b") == file
    assert permissions(tmp_path / "c") == permissions(tmp_path / "e" / "f") == folder
    assert permissions(tmp_path / "c" / "d") == file


def test_the_umask_holds(tmp_path: Path) -> None:
    tmp_path.chmod(0o777)
    before = os.umask(0o027)
    try:
        replace_file(tmp_path / "a", b"")
        commit_directory(tmp_path / "b", {})
    finally:
        os.umask(before)
    assert permissions(tmp_path / "a") == 0o640
    assert permissions(tmp_path / "b") == 0o750


def test_a_directory_is_never_written_over_another(tmp_path: Path) -> None:
    commit_directory(tmp_path / "a", {"old": b"old"})
    with pytest.raises(EnvironmentFault):
        commit_directory(tmp_path / "a", {"new": b"new"})
    assert [path.name for path in tmp_path.rglob("*")] == ["a", "old"]


def test_a_removal_that_stops_half_way_leaves_nothing_under_the_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    commit_directory(tmp_path / "a", {"b": b"", "c": b""})
    with monkeypatch.context() as patched:
        patched.setattr(os, "unlink", refusing(errno.EIO))
        with pytest.raises(EnvironmentFault, match="cannot remove"):
            remove_directory(tmp_path / "a")
    assert not (tmp_path / "a").exists()
    assert len(list(tmp_path.iterdir())) == 1
    clear_partials(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_a_link_is_removed_without_what_it_points_to(tmp_path: Path) -> None:
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "a").touch()
    (tmp_path / "link").symlink_to("kept")
    remove_directory(tmp_path / "link")
    assert sorted(path.name for path in tmp_path.rglob("*")) == ["a", "kept"]


def test_lines_are_added(tmp_path: Path) -> None:
    append_line(tmp_path / "a", b"one")
    append_line(tmp_path / "a", b"two")
    assert (tmp_path / "a").read_bytes() == b"one\ntwo\n"


def test_a_line_that_did_not_fit_is_taken_back(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    append_line(tmp_path / "a", b"one")
    write = os.write
    room = iter([3])

    def write_three_bytes(file: int, data: bytes) -> int:
        if (taken := next(room, None)) is None:
            raise OSError(errno.ENOSPC, "No space left on device")
        return write(file, data[:taken])

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", write_three_bytes)
        with pytest.raises(EnvironmentFault):
            append_line(tmp_path / "a", b"a longer line")
    assert (tmp_path / "a").read_bytes() == b"one\n"


@pytest.mark.parametrize("there", ["link", "pipe"])
def test_no_line_goes_through_a_link_or_waits_at_a_pipe(there: str, tmp_path: Path) -> None:
    path = tmp_path / "a"
    if there == "link":
        (tmp_path / "b").touch()
        path.symlink_to("b")
    else:
        os.mkfifo(path)
    with pytest.raises(EnvironmentFault):
        append_line(path, b"one")
    assert not (tmp_path / "b").exists() or (tmp_path / "b").read_bytes() == b""


def test_a_staged_file_takes_its_place_at_the_end(tmp_path: Path, open_umask: None) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(b"old")
    with staged_file(path) as file:
        file.write(b"new")
        file.flush()
        assert path.read_bytes() == b"old"
    assert path.read_bytes() == b"new"
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.csv"]
    assert permissions(path) == permissions(tmp_path) & 0o666


def test_the_body_may_close_a_staged_file(tmp_path: Path) -> None:
    with staged_file(tmp_path / "a") as file:
        file.write(b"new")
        file.close()
    assert (tmp_path / "a").read_bytes() == b"new"


@pytest.mark.parametrize("fault", [ValueError, KeyboardInterrupt, SystemExit])
def test_a_fault_leaves_the_old_file_and_nothing_beside_it(
    fault: type[BaseException], tmp_path: Path
) -> None:
    path = tmp_path / "a"
    path.write_bytes(b"old")
    with pytest.raises(fault), staged_file(path):
        raise fault
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_a_full_disk_is_told_of_a_staged_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(os, "fsync", refusing(errno.ENOSPC))
    with (
        pytest.raises(EnvironmentFault, match="cannot write") as fault,
        staged_file(tmp_path / "a"),
    ):
        pass
    assert "free some space" in (fault.value.hint or "")
    assert list(tmp_path.iterdir()) == []


def test_a_staged_file_takes_no_devices_place(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to("/dev/null")
    with pytest.raises(EnvironmentFault, match="no plain file"), staged_file(tmp_path / "a"):
        pytest.fail("the body was entered")
