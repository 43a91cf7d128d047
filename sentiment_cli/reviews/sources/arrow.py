"""Tables of Arrow: Parquet files, Arrow and Feather files, and the rows of ``datasets``."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, open_seekable, require_likely
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    Row,
    Skipped,
    Source,
    checked_columns,
    combined,
)
from sentiment_cli.reviews.sources.values import as_text

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
            yield empty_batch(table.schema_arrow)
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
            yield empty_batch(table.schema)
            for batch in found:
                batch.validate(full=True)  # a damaged one may point anywhere
                yield batch

    return _source(file, batches, None)


def _source(
    file: File, batches: Callable[[range | None], Iterator[Any]], part: range | None
) -> Source:
    empty, *first = islice(batches(range(_MAX_ROWS)), 2)
    unread = unread_columns(first)
    columns = [name for name in flat(empty).schema.names if name not in unread]

    def read(skipped: Skipped) -> Iterator[Row]:
        size, unpacked = file.path.stat().st_size, 0
        start = part.start if part else 0
        for row in arrow_rows(batches(part), file.name, skipped, unread, before=start):
            # A value that is in the file once may be that of every row.
            unpacked += sum(map(len, row.values.values()))
            require_likely(file.name, size, unpacked=unpacked)
            yield row

    def digest() -> str:
        return combined(["arrow", file.digest(), *([] if part is None else [str(part)])])

    return Source(
        file.name,
        checked_columns(file.name, columns),
        read,
        digest,
        file.options.on_bad_rows,
        found=unread_note(unread),
    )


def empty_batch(schema: Any) -> Any:
    """Return a record batch of no rows."""
    import pyarrow as pa

    return pa.RecordBatch.from_arrays([pa.array([], kind) for kind in schema.types], schema.names)


def unread_columns(batches: Iterable[Any]) -> set[str]:
    """Return the names of the binary and nested columns whose first values are not text."""
    import pyarrow as pa

    unread = set()
    for batch in batches:
        some = flat(batch).slice(0, _MIN_ROWS)
        for name, column in zip(some.schema.names, some.columns, strict=True):
            is_binary = "binary" in str(column.type)
            if is_binary or pa.types.is_nested(column.type):
                try:
                    is_text = any(_texts(column)) or not is_binary
                except (ValueError, OverflowError, pa.ArrowException):
                    is_text = False
                if not is_text:
                    unread.add(name)
    return unread


def unread_note(unread: set[str]) -> tuple[str, ...]:
    """Return a note that names the columns that are not read, if there are any."""
    names = ", ".join(map(repr, sorted(unread)))
    return (f"columns that hold no text, not read: {names}",) if unread else ()


def flat(batch: Any) -> Any:
    """Return a batch with each field of a nested column as a column of its own: `review.text`."""
    import pyarrow as pa

    while any(pa.types.is_struct(kind) for kind in batch.schema.types):
        table = pa.Table.from_batches([batch]).flatten()
        arrays = [column.combine_chunks() for column in table.columns]
        batch = pa.RecordBatch.from_arrays(arrays, names=table.schema.names)
    return batch


def arrow_rows(
    batches: Iterable[Any], name: str, skipped: Skipped, unread: set[str], *, before: int = 0
) -> Iterator[Row]:
    """Yield the rows of ``pyarrow.RecordBatch``es, counted over all of them.

    Args:
        batches: Record batches.
        name: Name of the file.
        skipped: Is told of broken rows.
        unread: Names of columns that are not read.
        before: Number of rows before these.

    Raises:
        DataError: a column holds what is not text, such as bytes that are not UTF-8.
    """
    origin = f"{name} row "
    number = before
    for nested in batches:
        batch = flat(nested)
        wanted = [title for title in batch.schema.names if title not in unread]
        columns, long = _bounded([batch.column(title) for title in wanted])
        texts = [
            _named_texts(column, name, title, number + 1, number + batch.num_rows)
            for title, column in zip(wanted, columns, strict=True)
        ]
        for index, values in enumerate(zip(*texts, strict=True)):
            number += 1
            if index in long:
                what = f"a field of more than {FIELD_LIMIT:,} bytes"
                skipped.meet(f"{origin}{number}", what, " ".join(values))
            else:
                yield Row(dict(zip(wanted, values, strict=True)), origin, number)


def _named_texts(column: Any, name: str, title: str, first: int, last: int) -> list[str]:
    import pyarrow as pa

    hint = "write the column as text, or leave it out"
    try:
        return _texts(column)
    except UnicodeDecodeError as fault:
        raise DataError(
            f"{name}: column '{title}' holds bytes that are not UTF-8 text in rows "
            f"{first:,} to {last:,}",
            hint=hint,
        ) from fault
    except (pa.ArrowException, OverflowError, ValueError) as fault:
        raise DataError(
            f"{name}: column '{title}' holds a {column.type} that is not text: {fault}", hint=hint
        ) from fault


def _bounded(columns: list[Any]) -> tuple[list[Any], set[int]]:
    """Return the columns with every field beyond FIELD_LIMIT null, and the rows of those fields.

    This happens before Python holds a copy of them.
    """
    import pyarrow as pa
    import pyarrow.compute as pc

    kinds = {pa.string(), pa.large_string(), pa.binary(), pa.large_binary()}
    bounded: list[Any] = []
    rows: set[int] = set()
    for column in columns:
        if pa.types.is_dictionary(column.type):
            column = column.dictionary_decode()
        if column.nbytes > FIELD_LIMIT and column.type in kinds:
            long = pc.greater(pc.binary_length(column), FIELD_LIMIT)
            rows.update(pc.indices_nonzero(long).to_pylist())
            column = pc.if_else(long, pa.scalar(None, column.type), column)
        bounded.append(column)
    return bounded, rows


def _texts(column: Any) -> list[str]:
    try:
        values: list[Any] = column.to_pylist()
    except UnicodeDecodeError:
        raise
    except (OverflowError, ValueError):  # a date or time beyond those of Python: Arrow has more
        return [_text(value) for value in column]
    if all(type(value) is str for value in values):
        return values
    return [as_text(value) for value in values]


def _text(value: Any) -> str:
    import pyarrow as pa

    try:
        return as_text(value.as_py())
    except (OverflowError, ValueError):
        return as_text(value.cast(pa.string()).as_py())


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
            f"{file.name} is no whole {kind} file: {reason}", hint="copy or write it again"
        ) from fault
