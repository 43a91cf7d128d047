"""How time and memory grow: with the reviews, with their length, with the hidden size.

    python benchmarks/growth.py [--max 100000]

Each axis is walked in a process of its own, upwards, so that the peak memory so far is that of the
size at hand. The exponent is the slope of log time (or of log memory above the smallest size's)
against log size, by least squares; 1 is proportional.

- reviews: a csv file of made-up reviews of 16 words is prepared, then read once by
  `training.loop.Loop` (E = H = 16), then scored. --max 1000000 goes on to a million.
- length: a training step of 32 reviews, E = H = 128.
- hidden size: a training step of 32 reviews of 128 tokens, E = 128 or, below, H.
"""

from __future__ import annotations

import csv
import math
import os
import tempfile
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from timing import Spread, apart, options, peak_mb, synchronise, table, together, verdict

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment

GOAL = 1.05
MEMORY_FROM = 32  # MB that the largest size must add before an exponent of memory says anything


class Point(NamedTuple):
    """What one size took: seconds of each round, and the peak memory up to then."""

    size: int
    seconds: list[float]
    peak_mb: float


def main() -> None:
    """Measure and print a table an axis."""
    parser = options(__doc__, repeats=3)
    parser.add_argument("--max", type=int, default=100_000, help="reviews at most (100,000)")
    chosen = parser.parse_args()
    if chosen.quick:
        many, lengths, hidden = [300, 600], [16, 32], [16, 32]
    else:
        many = [10**power for power in range(3, 1 + int(math.log10(max(chosen.max, 1000))))]
        lengths = [2**power for power in range(4, 12)]
        hidden = [32, 64, 128, 256, 512]
    repeats = 1 if chosen.quick else chosen.repeats
    # A pass over many reviews is long enough to be timed once.
    run = together if chosen.quick else apart
    _show("reviews", run(by_reviews, many, chosen.device), goal=GOAL)
    _show("length", run(by_length, lengths, repeats, chosen.device), goal=GOAL)
    _show("hidden size", run(by_hidden_size, hidden, repeats, chosen.device), goal=None)


def by_reviews(sizes: Sequence[int], device: str) -> list[Point]:
    """Prepare, train one epoch and score, for each number of reviews."""
    with tempfile.TemporaryDirectory() as name:
        os.environ["SENTIMENT_CACHE"] = str(Path(name, "cache"))
        _pass(_write(Path(name, "first.csv"), sizes[0], seed=1), device)  # warms up
        return [
            _point(size, partial(_pass, _write(Path(name, f"{size}.csv"), size), device), 1, device)
            for size in sizes
        ]


def _write(path: Path, size: int, seed: int = 0) -> Path:
    from made_up import reviews

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for number, text in enumerate(reviews(size, 16, vocabulary=2_000, seed=seed)):
            writer.writerow([text, ("bad", "good")[number % 2]])
    return path


def _pass(path: Path, device: str) -> None:
    from made_up import training_loop

    from sentiment_cli.network.bulk import classify_all
    from sentiment_cli.reviews.prepare import prepare

    experiment = _experiment(16, source=str(path))
    prepared = prepare(experiment, progress=lambda *_: None)
    loop = training_loop(
        experiment,
        prepared.training,
        prepared.validation,
        vocabulary=prepared.tokenizer.vocab_size,
        device=device,
    )
    for _ in loop.run():
        pass
    assert loop.ngrams is not None
    classify_all(loop.model, prepared.training, prepared.training.lengths, loop.ngrams.table)


def by_length(sizes: Sequence[int], repeats: int, device: str) -> list[Point]:
    """Take a training step of 32 reviews, for each length."""
    return [
        _point(size, _step(size, repeats, hidden=128, device=device), repeats, device)
        for size in sizes
    ]


def by_hidden_size(sizes: Sequence[int], repeats: int, device: str) -> list[Point]:
    """Take a training step of 32 reviews of 128 tokens, for each hidden size."""
    return [
        _point(size, _step(128, repeats, hidden=size, device=device), repeats, device)
        for size in sizes
    ]


def _step(length: int, repeats: int, *, hidden: int, device: str) -> Callable[[], object]:
    import numpy as np
    from made_up import tokens, training_loop

    experiment = _experiment(hidden)
    lengths = np.full((repeats + 2) * experiment.training.batch_size, length)
    several = tokens(lengths, vocabulary=20_000)
    records = training_loop(experiment, several, several, vocabulary=20_000, device=device).run()
    next(records)  # warms up
    return lambda: next(records)


def _experiment(hidden: int, source: str = "cereal") -> Experiment:
    from sentiment_cli.config.schema import Experiment

    return Experiment.model_validate(
        {
            "data": {"source": source},
            "model": {"embedding_dim": min(hidden, 128), "hidden_size": hidden},
            "training": {"epochs": 1},
        }
    )


def _point(size: int, work: Callable[[], object], repeats: int, device: str) -> Point:
    spent = []
    for _ in range(repeats):
        synchronise(device)
        start = time.perf_counter()
        work()
        synchronise(device)
        spent.append(time.perf_counter() - start)
    return Point(size, spent, peak_mb())


def _show(axis: str, points: Sequence[Point], *, goal: float | None) -> None:
    table(
        f"Growth with the {axis}",
        [axis, "seconds", "peak MB"],
        [
            [f"{point.size:,}", Spread.of(point.seconds).text(".3f"), f"{point.peak_mb:,.0f}"]
            for point in points
        ],
    )
    times = [(point.size, Spread.of(point.seconds).median) for point in points]
    slope = exponent(times)
    print(f"\n  time: exponent {slope:.2f} {_goal(slope, goal)}")
    above = [(point.size, point.peak_mb - points[0].peak_mb) for point in points[1:]]
    above = [(size, more) for size, more in above if more > 0]
    if len(above) < 2 or above[-1][1] < MEMORY_FROM:
        print(f"  memory: {points[-1].peak_mb - points[0].peak_mb:.0f} MB more from end to end")
    else:
        slope = exponent(above)
        print(f"  memory above the smallest size's: exponent {slope:.2f} {_goal(slope, goal)}")


def _goal(slope: float, goal: float | None) -> str:
    return "" if goal is None else f"({verdict(slope, goal, at_most=True)})"


def exponent(points: Sequence[tuple[float, float]]) -> float:
    """Return the slope of log y against log x by least squares."""
    x = [math.log(size) for size, _ in points]
    y = [math.log(value) for _, value in points]
    middle, height = sum(x) / len(x), sum(y) / len(y)
    across = sum((a - middle) * (b - height) for a, b in zip(x, y, strict=True))
    return across / sum((a - middle) ** 2 for a in x)


if __name__ == "__main__":
    main()
