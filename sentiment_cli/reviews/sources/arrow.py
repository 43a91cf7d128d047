"""From Arrow's columns, which Parquet and ``datasets`` share, to rows of texts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.source import FIELD_LIMIT, Row, Skipped
from sentiment_cli.reviews.sources.values import as_text


def arrow_rows(
    batches: Iterable[Any], name: str, skipped: Skipped, *, before: int = 0
) -> Iterator[Row]:
    """The rows of ``pyarrow.RecordBatch``es, counted over all of them and those ``before``.

    Raises:
        DataError: a column holds what is no text, such as bytes that are no UTF-8.
    """
    import pyarrow as pa

    origin = f"{name} row "
    number = before
    for batch in batches:
        names = batch.schema.names
        columns, long = _bounded(batch.columns)
        texts = []
        for title, column in zip(names, columns, strict=True):
            try:
                texts.append(_texts(column))
            except UnicodeDecodeError as fault:
                raise DataError(
                    f"{name}: column '{title}' holds bytes that are no UTF-8 text in rows "
                    f"{number + 1:,} to {number + batch.num_rows:,}",
                    hint="write the column as text, or leave it out",
                ) from fault
            except (pa.ArrowException, OverflowError, ValueError) as fault:
                raise DataError(
                    f"{name}: column '{title}' holds a {column.type} that is no text: {fault}",
                    hint="write the column as text, or leave it out",
                ) from fault
        for index, values in enumerate(zip(*texts, strict=True)):
            number += 1
            if index in long:
                what = f"a field of more than {FIELD_LIMIT:,} bytes"
                skipped.meet(f"{origin}{number}", what, " ".join(values))
            else:
                yield Row(dict(zip(names, values, strict=True)), origin, number)


def _bounded(columns: list[Any]) -> tuple[list[Any], set[int]]:
    """The columns with every field beyond FIELD_LIMIT made null, and the rows of those fields.

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
