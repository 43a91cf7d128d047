"""Scored reviews as files: csv, tsv, JSON lines and Parquet, written piece by piece."""

from __future__ import annotations

import csv
import gzip
import io
import json
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from functools import partial
from pathlib import Path
from typing import BinaryIO, NamedTuple, TextIO, cast

from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.reviews.sources.source import short

Cells = Mapping[str, str | float]

_FORMULA = re.compile(r"[=+\-@＝＋－＠\t\r\n]")
_NUMBER = re.compile(r"[+-](?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")


class Scored(NamedTuple):
    """A review and its answer.

    Args:
        cells: by column, those of the source first.
        place: where the review stands in its source, for messages.
    """

    cells: Cells
    place: str


Write = Callable[[Sequence[Scored]], None]


def require_table(path: Path) -> None:
    """Refuse a path whose ending names no kind of table.

    Raises:
        UsageError: it does not.
    """
    _opener(path)


@contextmanager
def open_table(
    file: BinaryIO, path: Path, types: Mapping[str, type], *, formula_guard: bool
) -> Iterator[Write]:
    """Yield the function that writes rows; the table is complete once the body has ended.

    Args:
        file: where the bytes go; it may be closed at the end.
        path: whose ending says which kind of table is written.
        types: of each column's cells, `str` or `float`, in order.
        formula_guard: whether csv and tsv get a quote mark before a text that a spreadsheet would
            run as a formula.

    Raises:
        UsageError: the ending names no kind of table.
        DataError: a row has a cell under none of the columns, which JSON lines alone can hold.
    """
    opener = _opener(path)
    with ExitStack() as stack:
        if path.name.lower().endswith(".gz"):
            packed = gzip.GzipFile("", "wb", 6, file, mtime=0)  # equal tables are equal files
            file = cast("BinaryIO", stack.enter_context(packed))
        yield stack.enter_context(opener(file, types, formula_guard))


def guarded(text: str) -> str:
    """Return a text as a spreadsheet takes it for one: with `'` before what it would run.

    Signed numbers stay as they are.
    """
    if _FORMULA.match(text) and not _NUMBER.fullmatch(text):
        return f"'{text}"
    return text


class _LineFeeds:
    """Ends rows with a line feed alone.

    The csv module would do so too, but then leave a carriage return within a field unquoted.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text

    def write(self, row: str) -> int:
        return self._text.write(row.removesuffix("\r\n") + "\n")


@contextmanager
def _delimited(
    file: BinaryIO, types: Mapping[str, type], formula_guard: bool, *, delimiter: str
) -> Iterator[Write]:
    def row(cells: Sequence[str | float]) -> Sequence[str | float]:
        if not formula_guard:
            return cells
        return [guarded(cell) if isinstance(cell, str) else cell for cell in cells]

    with io.TextIOWrapper(file, "utf-8", newline="") as text:
        table = csv.writer(_LineFeeds(text), delimiter=delimiter)
        table.writerow(row(list(types)))
        yield lambda scored: table.writerows(row(cells) for cells in _in_order(scored, types))


@contextmanager
def _json_lines(file: BinaryIO, _types: Mapping[str, type], _guard: bool) -> Iterator[Write]:
    with io.TextIOWrapper(file, "utf-8", newline="") as text:
        encode = json.JSONEncoder(ensure_ascii=False, allow_nan=False).encode
        yield lambda scored: text.writelines(f"{encode(one.cells)}\n" for one in scored)


@contextmanager
def _parquet(file: BinaryIO, types: Mapping[str, type], _guard: bool) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    kinds = {str: pa.string(), float: pa.float64()}
    schema = pa.schema([(name, kinds[kind]) for name, kind in types.items()])

    def write(scored: Sequence[Scored]) -> None:
        columns = zip(*_in_order(scored, types), strict=True)
        arrays = [pa.array(cells, kind) for cells, kind in zip(columns, schema.types, strict=True)]
        table.write_batch(pa.record_batch(arrays, schema=schema))

    with pq.ParquetWriter(file, schema) as table:
        yield write


def _in_order(scored: Sequence[Scored], columns: Mapping[str, type]) -> Iterator[list[str | float]]:
    """Yield the cells of each row in the order of the columns."""
    for cells, place in scored:
        if len(cells) > len(columns):
            stray = next(name for name in cells if name not in columns)
            raise DataError(
                f"{place}: the key {short(stray)} stands in none of the rows that the columns "
                "were taken from",
                hint="name an --out that ends in .jsonl, in which rows may differ in their keys",
            )
        yield [cells[column] for column in columns]


_OPENERS: dict[
    str, Callable[[BinaryIO, Mapping[str, type], bool], AbstractContextManager[Write]]
] = {
    ".csv": partial(_delimited, delimiter=","),
    ".tsv": partial(_delimited, delimiter="\t"),
    ".jsonl": _json_lines,
    ".parquet": _parquet,
}


def _opener(
    path: Path,
) -> Callable[[BinaryIO, Mapping[str, type], bool], AbstractContextManager[Write]]:
    name = path.name.lower()
    ending = Path(name.removesuffix(".gz")).suffix
    if ending not in _OPENERS or name.endswith(".parquet.gz"):  # Parquet packs its columns itself
        named = shlex.quote(str(path.with_suffix(".csv")))
        raise UsageError(
            f"--out {path}: its ending does not say what kind of table to write",
            hint=f"--out {named}; also .tsv or .jsonl, each with or without .gz, or .parquet",
        )
    return _OPENERS[ending]
