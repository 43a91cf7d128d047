"""A large file: preparing it, starting again from the cache, training's memory, `inspect`.

    python benchmarks/prepare.py [--reviews 1000000] [--words 100]

The csv file holds IMDb's reviews, repeated in random order, each with as many words as asked for
from a random place on. Every figure comes from a process of its own, in a token cache of its own:

- preparing (`reviews.prepare.prepare`): reviews a second and peak memory, the first time; seconds
  until the first batch, the second time;
- counting (`training.ngrams.training_ngrams`): reviews a second and peak memory for the n-gram
  counts and rows of what was prepared;
- training's peak memory over a few steps, counted word vectors included, on a tenth of the file and
  on all of it;
- `sentiment inspect` of the same file.

Each is measured once: they are long, and --repeats counts the second starts. --quick repeats
made-up reviews.
"""

from __future__ import annotations

import csv
import os
import random
import tempfile
import time
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from timing import (
    Ended,
    Spread,
    apart,
    options,
    peak_mb,
    process,
    sentiment,
    table,
    together,
    verdict,
)

if TYPE_CHECKING:
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Prepared

RATE_GOAL = 15_000  # reviews a second at 100 words
MEMORY_GOAL = 2_048  # MB, preparing
COUNT_GOAL = 8_000  # reviews a second at 100 words, prepared and counted
COUNT_MEMORY_GOAL = 2_048  # MB, counting
AGAIN_GOAL = 2.0  # seconds to the first batch, the second time
GROWTH_GOAL = 1.2  # training's memory on all rows, over that on a tenth
INSPECT_GOALS = {1_000_000: (25, 2_048)}  # rows: seconds, MB
STEPS = 8


class Taken(NamedTuple):
    """What a piece of work took."""

    seconds: float
    peak_mb: float


def main() -> None:
    """Measure and print the tables."""
    parser = options(__doc__, repeats=3)
    parser.add_argument("--reviews", type=int, default=100_000, help="rows (100,000)")
    parser.add_argument("--words", type=int, default=100, help="words a review (100)")
    chosen = parser.parse_args()
    rows = 500 if chosen.quick else chosen.reviews
    repeats = 1 if chosen.quick else chosen.repeats
    with tempfile.TemporaryDirectory() as name:
        os.environ["SENTIMENT_CACHE"] = str(Path(name, "cache"))
        path, tenth = Path(name, "reviews.csv"), Path(name, "tenth.csv")
        run = together if chosen.quick else apart
        words = run(write_file, path, tenth, rows, chosen.words, chosen.quick)
        print(f"{rows:,} reviews of {words:.0f} words on average, {_megabytes(path):,.0f} MB")

        inspected = process([*sentiment(), "inspect", path])
        first = run(prepare_file, path)
        counted = run(count_file, path)
        again = [run(start_again, path) for _ in range(repeats)]
        run(prepare_file, tenth)
        small = run(train_some, tenth, chosen.device)
        large = run(train_some, path, chosen.device)
    _show_counting(rows, first, counted)
    _show_preparing(rows, first, [taken.seconds for taken in again])
    _show_memory(rows, small, large)
    _show_inspect(rows, inspected)


