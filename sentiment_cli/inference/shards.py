"""The pieces in which a source is scored by many: each is read, answered and written on its own.

A file is a piece; of a Parquet file, of which any part can be read, so many rows are. How a source
falls into pieces depends on nothing but its files, and a second call finds the same ones.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from sentiment_cli.reviews.sources.arrow import parquet_rows, parquet_source
from sentiment_cli.reviews.sources.files import File
from sentiment_cli.reviews.sources.opening import file_source

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from sentiment_cli.reviews.sources import Row, Skipped

ROWS = 10_000
"""Of a Parquet file, in a piece: some tens of seconds of work for a core."""


@dataclass(frozen=True, slots=True)
class Shard:
    """A piece of a source, and of the table that is made of it.

    Args:
        name: of the file that holds its answers.
        file: where it lies.
        part: which rows of a Parquet file, counted from 0; None for all of the file.
    """

    name: str
    file: File
    part: range | None

    def rows(self, columns: Sequence[str], skipped: Skipped) -> Iterator[Row]:
        """Yield its rows, with an empty text under each of the `columns` that its file lacks.

        Args:
            columns: of the whole source.
            skipped: is told of broken rows.

        Raises:
            DataError: a broken row, or a file that is not as it was.
        """
        from sentiment_cli.reviews.sources import Row

        if self.part is None:
            source = file_source(self.file)
        else:
            source = parquet_source(self.file, self.part)
        blank = dict.fromkeys(columns, "")
        for row in source.read(skipped):
            yield Row({**blank, **row.values}, row.origin, row.number)


def shards_of(files: Sequence[File]) -> list[Shard]:
    """Return all pieces of some files, in order."""
    return [shard for file in files for shard in _shards(file)]


def _shards(file: File) -> Iterator[Shard]:
    file = replace(file, path=file.path.resolve())
    # Files of one name may lie in several folders.
    stem = f"{file.path.name.partition('.')[0]}-{sha256(file.name.encode()).hexdigest()[:8]}"
    if not file.path.name.lower().endswith(".parquet"):
        yield Shard(f"{stem}.parquet", file, None)
        return
    total = parquet_rows(file)
    for start in range(0, total, ROWS):
        yield Shard(f"{stem}-{start:012}.parquet", file, range(start, min(start + ROWS, total)))
