"""A folder with one sub folder of .txt files a class, as IMDb ships: ``pos`` and ``neg``."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, open_text, refused
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    OnBadRows,
    Row,
    Skipped,
    Source,
    combined,
)

_UNLABELLED = "unsup"  # IMDb's reviews without a label


def folder_source(path: Path, name: str, encoding: str | None, on_bad_rows: OnBadRows) -> Source:
    """The texts of a folder: the columns ``text`` and ``label``, which is the sub folder's name.

    Raises:
        DataError: no sub folder holds a .txt file.
        EnvironmentFault: the system does not list the folder.
    """
    try:
        files = [
            (folder.name, File(text, f"{name.rstrip('/')}/{folder.name}/{text.name}", encoding))
            for folder in _folders(path)
            if folder.name != _UNLABELLED
            for text in _texts(folder)
        ]
    except OSError as fault:
        raise refused(name, fault) from fault
    if not files:
        raise _no_texts(path, name)

    def read(skipped: Skipped) -> Iterator[Row]:
        for label, file in files:
            with open_text(file) as stream:
                text = stream.read(FIELD_LIMIT + 1)
            if len(text) > FIELD_LIMIT:
                skipped.meet(file.name, f"more than {FIELD_LIMIT:,} characters", text)
            elif "\0" in text:
                skipped.meet(file.name, "a NUL byte", text)
            else:
                yield Row({"text": text, "label": label}, f"{file.name}:", 1)

    def digest() -> str:
        return combined([part for label, file in files for part in (label, file.digest())])

    return Source(name, ["text", "label"], read, digest, on_bad_rows)


def _folders(path: Path) -> list[Path]:
    return sorted(entry for entry in path.iterdir() if entry.is_dir())


def _texts(folder: Path) -> list[Path]:
    return sorted(entry for entry in folder.iterdir() if entry.suffix == ".txt")


def _no_texts(path: Path, name: str) -> DataError:
    """The error for a folder without texts, with the place where they may be meant to lie."""
    deeper = [folder.name for folder in _folders(path) if any(map(_texts, _folders(folder)))]
    tables = sorted(path.glob("*.csv*"))
    if deeper:
        holder = "train" if "train" in deeper else deeper[0]
        hint = f"name the folder that holds the classes: {name.rstrip('/')}/{holder}"
    elif tables:
        hint = f"name the files themselves: {name.rstrip('/')}/*.csv"
    else:
        hint = "a folder of reviews holds one sub folder of .txt files a class, as pos/ and neg/"
    return DataError(f"{name} has no sub folders with .txt files", hint=hint)
