"""The operating system itself stops the writing, at any length of a file."""

from __future__ import annotations

import os
import resource
from pathlib import Path

import pytest

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.reader import open_run
from sentiment_cli.runs.store import RunFolder

from . import writer
from .test_every_call import leftovers, loaded

LARGEST = 2000
"""More bytes than any file of these runs has."""


def refused(path: Path, limit: int) -> bool:
    """Save in a process that may make no file longer than `limit` bytes; whether it was told so."""
    child = os.fork()
    if child == 0:
        with RunFolder.resume(path) as run:
            resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
            try:
                run.save_checkpoint(1200, writer.state("new"), best_step=400, keep=1)
            except EnvironmentFault as fault:
                os._exit(5 if "ulimit -f" in str(fault.hint) else 1)
            finally:
                os._exit(0)
    _, status = os.waitpid(child, 0)
    assert os.waitstatus_to_exitcode(status) in (0, 5)
    return os.waitstatus_to_exitcode(status) == 5


def test_a_file_cut_short_by_the_system_leaves_the_old_state_and_no_litter(disk: Path) -> None:
    path = disk / "run"
    writer.base(path)
    for limit in range(0, LARGEST, 11):
        if not refused(path, limit):
            break
        assert loaded(open_run(path)) == "old"
        assert not leftovers(path)
    else:
        pytest.fail("nothing was ever saved")
    assert limit > 0
    assert loaded(open_run(path)) == "new"
