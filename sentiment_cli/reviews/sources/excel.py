"""Excel workbooks: the rows of the first sheet that has any."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources.files import File, open_bytes, require_likely
from sentiment_cli.reviews.sources.source import Row, Skipped, Source, checked_columns, combined
from sentiment_cli.reviews.sources.table import SAMPLE, Cells, Ragged, require_table, understood


def excel_source(file: File) -> Source:
    """Return an .xlsx file as a source. A sheet is in memory as long as it is read.

    Raises:
        DataError: it is no whole workbook, or all its sheets are empty.
        EnvironmentFault: python-calamine is not installed, or the system refuses the file.
    """
    with _open_sheet(file) as (sheet, sheets):
        table = require_table(
            understood(list(islice(_cells(sheet), SAMPLE)), has_header=file.options.header),
            file.name,
        )
        others = f"read the sheet {sheet.name!r}; the others are not read: " + ", ".join(
            repr(name) for name in sheets if name != sheet.name
        )
    origin = f"{file.name} row "

    def read(skipped: Skipped) -> Iterator[Row]:
        def fitting() -> Iterator[Cells]:
            for number, cells in _cells(sheet):
                try:
                    if number > table.number:
                        yield number, table.fit(cells, number, origin, skipped)
                except Ragged as fault:
                    skipped.meet(f"{origin}{number}", str(fault), " ".join(cells))

        with _open_sheet(file) as (sheet, _):
            yield from table.named(fitting(), origin, skipped)

    def digest() -> str:
        return combined(["xlsx", file.digest()])

    notes = (*([others] if len(sheets) > 1 else []), *table.notes)
    columns = checked_columns(file.name, table.columns, *table.notes)
    return Source(file.name, columns, read, digest, file.options.on_bad_rows, found=notes)


@contextmanager
def _open_sheet(file: File) -> Iterator[tuple[Any, list[str]]]:
    """Yield the first sheet with rows, and the names of all sheets with rows."""
    try:
        import python_calamine as calamine
    except ImportError as fault:
        raise EnvironmentFault(
            f"{file.name}: the package python-calamine is not installed",
            hint="pip install 'sentiment-cli[excel]', or save the sheet as CSV",
        ) from fault
    with open_bytes(file, packed=True) as stream:
        _require_whole(file, stream)
        try:
            with calamine.load_workbook(stream) as book:
                names = [
                    one.name
                    for one in book.sheets_metadata
                    if one.typ == calamine.SheetTypeEnum.WorkSheet
                ]
                sheets = [book.get_sheet_by_name(name) for name in names]
                found = [sheet for sheet in sheets if sheet.start is not None]
                if not found:
                    raise DataError(f"{file.name} is empty: no sheet has rows")
                yield found[0], [sheet.name for sheet in found]
        except calamine.CalamineError as fault:
            raise DataError(
                f"{file.name} is no whole Excel workbook: {fault}", hint="copy or save it again"
            ) from fault


def _require_whole(file: File, stream: BinaryIO) -> None:
    """Refuse a damaged workbook, and one that would unpack to more than the memory holds."""
    try:
        with zipfile.ZipFile(stream) as archive:
            unpacked = sum(member.file_size for member in archive.infolist())
            require_likely(file.name, file.path.stat().st_size, unpacked=unpacked)
            broken = archive.testzip()  # which also holds the sizes against the content
    except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, ValueError) as fault:
        broken = str(fault)
    if broken:
        raise DataError(
            f"{file.name} is no whole Excel workbook: {broken}", hint="copy or save it again"
        )
    stream.seek(0)


def _cells(sheet: Any) -> Iterator[Cells]:
    """Yield the rows that are not blank, counted as Excel does."""
    if sheet.start is not None:
        for number, cells in enumerate(sheet.iter_rows(), sheet.start[0] + 1):
            texts = [_text(cell) for cell in cells]
            if any(texts):
                yield number, texts


def _text(cell: Any) -> str:
    if isinstance(cell, str):
        return cell
    if isinstance(cell, bool):
        return "true" if cell else "false"
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
