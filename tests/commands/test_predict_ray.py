"""`sentiment predict --engine ray`: real clusters, a worker that is killed, a second node."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import tempfile
import time
from importlib.metadata import requires
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from support.cli import FILLER, WORDS, sentiment, sentiment_process

needs_ray = pytest.mark.skipif(find_spec("ray") is None, reason="Ray is not installed")
pytestmark = pytest.mark.timeout(900)  # a cluster starts dozens of processes

PATIENCE = 600.0
ROWS, FILES = 9000, 7
JOINED = """
import sys, time, ray
ray.init(sys.argv[1])
while not ray.cluster_resources().get("CPU"):
    time.sleep(0.1)
"""


@pytest.fixture
def many(here):
    """Files of reviews, some of which are several shards, scored by one process."""
    (here / "in").mkdir()
    for number in range(FILES):
        own = range(number * ROWS, (number + 1) * ROWS)
        words = [*FILLER, *WORDS["good"], *WORDS["bad"]]
        texts = [f"{words[n % 29]} {words[n % 23]} {words[n % 19]} {n}" for n in own]
        table = pa.table({"id": [str(n) for n in own], "text": texts})
        pq.write_table(table, here / "in" / f"{number}.parquet")
    answer = sentiment("predict", "--file", "in/*.parquet", "--out", "one.parquet")
    assert answer.code == 0, answer.err
    return here


def started(*more, cwd):
    """Start to score by Ray."""
    command = [sys.executable, "-m", "sentiment_cli", "predict", "--engine", "ray", *more]
    command += ["--file", "in/*.parquet", "--out", "scored"]
    with (cwd / "err").open("wb") as err, (cwd / "out").open("ab") as out:
        return subprocess.Popen(command, cwd=cwd, stdout=out, stderr=err)


def shards(folder):
    return [path for path in folder.glob("scored/*") if not path.name.startswith("_")]


def until_there_are(count, folder, process):
    end = time.monotonic() + PATIENCE
    while len(shards(folder)) < count:
        assert time.monotonic() < end
        assert process.poll() is None, (folder / "err").read_text()
        time.sleep(0.01)


def descendants(pid):
    """Every process that a process has started, and those that they have."""
    try:
        own = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    except OSError:
        return []
    return [number for child in own for number in (int(child), *descendants(child))]


def actors(pid):
    """The processes below `pid` that keep a predictor."""
    for number in descendants(pid):
        try:
            if Path(f"/proc/{number}/cmdline").read_bytes().startswith(b"ray::MapWorker"):
                yield number
        except OSError:
            continue


def same_as_one_process(folder):
    """Each row is there once, and says what one process says of it."""
    expected = {row["id"]: row for row in pq.read_table(folder / "one.parquet").to_pylist()}
    rows = [row for path in shards(folder) for row in pq.read_table(path).to_pylist()]
    assert len(rows) == len(expected) == FILES * ROWS
    assert {row["id"] for row in rows} == expected.keys()
    for row in rows:
        one = expected[row["id"]]
        assert (row["text"], row["label"]) == (one["text"], one["label"])
        assert abs(row["probability_positive"] - one["probability_positive"]) < 1e-6


@needs_ray
@pytest.mark.skipif(sys.platform != "linux", reason="finds the actors in /proc")
def test_a_killed_actor_costs_its_shard_and_a_second_call_what_is_missing(many):
    with started(cwd=many) as process:
        until_there_are(1, many, process)
        killed = next(actors(process.pid))
        os.kill(killed, signal.SIGKILL)
        assert process.wait(PATIENCE) == 0, (many / "err").read_text()
    same_as_one_process(many)
    assert len(shards(many)) == FILES
    first = {path: path.stat().st_mtime_ns for path in shards(many)}
    lost = min(first)
    lost.unlink()
    with started(cwd=many) as process:
        assert process.wait(PATIENCE) == 0, (many / "err").read_text()
    assert "6 of 7 shards are there already" in (many / "err").read_text()
    assert not (many / "out").read_text()
    same_as_one_process(many)
    again = {path: path.stat().st_mtime_ns for path in shards(many)}
    assert {path for path in first if again[path] != first[path]} == {lost}


def answers(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


@pytest.fixture
def cluster(tmp_path, monkeypatch):
    """A head without a core for actors and a node with one, each by `ray start`.

    For once they listen to more than the loopback: whoever has no token is turned away.
    """
    monkeypatch.setenv("RAY_AUTH_MODE", "token")
    monkeypatch.setenv("RAY_AUTH_TOKEN", secrets.token_hex(32))
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{free.getsockname()[1]}"
    port = address.rpartition(":")[2]
    script = Path(sys.executable).with_name("ray")
    common = [script, "start", "--block", "--disable-usage-stats"]
    # Elsewhere, later programs would take its leavings for a cluster; sockets want a short path.
    with tempfile.TemporaryDirectory(dir="/tmp") as own, (tmp_path / "ray.log").open("wb") as log:
        options = {"stdout": log, "stderr": log, "env": os.environ | {"RAY_TMPDIR": own}}
        head = subprocess.Popen(
            [
                *common, "--head", f"--port={port}", "--include-dashboard=false", "--num-cpus=0",
            ],
            **options,
        )  # fmt: skip
        node = None
        try:
            end = time.monotonic() + PATIENCE
            while not answers(int(port)):
                assert time.monotonic() < end
                assert head.poll() is None, (tmp_path / "ray.log").read_text()
                time.sleep(0.1)
            node = subprocess.Popen([*common, f"--address={address}", "--num-cpus=1"], **options)
            subprocess.run([sys.executable, "-c", JOINED, address], check=True, **options)
            yield address
        finally:
            for process in (node, head):
                if process is not None:
                    process.terminate()
                    process.wait(60)


@needs_ray
def test_a_cluster_of_two_nodes_is_joined_by_its_address(many, cluster):
    with started("--address", cluster, cwd=many) as process:
        assert process.wait(PATIENCE) == 0, (many / "err").read_text()
    same_as_one_process(many)


@needs_ray
def test_no_cluster_at_an_address_is_an_environment_fault(here):
    answer = sentiment_process(
        "predict", "--engine", "ray", "--file", "reviews.csv", "--out", "scored",
        "--address", "127.0.0.1:9",
    )  # fmt: skip
    assert answer.code == 5
    assert "no Ray cluster answers at 127.0.0.1:9" in answer.err


def test_an_address_without_ray_is_a_usage_error(here):
    answer = sentiment("predict", "--file", "reviews.csv", "--out", "a.csv", "--address", "auto")
    assert answer.code == 2
    assert "--engine ray" in answer.err


def test_ray_is_an_extra():
    wanted = [need for need in requires("sentiment-cli") or [] if need.startswith("ray")]
    assert all("extra ==" in need for need in wanted)
