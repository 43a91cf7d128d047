"""A source scored by Ray, into a folder of shards: what is there stays, the rest is dealt out."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from sentiment_cli.inference.cluster import Reading, ScoredShard, score_shards
from sentiment_cli.inference.columns import text_column
from sentiment_cli.inference.job import Job, account_of
from sentiment_cli.inference.shards import shards_of
from sentiment_cli.reviews.sources import ReadOptions, open_source
from sentiment_cli.reviews.sources.opening import source_files

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.device import DeviceChoice


@dataclass(frozen=True, slots=True)
class Sharded:
    """A source that is about to be scored.

    Args:
        column: of the review.
        reason: Why it was chosen, or None if it was named.
        total: shards in all.
        there: those that an earlier call left.
        notes: Sentences about how the source is read.
    """

    column: str
    reason: str | None
    total: int
    there: int
    notes: Sequence[str]
    _predictor: Predictor
    _job: Job
    _reading: Reading

    def score(self, *, device: DeviceChoice | None, address: str | None) -> Iterator[ScoredShard]:
        """Yield each missing shard as it is written.

        Raises:
            SentimentError: as `score_shards`.
        """
        if self._job.missing:
            yield from score_shards(
                self._predictor, self._job, self._reading, device=device, address=address
            )


@contextmanager
def sharded(
    predictor: Predictor, file: str, out: Path, text: str | None, data: DataConfig
) -> Iterator[Sharded]:
    """Take up a folder of shards, and let it go in the end.

    Args:
        predictor: the classifier.
        file: the source, from the current folder.
        out: the folder, absent or with shards of the same job.
        text: column of the review; None looks for it.
        data: how the source is read.

    Raises:
        DataError: the source cannot be read, or has no such column.
        UsageError: the folder holds something else.
        EnvironmentFault: another process is at it, or the machine refuses.
    """
    base = Path.cwd()
    options = ReadOptions.of(data)
    shards = shards_of(source_files(file, base=base, options=options))
    source = open_source(file, base=base, options=options)
    column, reason = text_column(source, text, text=data.text_column, label=data.label_column)
    with Job(out, shards, account_of(predictor, shards, source.columns, column)) as job:
        reading = Reading(source.columns, column, data.on_bad_rows, job.out, job.inside)
        there = len(shards) - len(job.missing)
        yield Sharded(column, reason, len(shards), there, source.found, predictor, job, reading)
