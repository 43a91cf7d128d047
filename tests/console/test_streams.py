"""Standard streams that are closed, full or gone, in a process of its own."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")


def run(command, cwd):
    """What the shell makes of a command in which `sentiment` is ours: its code and its output."""
    python = f"'{sys.executable}' -m sentiment_cli"
    found = subprocess.run(
        ["/bin/sh", "-c", command.replace("sentiment ", python + " ")],
        capture_output=True,
        cwd=cwd,
        timeout=60,
        check=False,
        text=True,
    )
    return found.returncode, found.stdout + found.stderr


@pytest.mark.parametrize(
    ("command", "code", "said"),
    [
        ("sentiment --version >&-", 0, ""),
        ("sentiment --version 2>&-", 0, "sentiment "),
        ("sentiment --version <&- >&- 2>&-", 0, ""),
        ("sentiment runs --nonsense 2>&-", 2, ""),
        ("sentiment predict --run nowhere fresh 2>/dev/full", 4, ""),
        ("sentiment predict - <&-", 3, "there is no standard input"),
    ],
)
def test_the_exit_code_is_that_of_the_work(command, code, said, tmp_path):
    found = run(command, tmp_path)
    assert found[0] == code
    assert said in found[1]
    assert "Traceback" not in found[1]
    assert "bug" not in found[1]


@pytest.mark.parametrize("gone", ["2>/dev/full", "2>&-"])
def test_notes_that_nobody_takes_end_nothing(gone, tmp_path):
    work = (
        "import sys; from sentiment_cli.console.streams import settle; settle(); "
        "[print(word, file=sys.stderr, flush=True) for word in ('long', 'work')]; print('done')"
    )
    assert run(f"'{sys.executable}' -c \"{work}\" {gone}", tmp_path) == (0, "done\n")


def test_the_end_of_who_reads_the_notes_ends_nothing(tmp_path):
    read, write = os.pipe()
    os.close(read)
    try:
        ended = subprocess.run(
            [sys.executable, "-m", "sentiment_cli", "predict", "--run", "nowhere", "fresh"],
            stderr=write,
            cwd=tmp_path,
            timeout=60,
            check=False,
        )
    finally:
        os.close(write)
    assert ended.returncode == 4
