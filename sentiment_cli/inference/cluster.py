"""A source scored by many processes, on one machine or many, which Ray Data looks after.

Ray hands out shards and keeps a predictor in an actor for each core or GPU. An actor reads a shard,
answers it and writes it, by the same code as one process does; a shard of an actor that dies is
handed out again. So no review travels through Ray, and none is written twice.
"""

from __future__ import annotations

import logging
import os
import socket
from collections import Counter
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli import transient
from sentiment_cli.errors import DataError, EnvironmentFault, SentimentError
from sentiment_cli.inference.scoring import score_rows
from sentiment_cli.reviews.sources import Skipped

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from sentiment_cli.inference.job import Job
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.inference.shards import Shard
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.sources import OnBadRows

_NUMBER, _CAME_TO = "number", "came_to"  # columns of what travels through Ray
_PATIENCE = 10.0  # seconds to reach a cluster
_MEMORY = 2**28  # bytes of Ray's store, beside what the predictor takes


@dataclass(frozen=True, slots=True)
class ScoredShard:
    """A shard that is written.

    Args:
        labels: how many of its reviews got which.
        skipped: the broken rows that were left out.
    """

    labels: Counter[str]
    skipped: Skipped


@dataclass(frozen=True, slots=True)
class Reading:
    """How shards are read and written.

    Args:
        columns: of the whole source.
        text: column of the review.
        on_bad_rows: whether a broken row stops the job.
        out: the folder of shards.
        staged: a folder beside them, where they are written.
    """

    columns: Sequence[str]
    text: str
    on_bad_rows: OnBadRows
    out: Path
    staged: Path


class Scorer:
    """An actor: answers the shards that Ray Data hands to it."""

    def __init__(self, predictor: Predictor, reading: Reading, shards: Sequence[Shard]) -> None:
        # An actor has a core: the tokenizer would take all of them.
        os.environ["TOKENIZERS_PARALLELISM"] = "false"
        self._predictor = predictor
        self._reading = reading
        self._shards = shards

    def __call__(self, batch: dict[str, Any]) -> dict[str, NDArray[np.object_]]:
        """Write the shards of a batch; what is wrong with one is handed back, not raised."""
        came_to = np.empty(len(batch[_NUMBER]), dtype=object)  # which Ray carries as it is
        for place, number in enumerate(batch[_NUMBER]):
            came_to[place] = self._came_to(number)
        return {_CAME_TO: came_to}

    def _came_to(self, number: int) -> ScoredShard | SentimentError:
        try:
            return score_shard(self._predictor, self._shards[number], self._reading)
        except SentimentError as fault:
            return fault


def score_shard(predictor: Predictor, shard: Shard, reading: Reading) -> ScoredShard:
    """Write a shard, whole or not at all.

    Raises:
        SentimentError: its file cannot be read, or the shard not be written.
    """
    skipped = Skipped(reading.on_bad_rows)
    labels: Counter[str] = Counter()
    # Two actors may be at it, where one was given up too early: each has a file of its own.
    staged = transient.add(reading.staged / f"{os.getpid()}-{os.urandom(4).hex()}-{shard.name}")
    rows = shard.rows(reading.columns, skipped)
    for answered in score_rows(
        predictor, rows, reading.columns, reading.text, staged, formula_guard=False
    ):
        labels.update(answered)
    staged.rename(reading.out / shard.name)
    transient.keep(staged)
    return ScoredShard(labels, skipped)


def require_ray() -> None:
    """Refuse to go on where Ray is not installed.

    Raises:
        EnvironmentFault: it is not.
    """
    if find_spec("ray") is None:
        raise EnvironmentFault(
            "--engine ray: the package ray is not installed",
            hint="pip install 'sentiment-cli[ray]', or leave --engine out",
        )