def write_file(path: Path, tenth: Path, rows: int, words: int, quick: bool) -> float:
    """Write the file and its first tenth; returns the words a review on average."""
    from made_up import imdb, reviews

    texts = list(reviews(50, words, vocabulary=500) if quick else imdb())
    split = [text.split() for text in texts]
    chance, written = random.Random(0), 0

    def lines() -> Iterator[list[str]]:
        nonlocal written
        for number in range(rows):
            own = split[chance.randrange(len(split))]
            start = chance.randint(0, max(0, len(own) - words))
            written += len(own[start : start + words])
            yield [" ".join(own[start : start + words]), ("bad", "good")[number % 2]]

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        writer.writerows(lines())
    with path.open(encoding="utf-8", newline="") as file, tenth.open("w", newline="") as small:
        csv.writer(small).writerows(islice(csv.reader(file), 1 + rows // 10))
    return written / rows


def prepare_file(path: Path) -> Taken:
    """Read, split and tokenise the file into the cache."""
    start = time.perf_counter()
    _prepared(path)
    return Taken(time.perf_counter() - start, peak_mb())


def count_file(path: Path) -> Taken:
    """Count the n-grams of the prepared file."""
    from sentiment_cli.training.ngrams import training_ngrams

    prepared = _prepared(path)
    start = time.perf_counter()
    training_ngrams(prepared, _experiment(path).model.ngrams, progress=lambda *_: None)
    return Taken(time.perf_counter() - start, peak_mb())


def start_again(path: Path) -> Taken:
    """Open the prepared file and take the first batch, the imports included."""
    start = time.perf_counter()
    from sentiment_cli.training.batches import epoch_batches, take

    training = _prepared(path).training
    take(training, epoch_batches(training.lengths, batch_size=32, seed=0, epoch=0)[0])
    return Taken(time.perf_counter() - start, peak_mb())


def train_some(path: Path, device: str) -> Taken:
    """Count word vectors and take a few training steps, with the default network."""
    from made_up import counted, training_loop

    from sentiment_cli.training.vectors.start import first_vectors

    experiment, prepared = _experiment(path), _prepared(path)
    first_vectors(experiment, prepared)
    loop = training_loop(
        experiment,
        prepared.training,
        prepared.validation,
        vocabulary=prepared.tokenizer.vocab_size,
        device=device,
        ngrams=counted(prepared, experiment),
    )
    start = time.perf_counter()
    for _ in islice(loop.run(), STEPS):
        pass
    return Taken(time.perf_counter() - start, peak_mb())


def _prepared(path: Path) -> Prepared:
    from sentiment_cli.reviews.prepare import prepare

    return prepare(_experiment(path), progress=lambda *_: None)


def _experiment(path: Path) -> Experiment:
    from sentiment_cli.config.schema import Experiment

    return Experiment.model_validate(
        {"data": {"source": str(path)}, "model": {"vectors": "counted"}}
    )


def _show_preparing(rows: int, first: Taken, again: list[float]) -> None:
    rate = rows / first.seconds
    start = Spread.of(again)
    table(
        "Preparing",
        ["figure", "value", "goal"],
        [
            ["reviews/s", f"{rate:,.0f}", verdict(rate, RATE_GOAL, at_most=False)],
            ["seconds", f"{first.seconds:.1f}", ""],
            ["peak MB", f"{first.peak_mb:,.0f}", verdict(first.peak_mb, MEMORY_GOAL, at_most=True)],
            [
                "seconds to the first batch, second time",
                start.text(".2f"),
                verdict(start.median, AGAIN_GOAL, at_most=True),
            ],
        ],
    )


def _show_counting(rows: int, first: Taken, counted: Taken) -> None:
    rate = rows / (first.seconds + counted.seconds)
    table(
        "Counting n-grams",
        ["figure", "value", "goal"],
        [
            ["seconds", f"{counted.seconds:.1f}", ""],
            [
                "reviews/s, prepared and counted",
                f"{rate:,.0f}",
                verdict(rate, COUNT_GOAL, at_most=False),
            ],
            [
                "peak MB",
                f"{counted.peak_mb:,.0f}",
                verdict(counted.peak_mb, COUNT_MEMORY_GOAL, at_most=True),
            ],
        ],
    )


def _show_memory(rows: int, small: Taken, large: Taken) -> None:
    share = large.peak_mb / small.peak_mb
    table(
        f"Training's peak memory over {STEPS} steps",
        ["rows", "peak MB", "ratio", "goal"],
        [
            [f"{rows // 10:,}", f"{small.peak_mb:,.0f}", "1", ""],
            [
                f"{rows:,}",
                f"{large.peak_mb:,.0f}",
                f"{share:.2f}",
                verdict(share, GROWTH_GOAL, at_most=True),
            ],
        ],
    )


def _show_inspect(rows: int, ended: Ended) -> None:
    if ended.code:
        print(f"\n  sentiment inspect: ended with {ended.code}: {ended.errors[-500:]}")
        return
    most_seconds, most_mb = INSPECT_GOALS.get(rows, (None, None))
    table(
        "sentiment inspect",
        ["figure", "value", "goal"],
        [
            ["seconds", f"{ended.seconds:.1f}", _at_most(ended.seconds, most_seconds)],
            ["peak MB", f"{ended.peak_mb:,.0f}", _at_most(ended.peak_mb, most_mb)],
        ],
    )


def _at_most(value: float, goal: float | None) -> str:
    return "" if goal is None else verdict(value, goal, at_most=True)


def _megabytes(path: Path) -> float:
    return path.stat().st_size / 1024**2


if __name__ == "__main__":
    main()
