"""Scoring 200,000 reviews: one process beside Ray with 1 and 2 actors, on the same cores.

    python benchmarks/scale_scoring.py [--run DIR] [--reviews 200000]    # with sentiment-cli[ray]

Reviews a second of whole commands in processes of their own, start included, in alternating runs:
`predict --file`, which uses all cores by threads; the same with `--engine ray`, an actor a core;
and with `--address` of a cluster that has one core. The reviews are IMDb's, repeated, in Parquet;
without --run, the bundled model answers. --quick scores a few made-up reviews, without the cluster.
"""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from made_up import imdb, reviews
from timing import Spread, alternate, options, process, ratio, sentiment, table, verdict

GOAL = 0.7
READY = """
import sys, time, ray
ray.init(sys.argv[1])
while not ray.cluster_resources().get("CPU"):
    time.sleep(0.1)
"""
ACTORS = os.cpu_count() or 1


def main() -> None:
    """Measure and print the table."""
    parser = options(__doc__, repeats=3)
    parser.add_argument(
        "--run", type=Path, default=Path("bundled"), help="a finished run (bundled)"
    )
    parser.add_argument("--reviews", type=int, default=200_000, help="rows (200,000)")
    chosen = parser.parse_args()
    # The cluster listens to more than the loopback: whoever has no token is turned away.
    os.environ |= {"RAY_AUTH_MODE": "token", "RAY_AUTH_TOKEN": secrets.token_hex(32)}
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.quick:
            texts = list(reviews(400, 20, vocabulary=500))
        else:
            texts = list(islice(cycle(imdb()), chosen.reviews))
        pq.write_table(pa.table({"text": texts}), folder / "reviews.parquet")
        command = [*sentiment(), "predict", "--run", chosen.run, "--device", chosen.device]
        command += ["--file", folder / "reviews.parquet", "--out"]
        _compare(command, folder, len(texts), repeats=chosen.repeats, quick=chosen.quick)


def _compare(
    command: list[str | Path], folder: Path, count: int, *, repeats: int, quick: bool
) -> None:
    scored = folder / "scored"

    def by_ray(*more: str) -> float:
        shutil.rmtree(scored, ignore_errors=True)
        return _rate([*command, scored, "--engine", "ray", *more], count)

    def one_actor() -> float:
        with _cluster() as address:
            return by_ray("--address", address)

    everywhere = f"ray, {ACTORS} actors"
    jobs: dict[str, Callable[[], float]] = {
        "one process": lambda: _rate([*command, folder / "scored.parquet", "--force"], count),
        everywhere: by_ray,
    }
    if not quick:
        jobs["ray, 1 actor"] = one_actor
    rates = alternate(jobs, 0 if quick else repeats)
    local = rates["one process"]
    shares = {name: ratio(own, local) for name, own in rates.items()}
    goals = {everywhere: verdict(shares[everywhere].median, GOAL, at_most=False)}
    table(
        f"Scoring {count:,} reviews",
        ["", "reviews/s", "ratio", "goal"],
        [
            [name, Spread.of(own).text(), shares[name].text(".2f"), goals.get(name, "")]
            for name, own in rates.items()
        ],
    )
    if not quick:
        growth = ratio(rates[everywhere], rates["ray, 1 actor"])
        print(f"\n  {ACTORS} actors beside 1: {growth.text('.2f')}")


def _rate(command: list[str | Path], count: int) -> float:
    ended = process(command)
    if ended.code:
        sys.exit(f"predict ended with {ended.code}: {ended.errors[-500:]}")
    return count / ended.seconds


@contextmanager
def _cluster() -> Iterator[str]:
    """Run a Ray cluster with one core meanwhile, at the address given; its start is not timed."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    script = Path(sys.executable).with_name("ray")
    start = [script, "start", "--head", "--num-cpus=1", f"--port={port}", "--block"]
    start += ["--include-dashboard=false", "--disable-usage-stats"]
    silent = subprocess.DEVNULL
    with (
        tempfile.TemporaryDirectory(dir="/tmp") as own,  # sockets want a short path
        subprocess.Popen(
            start, stdout=silent, stderr=silent, env=os.environ | {"RAY_TMPDIR": own}
        ) as head,
    ):
        try:
            with socket.socket() as tried:
                while tried.connect_ex(("127.0.0.1", port)):
                    if head.poll() is not None:
                        sys.exit(f"ray start ended with {head.returncode}")
                    time.sleep(0.1)
            ready = [sys.executable, "-c", READY, f"127.0.0.1:{port}"]
            subprocess.run(ready, stdout=silent, stderr=silent, check=True)
            yield f"127.0.0.1:{port}"
        finally:
            head.terminate()


if __name__ == "__main__":
    main()
