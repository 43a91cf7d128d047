"""Plain texts: one per line, as fastText labels them, or one per file in class folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, refused, source_of
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    ReadOptions,
    Row,
    Skipped,
    Source,
    combined,
)
from sentiment_cli.reviews.sources.tables import ONE_COLUMN, Reading, delimited_source, detect
from sentiment_cli.reviews.sources.text import line_fault, open_text, replaced_bytes

_UNLABELLED = "unsup"  # IMDb's reviews without a label
_LABEL = "__label__"
_LABELS = re.compile(r"(?:__label__\S*[\s,]*)+")
_SAMPLE = 1000  # lines
_MIN_ROWS = 3  # below a header without tabs
_NAME = re.compile(r"\w+(?:[ _.-]\w+){0,2}")
_SEVERAL = "lines with several labels, joined by commas"


def lines_source(file: File) -> Source:
    """Return a .txt file as a source.

    Lines with ``__label__`` have the columns ``label`` and ``text``. A table is read as such.
    Other lines are a ``text`` each.

    Raises:
        DataError: The file cannot be read or is empty.
        EnvironmentFault: The system does not open the file.
    """
    with open_text(file) as text:
        sample = list(islice(filter(str.strip, text.lines()), _SAMPLE))
    if not sample:
        raise DataError(f"{file.name} is empty: no columns, no rows")
    is_fasttext = sum(line.startswith(_LABEL) for line in sample) > len(sample) / 2
    if not is_fasttext and (file.options.delimiter or _is_table(found := detect(file))):
        return delimited_source(file, None if file.options.delimiter else found)
    origin = f"{file.name}:"

    def read(skipped: Skipped) -> Iterator[Row]:
        with open_text(file) as text:
            for number, line in enumerate(text.lines(), 1):
                content = line.rstrip("\r\n")
                if fault := line_fault(content):
                    skipped.meet(f"{origin}{number}", fault, content)
                elif is_fasttext and content:
                    found = _LABELS.match(content)
                    labels = found[0].replace(",", " ").split() if found else []
                    if len(labels) > 1:
                        skipped.remark(_SEVERAL, f"{origin}{number}")
                    names = ",".join(label.removeprefix(_LABEL) for label in labels)
                    rest = content[found.end() if found else 0 :]
                    yield Row({"label": names, "text": rest}, origin, number)
                elif content:
                    yield Row({"text": content}, origin, number)

    columns = ["label", "text"] if is_fasttext else ["text"]
    what = "fastText lines: a label and a text each" if is_fasttext else "each line is a text"
    return source_of(file, "lines", columns, read, [what, *replaced_bytes(file)])


def _is_table(found: Reading) -> bool:
    """Return whether lines are a table: all rows agree, and without tabs there is a header."""
    table, dialect = found.table, found.dialect
    if dialect.delimiter == ONE_COLUMN or table.share < 1 or found.faults:
        return False
    has_header = all(map(_NAME.fullmatch, table.header)) and not table.is_doubtful
    return dialect.delimiter == "\t" or (
        has_header and table.rows >= _MIN_ROWS and not dialect.blanks
    )


def class_folders(path: Path, name: str, options: ReadOptions) -> Source | None:
    """Return a folder with one sub folder of .txt files per class, like the IMDb data set.

    Returns:
        A source with the columns ``text`` and ``label``, the name of the sub folder. None if no
        sub folder has a .txt file.

    Raises:
        EnvironmentFault: The system does not list the folder.
    """
    try:
        files = [
            (folder.name, File(text, f"{name.rstrip('/')}/{folder.name}/{text.name}", options))
            for folder in sorted(path.iterdir())
            if folder.is_dir() and folder.name != _UNLABELLED
            for text in sorted(folder.glob("*.txt"))
        ]
    except OSError as fault:
        raise refused(name, fault) from fault
    if not files:
        return None

    def read(skipped: Skipped) -> Iterator[Row]:
        for label, file in files:
            content = ""
            with open_text(file) as text:
                while len(content) <= FIELD_LIMIT and (piece := text.read()):
                    content += piece
            if fault := line_fault(content):
                skipped.meet(file.name, fault, content)
            else:
                yield Row({"text": content, "label": label}, f"{file.name}:", 1)

    def digest() -> str:
        return combined([part for label, file in files for part in (label, file.digest())])

    notes = tuple(note for _, file in files for note in replaced_bytes(file))
    return Source(name, ["text", "label"], read, digest, options.on_bad_rows, found=notes)
