"""Excel workbooks: the rows of the first sheet that has any."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import islice
from typing import Any, BinaryIO

from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources.files import File, open_bytes, require_likely, source_of
from sentiment_cli.reviews.sources.source import Row, Skipped, Source
from sentiment_cli.reviews.sources.tables import SAMPLE, Broken, Cells, RaggedError, understood


def excel_source(file: File) -> Source:
    """Return an .xlsx file as a source. A sheet is in memory while it is read.

    Raises:
        DataError: The file is not a whole workbook, or all its sheets are empty.
        EnvironmentFault: python-calamine is not installed, or the system does not open the file.
    """
    with _open_sheets(file) as sheets:
        sample = list(islice(_cells(sheets[0]), SAMPLE)) if sheets else []
        names = [repr(sheet.name) for sheet in sheets]
    table = understood(sample, has_header=file.options.header)
    origin = f"{file.name} row "

    def read(skipped: Skipped) -> Iterator[Row]:
        def rows() -> Iterator[tuple[int, list[str] | Broken]]:
            for number, cells in _cells(sheets[0]):
                try:
                    above = number <= table.number
                    yield number, [] if above else table.fit(cells, f"{origin}{number}", skipped)
                except RaggedError as fault:
                    yield number, Broken(str(fault), " ".join(cells))

        with _open_sheets(file) as sheets:
            yield from table.read(rows(), origin, skipped)

    notes = list(table.notes)
    if len(names) > 1:
        notes.insert(0, f"read the sheet {names[0]}; not read: {', '.join(names[1:])}")
    return source_of(file, "excel", table.columns, read, notes)


@contextmanager
def _open_sheets(file: File) -> Iterator[list[Any]]:
    """Yield the sheets that have rows."""
    try:
        import python_calamine as calamine
    except ImportError as fault:
        raise EnvironmentFault(
            f"{file.name}: the package python-calamine is not installed",
            hint="pip install 'sentiment-cli[excel]', or save the sheet as CSV",
        ) from fault
    with open_bytes(file, packed=True) as stream:
        try:
            _require_whole(file, stream)
            with calamine.load_workbook(stream) as book:
                known = [
                    book.get_sheet_by_name(sheet.name)
                    for sheet in book.sheets_metadata
                    if sheet.typ == calamine.SheetTypeEnum.WorkSheet
                ]
                yield [sheet for sheet in known if sheet.start is not None]
        except (calamine.CalamineError, zipfile.BadZipFile, zlib.error, EOFError) as fault:
            raise DataError(
                f"{file.name} is not a whole Excel workbook: {fault}",
                hint="copy or save it again",
            ) from fault


def _require_whole(file: File, stream: BinaryIO) -> None:
    """Refuse a damaged workbook, and one that would unpack to more than the memory holds."""
    try:
        with zipfile.ZipFile(stream) as archive:
            require_likely(file, sum(member.file_size for member in archive.infolist()))
            broken = archive.testzip()  # it also compares the sizes with the content
    except (RuntimeError, ValueError) as fault:  # such as a password
        broken = str(fault)
    if broken:
        raise zipfile.BadZipFile(broken)
    stream.seek(0)


def _cells(sheet: Any) -> Iterator[Cells]:
    """Yield the rows that are not blank, counted as Excel does."""
    for number, cells in enumerate(sheet.iter_rows(), sheet.start[0] + 1):
        texts = [_text(cell) for cell in cells]
        if any(texts):
            yield number, texts


def _text(cell: Any) -> str:
    if isinstance(cell, bool):
        return str(cell).lower()
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell)
