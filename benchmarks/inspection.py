"""`sentiment inspect` of made-up reviews: seconds and peak memory.

    python benchmarks/inspection.py [--reviews 1000000] [--words 100]

Words are as frequent as in real reviews, and no two reviews are near-duplicates. CPU seconds are
those of both processes together: if other programs share the cores, they say more than seconds.
benchmarks/prepare.py inspects IMDb's reviews, repeated.
"""

from __future__ import annotations

import csv
import resource
import tempfile
from pathlib import Path

from timing import Spread, options, process, sentiment, table, verdict

GOALS = {1_000_000: (25, 2_048)}  # reviews: seconds, MB


def main() -> None:
    """Measure and print the table."""
    parser = options(__doc__, repeats=3)
    parser.add_argument("--reviews", type=int, default=200_000, help="rows (200,000)")
    parser.add_argument("--words", type=int, default=100, help="words per review (100)")
    chosen = parser.parse_args()
    rows = 25_000 if chosen.quick else chosen.reviews
    seconds, cpu, peak = [], [], 0.0
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "reviews.csv")
        write_file(path, rows, 10 if chosen.quick else chosen.words)
        size = path.stat().st_size / 1024**2
        for _ in range(1 if chosen.quick else chosen.repeats):
            before = _cpu_seconds()
            ended = process([*sentiment(), "inspect", path])
            if ended.code:
                raise SystemExit(f"sentiment inspect ended with {ended.code}: {ended.errors}")
            seconds.append(ended.seconds)
            cpu.append(_cpu_seconds() - before)
            peak = max(peak, ended.peak_mb)
    most_seconds, most_mb = GOALS.get(rows, (None, None))
    median = Spread.of(seconds)
    table(
        f"sentiment inspect, {rows:,} reviews, {size:,.0f} MB",
        ["figure", "value", "goal"],
        [
            ["seconds", median.text(".1f"), _at_most(median.median, most_seconds)],
            ["CPU seconds", Spread.of(cpu).text(".1f"), ""],
            ["peak MB", f"{peak:,.0f}", _at_most(peak, most_mb)],
        ],
    )


def write_file(path: Path, rows: int, words: int) -> None:
    """Write a csv file of made-up reviews of two classes."""
    from made_up import reviews

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for number, text in enumerate(reviews(rows, words, vocabulary=40_000)):
            writer.writerow([text, ("bad", "good")[number % 2]])


def _cpu_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _at_most(value: float, goal: float | None) -> str:
    return "" if goal is None else verdict(value, goal, at_most=True)


if __name__ == "__main__":
    main()
