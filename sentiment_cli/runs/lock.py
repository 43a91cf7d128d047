"""One writer a run folder: a lock of the operating system, which dies with its process."""

from __future__ import annotations

import json
import os
import re
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_cli.errors import EnvironmentFault, SentimentError
from sentiment_cli.runs.durable import environment_faults, replace_file
from sentiment_cli.runs.verified import read_text

if TYPE_CHECKING:
    from filelock import BaseFileLock

LOCK = ".lock"
HOLDER = ".lock-holder"
"""Says who has the lock; it proves nothing, the lock does."""

_HOST = re.compile(r"[A-Za-z0-9._-]{1,255}")


class Lock:
    """The right to write into `folder`, from the making of the object until `release`.

    Raises:
        EnvironmentFault: another process has it (the message names process and host), or the
            machine refuses to lock.
    """

    def __init__(self, folder: Path) -> None:
        from filelock import FileLock, Timeout

        self._holder = folder / HOLDER
        self._lock: BaseFileLock = FileLock(folder / LOCK, timeout=0, thread_local=False)
        with environment_faults("lock", folder):
            try:
                self._lock.acquire()
            except Timeout:
                raise EnvironmentFault(
                    f"{folder} is being written by {_who(self._holder)}",
                    hint="wait until it has ended, or write to another folder with --out DIR",
                ) from None
        who = {"host": os.uname().nodename, "pid": os.getpid()}
        # On a full disk the owner must get on to clear what a killed writer left.
        with suppress(EnvironmentFault):
            replace_file(self._holder, json.dumps(who).encode())

    def release(self) -> None:
        """Let others write. Nothing happens where it was released before."""
        if self._lock.is_locked:
            with suppress(OSError):
                self._holder.unlink()
            self._lock.release()


def _who(holder: Path) -> str:
    """The process that has the lock, as far as it has told."""
    try:
        who = json.loads(read_text(holder))
        pid, host = int(who["pid"]), str(who["host"])
    except (SentimentError, ValueError, TypeError, KeyError, RecursionError):
        return "another process"
    return f"process {pid} on {host}" if _HOST.fullmatch(host) else f"process {pid}"
