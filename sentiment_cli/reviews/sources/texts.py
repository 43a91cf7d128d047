"""Plain texts: one per line, as fastText labels them, or one per file in class folders."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.delimited import delimited_source
from sentiment_cli.reviews.sources.files import File, open_text, refused, replaced_bytes
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    ReadOptions,
    Row,
    Skipped,
    Source,
    combined,
)

_UNLABELLED = "unsup"  # IMDb's reviews without a label
_LABEL = "__label__"
_LABELS = re.compile(r"(?:__label__\S*[\s,]*)+")
_SAMPLE = 1000  # lines
_SEVERAL = "lines with several labels, joined by commas"


def text_source(file: File) -> Source:
    """Return a .txt file as a source.

    Lines with ``__label__`` have the columns ``label`` and ``text``. Lines with the same number of
    tabs are a table. Other lines are a ``text`` each.

    Raises:
        DataError: the file cannot be read or is empty.
        EnvironmentFault: the system refuses it.
    """
    with open_text(file) as text:
        sample = list(islice(filter(str.strip, text.lines()), _SAMPLE))
    if not sample:
        raise DataError(f"{file.name} is empty: no columns, no rows")
    is_fasttext = sum(line.startswith(_LABEL) for line in sample) > len(sample) / 2
    tabs = {line.count("\t") for line in sample}
    if not is_fasttext and len(tabs) == 1 and tabs != {0}:
        return delimited_source(file)
    origin = f"{file.name}:"

    def read(skipped: Skipped) -> Iterator[Row]:
        with open_text(file) as text:
            for number, line in enumerate(text.lines(), 1):
                content = line.rstrip("\r\n")
                if fault := _fault(content):
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

    def digest() -> str:
        return combined(["lines", str(is_fasttext), file.digest()])

    columns = ["label", "text"] if is_fasttext else ["text"]
    what = "fastText lines: a label and a text each" if is_fasttext else "each line is a text"
    notes = (what, *replaced_bytes(file))
    return Source(file.name, columns, read, digest, file.options.on_bad_rows, found=notes)


def _fault(text: str) -> str:
    if len(text) > FIELD_LIMIT:
        return f"more than {FIELD_LIMIT:,} characters"
    return "a NUL byte" if "\0" in text else ""


def class_folders(path: Path, name: str, options: ReadOptions) -> Source | None:
    """Return a folder with one sub folder of .txt files per class, as IMDb ships.

    Returns:
        A source with the columns ``text`` and ``label``, the name of the sub folder. None if no
        sub folder holds a .txt file.

    Raises:
        EnvironmentFault: the system does not list the folder.
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
            text = ""
            with open_text(file) as stream:
                while len(text) <= FIELD_LIMIT and (piece := stream.read()):
                    text += piece
            if fault := _fault(text):
                skipped.meet(file.name, fault, text)
            else:
                yield Row({"text": text, "label": label}, f"{file.name}:", 1)

    def digest() -> str:
        return combined([part for label, file in files for part in (label, file.digest())])

    notes = tuple(note for _, file in files for note in replaced_bytes(file))
    return Source(name, ["text", "label"], read, digest, options.on_bad_rows, found=notes)
