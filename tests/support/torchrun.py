"""The command line in several processes, as torchrun starts them.

As a module this is torchrun's own launcher, but one that forks the processes once it has loaded all
that a training needs, in the time that one of them would take.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from pathlib import Path

PATIENCE = 90.0
"""Seconds after which a run that was waited for is given up."""

_FORKED = [__file__]
_REAL = ["-m", "torch.distributed.run", "--standalone", "--no-python", "--nproc-per-node"]


class Torchrun:
    """`sentiment ARGUMENTS` in so many processes, in `cwd`; a context manager, which ends them.

    Args:
        real: by the command `torchrun`, not by this module.
    """

    def __init__(self, size: int, *arguments: object, cwd: Path, real: bool = False) -> None:
        self._cwd = cwd
        command = [*_FORKED, str(size)]
        if real:
            command = [*_REAL, str(size), sys.executable, "-m", "sentiment_cli"]
        with (cwd / "err").open("wb") as err, (cwd / "out").open("wb") as out:
            self._launcher = subprocess.Popen(
                [sys.executable, *command, *map(str, arguments)],
                cwd=cwd, stdout=out, stderr=err, env=os.environ | {"OMP_NUM_THREADS": "1"},
            )  # fmt: skip

    def __enter__(self) -> Torchrun:
        return self

    def __exit__(self, *_: object) -> None:
        if self._launcher.poll() is None:
            self._launcher.terminate()
            self._launcher.wait(PATIENCE)

    @property
    def out(self) -> str:
        """What the processes have written to stdout so far."""
        return (self._cwd / "out").read_text()

    @property
    def err(self) -> str:
        """What the processes and the launcher have written to stderr so far."""
        return (self._cwd / "err").read_text()

    def until(self, sign: str) -> None:
        """Wait until stderr holds a text."""
        end = time.monotonic() + PATIENCE
        while sign not in self.err:
            assert time.monotonic() < end, f"no {sign} came; stderr is: {self.err}"
            assert self._launcher.poll() is None, self.err
            time.sleep(0.02)

    def send(self, rank: int, number: int) -> None:
        """Send a signal to one of the processes, if they are not real."""
        os.kill(int((self._cwd / f"rank-{rank}").read_text()), number)

    def code(self) -> int:
        """Return the exit code of the launcher, once it has ended."""
        return self._launcher.wait(PATIENCE)


def _run(arguments: list[str]) -> None:
    from sentiment_cli.__main__ import main

    Path(f"rank-{os.environ['RANK']}").write_text(str(os.getpid()))
    sys.argv = ["sentiment", *arguments]
    try:
        main()
    except SystemExit as end:
        sys.stdout.flush()
        sys.stderr.flush()
        if end.code:
            os._exit(int(end.code))


def _launch(size: int, arguments: list[str]) -> None:
    from torch.distributed.launcher.api import LaunchConfig, elastic_launch

    import sentiment_cli.cli
    import sentiment_cli.console.training
    import sentiment_cli.training.experiment
    import sentiment_cli.training.follower  # noqa: F401

    config = LaunchConfig(
        min_nodes=1, max_nodes=1, nproc_per_node=size, run_id="test", max_restarts=0,
        rdzv_backend="c10d", rdzv_endpoint="localhost:0", start_method="fork",
    )  # fmt: skip
    elastic_launch(config, _run)(arguments)


if __name__ == "__main__":
    _launch(int(sys.argv[1]), sys.argv[2:])
