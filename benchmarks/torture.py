"""Kills a real training at random moments, goes on with it each time, and counts what was lost.

    python benchmarks/torture.py --kills 1000

Each attempt is a process of its own that runs `sentiment train` or `sentiment train --resume`, and
is ended by SIGKILL after a random time, before its first step or in the middle of a save. Once a
training has come to its end, its files are compared with those of one that nobody disturbed, and
the next training begins. This process loads torch once and forks, which saves a second an attempt;
it computes nothing itself, since a fork after torch has started threads would stand still.

The exit code is 1 if more than `checkpoint.every` steps were ever lost, an attempt failed, or a
file differs.
"""

from __future__ import annotations

import argparse
import mmap
import os
import random
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from pathlib import Path

os.environ["OMP_NUM_THREADS"] = "1"

import filelock  # noqa: F401 (here, not in each of the forked processes)
import numpy as np
import torch._dynamo  # noqa: F401 (the first step of an optimizer would load it)

import sentiment_cli.cli
import sentiment_cli.console.training
import sentiment_cli.training.experiment  # noqa: F401
from sentiment_cli.__main__ import main as sentiment
from sentiment_cli.runs.durable import PARTIAL
from sentiment_cli.runs.reader import is_finished, is_unfinished
from sentiment_cli.training.loop import Loop, StepRecord

EVERY = 5
SETTINGS = [
    *("training.epochs=12", "training.batch_size=12", "training.patience=null"),
    *("model.embedding_dim=16", "model.hidden_size=16", "device=cpu", f"checkpoint.every={EVERY}"),
]
KINDS = [
    ("model.cell=lstm", "training.optimizer=adamw"),
    ("model.cell=gru", "training.optimizer=sgd", "training.ema_decay=0"),
    ("model.cell=rnn", "training.optimizer=adamw", "model.vectors=counted"),
]
EQUAL = ("config.json", "history.jsonl", "metrics.json", "model.safetensors", "tokenizer.json")
REACH = 0.25
"""Share of an undisturbed training that the longest attempt gets done."""


class Progress:
    """Steps that the present attempt began with and came to, told by the child."""

    def __init__(self) -> None:
        self._memory = np.frombuffer(mmap.mmap(-1, 24), dtype=np.int64)

    def clear(self) -> None:
        self._memory[:] = 0

    def began(self, step: int) -> None:
        self._memory[:2] = 1, step

    def done(self, step: int) -> None:
        self._memory[2] = step

    @property
    def beginning(self) -> int | None:
        """Where training began or went on; None before that."""
        return int(self._memory[1]) if self._memory[0] else None

    @property
    def step(self) -> int:
        return int(self._memory[2])


@dataclass
class Count:
    """What became of the kills."""

    kills: int = 0
    before_training: int = 0
    within_a_write: int = 0
    most_lost: int = 0
    lost_beyond: int = 0
    finished: int = 0
    unequal: int = 0

    def lines(self) -> Iterator[str]:
        yield (
            f"kills      {self.kills} (of them {self.before_training} before the first step, "
            f"{self.within_a_write} within a write)"
        )
        yield (
            f"lost       at most {self.most_lost} steps, checkpoint.every is {EVERY}; "
            f"more than that: {self.lost_beyond} times"
        )
        yield (
            f"trainings  {self.finished} finished, {self.finished - self.unequal} of them bit for "
            "bit as undisturbed"
        )


