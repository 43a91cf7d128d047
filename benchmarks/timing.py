"""What the benchmarks share: alternating runs, medians with their spread, plain tables."""

from __future__ import annotations

import argparse
import multiprocessing
import os
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

T = TypeVar("T")


class Spread(NamedTuple):
    """The median of some figures, and the quartiles around it."""

    low: float
    median: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Spread:
        """Return the quartiles of at least one value."""
        if len(values) == 1:
            return cls(values[0], values[0], values[0])
        return cls(*statistics.quantiles(values, n=4, method="inclusive"))

    def text(self, form: str = ",.0f") -> str:
        """Return the median and, in brackets, the quartiles."""
        return f"{self.median:{form}} ({self.low:{form}} to {self.high:{form}})"


def options(purpose: str, *, repeats: int) -> argparse.ArgumentParser:
    """Return the options that every benchmark knows."""
    parser = argparse.ArgumentParser(
        description=purpose.strip(), formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--device", choices=["cpu", "cuda"], default="cpu")
    parser.add_argument("--repeats", type=int, default=repeats, help=f"rounds ({repeats})")
    parser.add_argument("--quick", action="store_true", help="tiny sizes: seconds, no figures")
    return parser


def alternate(jobs: Mapping[str, Callable[[], T]], repeats: int) -> dict[str, list[T]]:
    """Run the jobs in turn, round after round, after one round that is not counted.

    A machine that grows slower meanwhile slows all of them alike. No rounds (--quick) are one
    that is counted.

    Args:
        jobs: by name; each returns its figure.
        repeats: rounds.
    """
    figures: dict[str, list[T]] = {name: [] for name in jobs}
    for number in range(repeats + 1):
        for name, job in jobs.items():
            figure = job()
            if number or not repeats:
                figures[name].append(figure)
    return figures


def ratio(own: Sequence[float], other: Sequence[float]) -> Spread:
    """Return the spread of the ratios, round by round."""
    return Spread.of([a / b for a, b in zip(own, other, strict=True)])


def verdict(value: float, goal: float, *, at_most: bool) -> str:
    """Return the goal, and whether the value reaches it."""
    reached = value <= goal if at_most else value >= goal
    return f"{'<=' if at_most else '>='} {goal:g}: {'reached' if reached else 'missed'}"


def seconds(work: Callable[[], Any], device: str = "cpu") -> float:
    """Return how long the work takes, until the device has done all of it."""
    synchronise(device)
    start = time.perf_counter()
    work()
    synchronise(device)
    return time.perf_counter() - start


def synchronise(device: str) -> None:
    """Wait until a CUDA device has done what it was given."""
    if device == "cuda":
        import torch

        torch.cuda.synchronize()


class Ended(NamedTuple):
    """A process that has come to its end: its time, its peak memory, its exit code, its stderr."""

    seconds: float
    peak_mb: float
    code: int
    errors: str


def process(command: Sequence[str | Path]) -> Ended:
    """Run a command to its end.

    The caller should be small itself: on Linux a child's peak begins with its parent's.
    """
    arguments = [str(part) for part in command]
    with tempfile.NamedTemporaryFile() as errors:
        files: list[Any] = [
            (os.POSIX_SPAWN_OPEN, 0, os.devnull, os.O_RDONLY, 0),
            (os.POSIX_SPAWN_OPEN, 1, os.devnull, os.O_WRONLY, 0),
            (os.POSIX_SPAWN_OPEN, 2, errors.name, os.O_WRONLY, 0),
        ]
        start = time.perf_counter()
        child = os.posix_spawn(arguments[0], arguments, os.environ, file_actions=files)
        _, status, usage = os.wait4(child, 0)
        wall = time.perf_counter() - start
        told = errors.read().decode(errors="replace")
    return Ended(wall, _megabytes(usage.ru_maxrss), os.waitstatus_to_exitcode(status), told)


def apart(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the work returns in a fresh process of its own."""
    context = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(max_workers=1, mp_context=context) as pool:
        return pool.submit(work, *arguments).result()


def together(work: Callable[..., Any], *arguments: Any) -> Any:
    """Return what the work returns, in this process: --quick has no time to start others."""
    return work(*arguments)


def peak_mb() -> float:
    """Return this process's peak memory so far."""
    status = Path("/proc/self/status")
    if status.exists():  # unlike getrusage's figure it does not begin with the parent's
        lines = status.read_text(encoding="utf-8").splitlines()
        return next(int(line.split()[1]) / 1024 for line in lines if line.startswith("VmHWM"))
    return _megabytes(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)


def _megabytes(maxrss: int) -> float:
    return maxrss / (1024**2 if sys.platform == "darwin" else 1024)


def sentiment() -> list[str]:
    """Return how the command is called: the script beside this Python, else the module."""
    script = Path(sys.executable).with_name("sentiment")
    return [str(script)] if script.exists() else [sys.executable, "-m", "sentiment_cli"]


def table(title: str, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """Print a table: the first column to the left, figures to the right."""
    lines = [list(head), *map(list, rows)]
    widths = [max(len(line[column]) for line in lines) for column in range(len(head))]
    print(f"\n{title}\n")
    for number, line in enumerate(lines):
        first, *others = zip(line, widths, strict=True)
        cells = [first[0].ljust(first[1]), *(cell.rjust(width) for cell, width in others)]
        print("  " + "  ".join(cells).rstrip())
        if number == 0:
            print("  " + "  ".join("-" * width for width in widths))
    sys.stdout.flush()
