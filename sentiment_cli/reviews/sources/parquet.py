"""Parquet files, read in small batches whatever the size of their row groups."""

from __future__ import annotations

import gzip
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, BinaryIO

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.arrow import arrow_rows
from sentiment_cli.reviews.sources.files import File, open_bytes, require_likely
from sentiment_cli.reviews.sources.source import (
    OnBadRows,
    Row,
    Skipped,
    Source,
    checked_columns,
    combined,
)

_MOST_ROWS, _FEWEST_ROWS = 1024, 32  # of a batch
_BATCH = 1 << 28  # bytes of a column, should each row repeat all that its chunk holds
_BLOCK = 1 << 20
_RATIO_LIMIT = 200
"""Parquet packs its columns itself; gzip around it gains far less than this."""


def parquet_rows(file: File) -> int:
    """How many rows a Parquet file has; they are not read."""
    with _open_parquet(file) as table:
        rows: int = table.metadata.num_rows
        return rows


def parquet_source(file: File, on_bad_rows: OnBadRows, part: range | None = None) -> Source:
    """A Parquet file, or a part of its rows; they are counted from 1.

    Args:
        file: where it lies.
        on_bad_rows: whether a broken row stops the reading.
        part: which rows, counted from 0, with a step of 1; None for all.
    """

    def read(skipped: Skipped) -> Iterator[Row]:
        with _open_parquet(file) as table:
            size, unpacked = file.path.stat().st_size, 0
            own = range(table.metadata.num_rows) if part is None else part
            for row in arrow_rows(_batches(table, own), file.name, skipped, before=own.start):
                # A value that stands once in the file may be that of every row.
                unpacked += sum(map(len, row.values.values()))
                require_likely(file.name, size, unpacked=unpacked)
                yield row

    def digest() -> str:
        return combined(["parquet", file.digest(), *([] if part is None else [str(part)])])

    with _open_parquet(file) as table:
        columns = checked_columns(file.name, list(table.schema_arrow.names))
    return Source(file.name, columns, read, digest, on_bad_rows)


def _batches(table: Any, part: range) -> Iterator[Any]:
    """The batches of some rows; row groups that hold none of them are not read."""
    size, begin = _rows_of_a_batch(table.metadata), 0
    for group in range(table.metadata.num_row_groups):
        end = begin + table.metadata.row_group(group).num_rows
        if begin < part.stop and part.start < end:
            for batch in table.iter_batches(batch_size=size, row_groups=[group]):
                first = max(part.start - begin, 0)
                yield batch.slice(first, max(part.stop - begin - first, 0))
                begin += batch.num_rows
        begin = end


def _rows_of_a_batch(metadata: Any) -> int:
    """As many rows as fit in memory, whatever their values turn out to be, or nearly so."""
    sizes = [
        metadata.row_group(group).column(column).total_uncompressed_size
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    largest: int = max([1, *sizes])
    return max(_FEWEST_ROWS, min(_MOST_ROWS, _BATCH // largest))


@contextmanager
def _open_parquet(file: File) -> Iterator[Any]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    with _seekable(file) as stream:
        try:
            # Measured on a row group of 200 MB: 6 MB held so, 114 MB by default.
            with pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BLOCK) as table:
                yield table
        except (pa.ArrowException, OSError) as fault:
            reason = next(iter(str(fault).splitlines()), type(fault).__name__)
            raise DataError(
                f"{file.name} is no whole Parquet file: {reason}", hint="copy or write it again"
            ) from fault


@contextmanager
def _seekable(file: File) -> Iterator[BinaryIO]:
    """The file's bytes for reading from the end, where Parquet keeps its index: gzip undone."""
    with open_bytes(file) as stream:
        if not isinstance(stream, gzip.GzipFile):
            yield stream
            return
        bound = max(_BLOCK, file.path.stat().st_size) * _RATIO_LIMIT
        with tempfile.TemporaryFile() as unpacked:
            while block := stream.read(_BLOCK):
                unpacked.write(block)
                if unpacked.tell() > bound:
                    raise DataError(
                        f"{file.name} unpacks to more than {_RATIO_LIMIT} times its size",
                        hint="unpack it by hand if you trust it, and name the .parquet file",
                    )
            yield unpacked