def score_shards(
    predictor: Predictor,
    job: Job,
    reading: Reading,
    *,
    device: DeviceChoice | None,
    address: str | None,
) -> Iterator[ScoredShard]:
    """Yield each missing shard of a job as it is written, in any order.

    Args:
        predictor: the classifier.
        job: its folder must be the same one on every machine of the cluster, as must the files.
        reading: how shards are read.
        device: `cpu` leaves the cluster's GPUs alone.
        address: of a running cluster; None starts one on this machine, which nobody else reaches.

    Raises:
        DataError: a shard could not be read; those that were written stay.
        EnvironmentFault: there is no cluster, or it has nothing to compute with.
    """
    with _connected(address, _MEMORY + 2 * _size(predictor)) as ray:
        from ray.data import ActorPoolStrategy, from_items

        resources = ray.cluster_resources()
        unit = "CPU" if device == "cpu" or not resources.get("GPU") else "GPU"
        actors = min(int(resources.get(unit, 0)), len(job.missing))
        if not actors:
            raise EnvironmentFault(f"the Ray cluster at {address or 'hand'} has no free {unit}")
        items = [{_NUMBER: number} for number in range(len(job.missing))]
        scored = from_items(items, override_num_blocks=len(items)).map_batches(
            Scorer,
            fn_constructor_args=(predictor, reading, job.missing),
            batch_size=1,
            compute=ActorPoolStrategy(size=actors),
            num_cpus=1 if unit == "CPU" else None,
            num_gpus=1 if unit == "GPU" else None,
        )
        yield from _results(ray, scored)


def _results(ray: Any, scored: Any) -> Iterator[ScoredShard]:
    try:
        for row in scored.iter_rows():
            came_to = row[_CAME_TO]
            if isinstance(came_to, SentimentError):
                raise came_to
            yield came_to
    except ray.exceptions.RayError as fault:
        reason = next(iter(str(fault).splitlines()), type(fault).__name__)
        raise EnvironmentFault(
            f"Ray gave up: {reason}",
            hint="the same command goes on with the shards that are missing",
        ) from fault


@contextmanager
def _connected(address: str | None, memory: int) -> Iterator[Any]:
    """Yield Ray, connected to a cluster or to one of its own, without a word to anyone else."""
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ.setdefault("RAY_BACKEND_LOG_LEVEL", "fatal")  # what matters comes as an exception
    own: dict[str, Any] = {"address": address}
    if address is not None:
        _require_reachable(address)
    else:
        # Ray's name for: one machine, whose services listen on the loopback alone.
        os.environ["RAY_ENABLE_WINDOWS_OR_OSX_CLUSTER"] = "0"
        own = {"address": "local", "include_dashboard": False, "object_store_memory": memory}
    import ray
    from ray.data import DataContext

    try:
        ray.init(**own, log_to_driver=False, logging_level=logging.ERROR)
    except (ConnectionError, RuntimeError, ValueError) as fault:
        reason = next(iter(str(fault).splitlines()), type(fault).__name__)
        raise _no_cluster(address or "this machine", reason) from fault
    try:
        context = DataContext.get_current()
        context.enable_progress_bars = False
        logging.getLogger("ray.data").setLevel(logging.CRITICAL)
        yield ray
    finally:
        ray.shutdown()


def _require_reachable(address: str) -> None:
    """Refuse an address at which nothing listens, which Ray itself would try for minutes."""
    host, _, port = address.rpartition("://")[2].rpartition(":")
    if not (host and port.isdigit()):
        return  # such as `auto`
    try:
        socket.create_connection((host, int(port)), timeout=_PATIENCE).close()
    except (OSError, OverflowError) as fault:
        raise _no_cluster(address, str(fault)) from fault


def _no_cluster(address: str, reason: str) -> EnvironmentFault:
    return EnvironmentFault(
        f"no Ray cluster answers at {address}: {reason}",
        hint="start one with: ray start --head, or leave --address out; where the cluster wants a "
        "token, set RAY_AUTH_MODE=token",
    )


def _size(predictor: Predictor) -> int:
    return sum(array.nbytes for array in predictor.engine.weights.values())


def summed(shards: Sequence[ScoredShard], on_bad_rows: OnBadRows, *, there: int = 0) -> ScoredShard:
    """Return what all shards come to.

    Args:
        shards: that were scored now.
        on_bad_rows: what became of broken rows.
        there: how many others were there before.

    Raises:
        DataError: none of them all has a row that can be read.
    """
    labels: Counter[str] = Counter()
    skipped = Skipped(on_bad_rows)
    for shard in shards:
        labels.update(shard.labels)
        skipped.add(shard.skipped)
    if not there and not labels:
        raise DataError("there are no rows that can be read")
    return ScoredShard(labels, skipped)
