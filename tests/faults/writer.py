"""A training's writer that is stopped at its N-th call that changes the disk, for every N.

As a program it forks a process for each N, until one comes to its end without having made N calls:

    python writer.py ACTION MODE BASE OUT

Each process works on a copy of BASE, which it leaves in OUT/N. MODE says what happens at call N:
`kill`: SIGKILL, in a write after half of the data; `fail`: that call fails for want of space, and
the writer tries again; `full`: that call and all after it fail. It prints one JSON object:
how the processes ended, by N, and the names of the calls that the last one made.
"""

from __future__ import annotations

import errno
import json
import os
import shutil
import signal
import sys
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import filelock  # noqa: F401 (here, not in each of the forked processes)

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.reader import HASHES, NGRAMS, is_unfinished
from sentiment_cli.runs.store import RunFolder

CALLS = ("open", "mkdir", "write", "ftruncate", "fsync", "rename", "unlink", "rmdir")
CONFIG = "seed: 7\n"
HISTORY = [{"epoch": 1, "loss": 0.5}, {"epoch": 2, "loss": 0.25}]


def state(word: str) -> dict[str, bytes]:
    """Files of a checkpoint, or of a finished run, that tell `word`."""
    return {
        "config.json": b'{"word": "%s"}' % word.encode(),
        "model.safetensors": word.encode() * 9,
        "tokenizer.json": b"[%d]" % len(word),
        HASHES: b"hashes",
        NGRAMS: b"n-grams",
        "metrics.json": b'{"accuracy": 0.5}',
    }


def base(path: Path) -> None:
    """A run with the checkpoints 400 (the best) and 800, and leftovers of killed writers."""
    with RunFolder.create(path, config_yaml=CONFIG) as run:
        run.write_history(HISTORY[:1])
        run.save_checkpoint(400, state("best"), best_step=400, keep=1)
        run.save_checkpoint(800, state("old"), best_step=400, keep=1)
    for folder in (path, path / "checkpoints"):
        (folder / ".partial-0123456789abcdef").mkdir()
        (folder / ".partial-0123456789abcdef" / "config.json").write_bytes(b"half")
        (folder / ".partial-fedcba9876543210").write_bytes(b"half")


def create(path: Path) -> None:
    """Begin a run, or go on with one that was begun."""
    if is_unfinished(path):
        RunFolder.resume(path).close()
    else:
        RunFolder.create(path, config_yaml=CONFIG).close()


def resume(path: Path) -> None:
    """Open a run to go on with it, and write its history anew."""
    with RunFolder.resume(path) as run:
        tried_twice(lambda: run.write_history(HISTORY))


def save(path: Path) -> None:
    """Save the state after 1200 steps."""
    with RunFolder.resume(path) as run:
        tried_twice(lambda: run.save_checkpoint(1200, state("new"), best_step=400, keep=1))


def save_again(path: Path) -> None:
    """Save another state after 800 steps than the one that is there."""
    with RunFolder.resume(path) as run:
        tried_twice(lambda: run.save_checkpoint(800, state("new"), best_step=400, keep=1))


def finish(path: Path) -> None:
    """Finish the run, or what is left to do of that."""
    with RunFolder.resume(path) as run:
        tried_twice(lambda: run.finish({**state("new"), "README.md": b"# a run"}))


ACTIONS: dict[str, Callable[[Path], None]] = {
    action.__name__: action for action in (create, resume, save, save_again, finish)
}


def tried_twice(action: Callable[[], None]) -> None:
    """What a training does: where the disk refuses, it tries again later."""
    try:
        action()
    except EnvironmentFault:
        action()


class Saboteur:
    """Counts the calls that change the disk, and strikes at the N-th."""

    def __init__(self, strike_at: int, mode: str) -> None:
        self.made: list[str] = []
        self.strike_at = strike_at
        self.mode = mode

    def arm(self) -> None:
        """Stand between this process and the operating system."""
        for name in CALLS:
            setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, call: Callable[..., Any]) -> Callable[..., Any]:
        def watched(*args: Any, **kwargs: Any) -> Any:
            if name == "open" and not args[1] & os.O_CREAT:
                return call(*args, **kwargs)
            self.made.append(name)
            if len(self.made) == self.strike_at or (
                self.mode == "full" and len(self.made) > self.strike_at
            ):
                if name == "write":
                    call(args[0], args[1][: len(args[1]) // 2])
                if self.mode == "kill":
                    os.kill(os.getpid(), signal.SIGKILL)
                raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
            return call(*args, **kwargs)

        return watched


def sabotaged(action: Callable[[Path], None], path: Path, saboteur: Saboteur) -> str:
    """Run `action` under sabotage; returns how that ended, should it come to an end."""
    saboteur.arm()
    try:
        try:
            action(path)
        except EnvironmentFault:
            action(path)
    except EnvironmentFault:
        return "refused"
    except BaseException:
        traceback.print_exc()
        return "crashed"
    return "done" if len(saboteur.made) >= saboteur.strike_at else "untouched"


def main(action: str, mode: str, start: Path, out: Path) -> None:
    """Sabotage call 1, 2, 3, ... until there is no such call."""
    endings: dict[int, str] = {}
    while "untouched" not in endings.values():
        number = len(endings) + 1
        path = out / str(number)
        if start.exists():
            shutil.copytree(start, path)
        report = out / f"{number}.json"
        child = os.fork()
        if child == 0:
            saboteur = Saboteur(number, mode)
            ending = sabotaged(ACTIONS[action], path, saboteur)
            report.write_text(json.dumps([ending, saboteur.made]))
            os._exit(0)
        os.waitpid(child, 0)
        told = report.read_text() if report.exists() else '["killed", []]'
        endings[number], calls = json.loads(told)
    json.dump({"endings": endings, "calls": calls}, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], Path(sys.argv[3]), Path(sys.argv[4]))