def attempt(arguments: list[str], folder: Path, progress: Progress) -> int:
    """Fork a process that runs the command line in `folder`; returns its id."""
    progress.clear()
    child = os.fork()
    if child:
        return child
    code = 70
    try:
        os.chdir(folder)
        log = os.open("log", os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        os.dup2(log, 1)
        os.dup2(log, 2)
        os.environ["SENTIMENT_CACHE"] = str(folder / "cache")
        run = Loop.run

        def watched(loop: Loop) -> Iterator[object]:
            progress.began(loop.position.step)
            for record in run(loop):
                if isinstance(record, StepRecord):
                    progress.done(record.step)
                yield record

        Loop.run = watched  # type: ignore[method-assign,assignment]
        sys.argv = ["sentiment", "train", *arguments]
        sentiment()
    except SystemExit as end:
        code = int(end.code or 0)
    finally:
        sys.stderr.flush()
        os._exit(code)


def waited(child: int, seconds: float) -> int | None:
    """The exit code of a process that ends by itself within so many seconds."""
    end = time.monotonic() + seconds
    while True:
        found, status = os.waitpid(child, os.WNOHANG)
        if found:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= end:
            return None
        time.sleep(0.0005)


def training(kind: tuple[str, ...]) -> list[str]:
    sets = [part for setting in (*SETTINGS, *kind) for part in ("--set", setting)]
    return ["cereal", "--out", "run", *sets]


def results(folder: Path) -> dict[str, bytes]:
    return {name: (folder / "run" / name).read_bytes() for name in EQUAL}


@dataclass
class Undisturbed:
    """A training that nobody killed: its results, and the seconds until its first step and end."""

    results: dict[str, bytes]
    start: float
    end: float


def undisturbed(kind: tuple[str, ...], folder: Path, progress: Progress) -> Undisturbed:
    folder.mkdir()
    began = time.monotonic()
    child = attempt(training(kind), folder, progress)
    code = waited(child, 0)
    while progress.beginning is None and code is None:
        code = waited(child, 0.001)
    start = time.monotonic() - began
    code = waited(child, 600) if code is None else code
    if code != 0:
        sys.exit(f"the undisturbed training failed: {code}\n{(folder / 'log').read_text()}")
    return Undisturbed(results(folder), start, time.monotonic() - began)


def tortured(
    kind: tuple[str, ...],
    folder: Path,
    whole: Undisturbed,
    tally: Count,
    kills: int,
    chance: random.Random,
    progress: Progress,
) -> None:
    """Bring one training to its end in spite of kills, as long as any are left."""
    folder.mkdir()
    run, reached = folder / "run", 0
    window = whole.start + REACH * (whole.end - whole.start)
    while not is_finished(run):
        arguments = ["--resume", "run"] if is_unfinished(run) else training(kind)
        child = attempt(arguments, folder, progress)
        code = waited(child, chance.uniform(0, window) if tally.kills < kills else 600)
        if code is None:
            os.kill(child, signal.SIGKILL)
            os.waitpid(child, 0)
            tally.kills += 1
            tally.within_a_write += any(run.rglob(f"{PARTIAL}*"))
        elif code != 0:
            sys.exit(f"an attempt failed: {code}\n{(folder / 'log').read_text()}")
        if progress.beginning is None:
            tally.before_training += code is None
            continue
        lost = reached - progress.beginning
        reached = max(progress.step, progress.beginning)
        tally.most_lost = max(tally.most_lost, lost)
        tally.lost_beyond += lost > EVERY
    # A kill between the last rename and the end leaves a finished run, to be tidied.
    waited(attempt(["--resume", "run"], folder, progress), 600)
    tally.finished += 1
    tally.unequal += results(folder) != whole.results or any(run.rglob(f"{PARTIAL}*"))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    chance, tally, progress = random.Random(options.seed), Count(), Progress()
    began, told = time.monotonic(), 0
    with tempfile.TemporaryDirectory(prefix="torture-") as name:
        root = Path(name)
        wholes = [undisturbed(kind, root / kind[0], progress) for kind in KINDS]
        for number in count():
            if tally.kills >= options.kills:
                break
            kind = number % len(KINDS)
            folder = root / str(number)
            tortured(KINDS[kind], folder, wholes[kind], tally, options.kills, chance, progress)
            if tally.kills - told >= 100:
                told = tally.kills
                print(f"{told} kills, {tally.finished} trainings", file=sys.stderr, flush=True)
    print("\n".join(tally.lines()))
    print(f"time       {time.monotonic() - began:.0f} s")
    return int(tally.lost_beyond > 0 or tally.unequal > 0)


if __name__ == "__main__":
    sys.exit(main())
