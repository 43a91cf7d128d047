"""Tables of Arrow: Parquet files, Arrow and Feather files, and the rows of ``datasets``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, open_seekable, require_likely, source_of
from sentiment_cli.reviews.sources.source import Row, Skipped, Source, as_text

_MAX_ROWS, _MIN_ROWS = 1024, 32  # of a batch
_BATCH = 1 << 28  # bytes of a column, should each row repeat all that its chunk holds
_BLOCK = 1 << 20


def parquet_rows(file: File) -> int:
    """Return the number of rows of a Parquet file, without reading them."""
    with _open_parquet(file) as table:
        rows: int = table.metadata.num_rows
        return rows


def parquet_source(file: File, part: range | None = None) -> Source:
    """Return a Parquet file, or a part of its rows, as a source; rows are counted from 1.

    Args:
        file: File to read.
        part: Rows to read, counted from 0, with a step of 1. None means all.
    """

    def batches(own: range | None) -> Iterator[Any]:
        with _open_parquet(file) as table:
            yield table.schema_arrow.empty_table()
            yield from _batches(table, range(table.metadata.num_rows) if own is None else own)

    return _source(file, batches, part)


def arrow_source(file: File) -> Source:
    """Return an Arrow or Feather file as a source."""

    def batches(_: range | None) -> Iterator[Any]:
        import pyarrow as pa

        with open_seekable(file) as stream, _arrow_faults(file, "Arrow or Feather"):
            magic = stream.read(6)
            stream.seek(0)
            if magic == b"ARROW1":
                table = pa.ipc.open_file(stream)
                found = map(table.get_batch, range(table.num_record_batches))
            else:  # as `datasets` writes it
                found = table = pa.ipc.open_stream(stream)
            yield table.schema.empty_table()
            for batch in found:
                batch.validate(full=True)  # a damaged one may point anywhere
                yield batch

    return _source(file, batches, None)


def _source(
    file: File, batches: Callable[[range | None], Iterator[Any]], part: range | None
) -> Source:
    with _arrow_faults(file, "Arrow or Parquet"):
        columns, notes = text_columns(*islice(batches(range(_MAX_ROWS)), 2))

    def read(_: Skipped) -> Iterator[Row]:
        unpacked, start = 0, part.start if part else 0
        for row in arrow_rows(islice(batches(part), 1, None), file.name, columns, start):
            # A value that is in the file once may be that of every row.
            unpacked += sum(map(len, row.values.values()))
            require_likely(file, unpacked)
            yield row

    return source_of(file, f"arrow {part}", columns, read, notes)


def text_columns(schema: Any, first: Any = None) -> tuple[list[str], list[str]]:
    """Return the names of the columns that are read, and a note on those that are not.

    Binary and nested columns whose first values are not text are not read.

    Args:
        schema: Empty table.
        first: First rows, as a batch or table; None if there are none.
    """
    import pyarrow as pa

    names = _flat(schema).column_names
    unread = set()
    some = _flat(schema if first is None else first.slice(0, _MIN_ROWS))
    for name, column in zip(some.column_names, some.columns, strict=True):
        is_binary = "binary" in str(column.type)
        if len(column) and (is_binary or pa.types.is_nested(column.type)):
            try:
                is_text = any(_texts(column)) or not is_binary
            except (pa.ArrowException, ValueError):
                is_text = False
            if not is_text:
                unread.add(name)
    shown = ", ".join(map(repr, sorted(unread)))
    notes = [f"columns that hold no text, not read: {shown}"] if unread else []
    return [name for name in names if name not in unread], notes


def _flat(rows: Any) -> Any:
    """Return a table with each field of a nested column as a column of its own: `review.text`."""
    import pyarrow as pa

    table = rows if isinstance(rows, pa.Table) else pa.Table.from_batches([rows])
    while any(map(pa.types.is_struct, table.schema.types)):
        table = table.flatten()
    return table


def arrow_rows(
    batches: Iterable[Any], name: str, columns: Sequence[str], before: int = 0
) -> Iterator[Row]:
    """Yield the rows of batches or tables of Arrow, counted over all of them.

    Args:
        batches: Batches or tables, each small enough for the memory.
        name: Name of the file.
        columns: Names of the columns to read.
        before: Number of rows before these.

    Raises:
        DataError: A column has values that are not text, such as bytes that are not UTF-8.
    """
    import pyarrow as pa

    number = before
    for batch in batches:
        table, texts = _flat(batch), []
        for title in columns:
            try:
                texts.append(_texts(table.column(title)))
            except (pa.ArrowException, ValueError) as fault:
                raise DataError(
                    f"{name}: column '{title}' has values that are not text in rows "
                    f"{number + 1:,} to {number + table.num_rows:,}: {fault}",
                    hint="write the column as text, or leave it out",
                ) from fault
        for values in zip(*texts, strict=True):
            number += 1
            yield Row(dict(zip(columns, values, strict=True)), f"{name} row ", number)


def _texts(column: Any) -> list[str]:
    """Return the values of a column as texts; null is empty.

    Raises:
        ArrowException, ValueError: A value is not text, such as bytes that are not UTF-8.
    """
    import pyarrow as pa

    try:
        values: list[Any] = column.to_pylist()
        if all(type(value) is str for value in values):
            return values
        return [as_text(value) for value in values]
    except (OverflowError, ValueError):  # a date beyond those of Python, or bytes
        return [value or "" for value in column.cast(pa.string()).to_pylist()]


def _batches(table: Any, part: range) -> Iterator[Any]:
    """Yield the batches of some rows; row groups that hold none of them are not read."""
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
    """Return as many rows as fit in memory, whatever their values turn out to be, or nearly so."""
    sizes = [
        metadata.row_group(group).column(column).total_uncompressed_size
        for group in range(metadata.num_row_groups)
        for column in range(metadata.num_columns)
    ]
    largest: int = max([1, *sizes])
    return max(_MIN_ROWS, min(_MAX_ROWS, _BATCH // largest))


@contextmanager
def _open_parquet(file: File) -> Iterator[Any]:
    import pyarrow.parquet as pq

    with (
        open_seekable(file) as stream,
        _arrow_faults(file, "Parquet"),
        # Measured on a row group of 200 MB: 6 MB held so, 114 MB by default.
        pq.ParquetFile(stream, pre_buffer=False, buffer_size=_BLOCK) as table,
    ):
        yield table


@contextmanager
def _arrow_faults(file: File, kind: str) -> Iterator[None]:
    import pyarrow as pa

    try:
        yield
    except (pa.ArrowException, OSError, MemoryError, UnicodeDecodeError) as fault:
        reason = next(iter(str(fault).splitlines()), type(fault).__name__)
        raise DataError(
            f"{file.name} is not a whole {kind} file: {reason}", hint="copy or write it again"
        ) from fault
