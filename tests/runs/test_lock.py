"""One process writes; the others are told which, and a dead one holds nothing."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import sentiment_cli
from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.lock import HOLDER, Lock

HOLD = """
import sys, time
from pathlib import Path
from sentiment_cli.runs.lock import Lock
lock = Lock(Path(sys.argv[1]))
print("held", flush=True)
time.sleep(600)
"""


@pytest.fixture
def holder(tmp_path: Path) -> Iterator[subprocess.Popen[str]]:
    """Another process, which holds the lock on `tmp_path`."""
    environment = {**os.environ, "PYTHONPATH": str(Path(sentiment_cli.__file__).parents[1])}
    command = [sys.executable, "-c", HOLD, str(tmp_path)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "held\n"
        yield process
        process.kill()


def test_the_process_that_holds_the_lock_is_named(
    holder: subprocess.Popen[str], tmp_path: Path
) -> None:
    with pytest.raises(EnvironmentFault) as told:
        Lock(tmp_path)
    assert f"process {holder.pid} on {os.uname().nodename}" in told.value.what
    assert str(tmp_path) in told.value.what
    assert told.value.hint


def test_a_killed_process_holds_nothing(holder: subprocess.Popen[str], tmp_path: Path) -> None:
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    assert (tmp_path / HOLDER).exists()
    Lock(tmp_path).release()


def test_a_released_lock_can_be_taken_and_names_nobody(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    lock.release()
    lock.release()
    assert not (tmp_path / HOLDER).exists()
    Lock(tmp_path).release()


@pytest.mark.parametrize(
    "content", [b"", b"\xff", b"[]", b"{}", b'{"pid": null, "host": "a"}', b"[" * 99_999]
)
def test_an_unreadable_holder_is_another_process(content: bytes, tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    (tmp_path / HOLDER).write_bytes(content)
    with pytest.raises(EnvironmentFault, match="written by another process"):
        Lock(tmp_path)
    lock.release()


def test_a_made_up_host_is_not_shown(tmp_path: Path) -> None:
    lock = Lock(tmp_path)
    (tmp_path / HOLDER).write_text('{"pid": 7, "host": "\\u001b[31m"}')
    with pytest.raises(EnvironmentFault) as told:
        Lock(tmp_path)
    assert told.value.what.endswith("process 7")
    lock.release()


def test_a_folder_that_cannot_be_locked_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(EnvironmentFault, match="cannot lock"):
        Lock(tmp_path / "file")
