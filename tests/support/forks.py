"""Many real processes of the command line, in the time that one takes to load torch.

A server loads all that a training needs and forks a process for each call; whoever asked for it
may send it signals. As a module this is the asking side.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

PATIENCE = 60.0
"""Seconds after which a process that was waited for is given up."""


class Forks:
    """The server; a context manager that ends it."""

    def __init__(self) -> None:
        self._server = subprocess.Popen(
            [sys.executable, __file__],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )

    def __enter__(self) -> Forks:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.close()
        self._server.wait(PATIENCE)
        self._server.stdout.close()

    def start(
        self,
        *arguments: object,
        cwd: Path,
        out: str = "out",
        largest_file: int | None = None,
        pause: str | None = None,
    ) -> Forked:
        """Start `sentiment ARGUMENTS` in `cwd`; stdout goes to the file `out`, stderr to `err`.

        Args:
            largest_file: bytes beyond which the system lets no file grow.
            pause: `module.function`, which when called stands still and counts in `paused`.
        """
        asked = [list(map(str, arguments)), str(cwd), out, largest_file, pause]
        return Forked(self, self.ask("start", asked), cwd)

    def ask(self, what: str, argument: Any) -> int:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps([what, argument]).encode() + b"\n")
        self._server.stdin.flush()
        return int(self._server.stdout.readline())


class Forked:
    """A process that runs the command line."""

    def __init__(self, forks: Forks, pid: int, cwd: Path) -> None:
        self._forks = forks
        self.pid = pid
        self.cwd = cwd

    @property
    def err(self) -> str:
        """Its stderr so far."""
        file = self.cwd / "err"
        return file.read_text() if file.exists() else ""

    def until(self, sign: str | Path) -> None:
        """Wait until its stderr holds a text, or until a file is there."""
        end = time.monotonic() + PATIENCE
        while not (sign.exists() if isinstance(sign, Path) else sign in self.err):
            assert time.monotonic() < end, f"no {sign} came; stderr is: {self.err}"
            time.sleep(0.002)

    def send(self, number: int) -> None:
        """Send it a signal, and let one that stands still see it."""
        os.kill(self.pid, number)
        counted = self.cwd / "paused"
        if counted.exists():
            before = counted.stat().st_size
            end = time.monotonic() + PATIENCE / 10
            while counted.stat().st_size < before + 3 and time.monotonic() < end:
                time.sleep(0.002)

    def code(self) -> int:
        """Its exit code, once it has ended; negative where a signal ended it."""
        return self._forks.ask("wait", self.pid)


def _serve() -> None:
    import filelock  # noqa: F401
    import torch._dynamo  # noqa: F401 (the first step of an optimizer would load it)

    import sentiment_cli.cli
    import sentiment_cli.console.training
    import sentiment_cli.training.experiment  # noqa: F401

    for line in sys.stdin:
        what, argument = json.loads(line)
        if what == "start":
            answer = os.fork()
            if answer == 0:
                _run(*argument)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(argument, 0)[1])
        sys.stdout.write(f"{answer}\n")
        sys.stdout.flush()


def _run(
    arguments: list[str], cwd: str, out: str, largest_file: int | None, pause: str | None
) -> None:
    import importlib
    import resource

    from sentiment_cli.__main__ import main

    code: Any = 70
    try:
        os.chdir(cwd)
        for name, number in ((out, 1), ("err", 2)):
            os.dup2(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), number)
        if largest_file is not None:
            resource.setrlimit(resource.RLIMIT_FSIZE, (largest_file, largest_file))
        if pause is not None:
            module, _, function = pause.rpartition(".")
            setattr(importlib.import_module(module), function, _stand_still)
        sys.argv = ["sentiment", *arguments]
        main()
    except SystemExit as end:
        code = end.code
    finally:
        sys.stderr.flush()
        os._exit(code)


def _stand_still(*_: object, **__: object) -> None:
    end = time.monotonic() + PATIENCE
    with Path("paused").open("ab", buffering=0) as counted:
        while time.monotonic() < end:
            counted.write(b".")
            time.sleep(0.005)
    os._exit(71)


if __name__ == "__main__":
    _serve()
