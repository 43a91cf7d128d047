"""From what a person names to a source: a built-in name, file, glob, folder, the hub, stdin."""

from __future__ import annotations

import difflib
import glob
import re
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.builtin import BUILTIN
from sentiment_cli.reviews.sources.delimited import delimited_source
from sentiment_cli.reviews.sources.files import File, checked_encoding, refused
from sentiment_cli.reviews.sources.folder import folder_source
from sentiment_cli.reviews.sources.hub import hub_source, is_saved, saved_source
from sentiment_cli.reviews.sources.json_files import json_source
from sentiment_cli.reviews.sources.parquet import parquet_source
from sentiment_cli.reviews.sources.source import (
    OnBadRows,
    Row,
    Skipped,
    Source,
    combined,
    short,
)
from sentiment_cli.reviews.sources.stdin import stdin_source

KINDS: dict[str, Callable[[File, OnBadRows], Source]] = {
    ".csv": delimited_source,
    ".tsv": partial(delimited_source, delimiter="\t"),
    ".jsonl": json_source,
    ".json": json_source,
    ".parquet": parquet_source,
}
_ENDINGS = f"{' '.join(KINDS)}, each also with .gz"
_ALLOWED = (
    f"a source is {', '.join(BUILTIN)}, a file ({_ENDINGS}), a glob, a folder, "
    "hub:OWNER/NAME[:config][:split], or - for standard input"
)


def open_source(
    spec: str | Sequence[str],
    *,
    base: Path,
    encoding: str | None = None,
    on_bad_rows: OnBadRows = "error",
) -> Source:
    """The source that a person named; several are read one after the other.

    Args:
        spec: one source or several. A built-in name goes before a file of the same name,
            and a file before a glob.
        base: the folder from which relative paths are read.
        encoding: of text files without a byte order mark; None is UTF-8.
        on_bad_rows: whether a broken row stops the reading or is left out and counted.

    Raises:
        DataError: it is missing, empty, damaged or of no known kind, or columns disagree.
        EnvironmentFault: the system or the network refuses it.
        UsageError: there is no such encoding.
    """
    specs = [spec] if isinstance(spec, str) else list(spec)
    checked_encoding(encoding)
    parts = [part for one in specs for part in _parts(one, base, encoding, on_bad_rows)]
    if not parts:
        raise DataError("no source is named", hint=_ALLOWED)
    return parts[0] if len(parts) == 1 else _joined(", ".join(specs), parts, on_bad_rows)


def _parts(spec: str, base: Path, encoding: str | None, on_bad_rows: OnBadRows) -> list[Source]:
    """The source of one name, or one for each file of a glob."""
    if spec in BUILTIN:
        return [BUILTIN[spec](on_bad_rows)]
    if spec == "-":
        return [stdin_source(encoding, on_bad_rows)]
    if spec.startswith("hub:"):
        return [hub_source(spec, on_bad_rows)]
    path = base / (Path(spec).expanduser() if spec.startswith("~/") else spec)
    try:
        is_folder, exists = path.is_dir(), path.exists()
    except OSError as fault:
        raise refused(short(spec, 200), fault) from fault
    if not spec:
        raise DataError("the source is an empty text", hint=_ALLOWED)
    if is_folder and is_saved(path):
        return [saved_source(path, spec, on_bad_rows)]
    if is_folder:
        return [folder_source(path, spec, encoding, on_bad_rows)]
    if exists:
        return [file_source(File(path, spec, encoding), on_bad_rows)]
    return [file_source(file, on_bad_rows) for file in _matching(spec, base, encoding)]


def _matching(spec: str, base: Path, encoding: str | None) -> list[File]:
    """The files that a glob finds, in the order of their names."""
    # Path.glob takes no absolute pattern.
    pattern = str(Path(spec).expanduser()) if spec.startswith("~/") else spec
    names = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207
    files = [File(base / name, name, encoding) for name in names if (base / name).is_file()]
    if not files:
        raise _missing(spec, base)
    return files


def file_source(file: File, on_bad_rows: OnBadRows) -> Source:
    """The source of one file, whose ending says of which kind it is."""
    ending = Path(file.path.name.lower().removesuffix(".gz")).suffix
    if ending not in KINDS:
        raise DataError(
            f"{file.name}: its ending does not say what kind of file it is",
            hint=f"known endings are {_ENDINGS}",
        )
    return KINDS[ending](file, on_bad_rows)


def source_files(spec: str, *, base: Path, encoding: str | None = None) -> list[File]:
    """The files that a source consists of.

    Raises:
        DataError: it is missing, or is no file and no glob.
    """
    path = base / (Path(spec).expanduser() if spec.startswith("~/") else spec)
    if spec in BUILTIN or spec == "-" or spec.startswith("hub:") or path.is_dir():
        raise DataError(
            f"{short(spec, 200)} is neither a file nor a glob",
            hint="name files, such as 'in/*.csv'",
        )
    return [File(path, spec, encoding)] if path.exists() else _matching(spec, base, encoding)


def _missing(spec: str, base: Path) -> DataError:
    """The error for what is neither a name, a file, a folder nor a glob that finds any."""
    folder = (base / spec).parent
    beside = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    stem, slash, last = spec.rpartition("/")
    near = difflib.get_close_matches(last, beside if slash else [*BUILTIN, *beside], n=1)
    if last in beside:
        hint = "it is a link that leads nowhere"
    elif near:
        hint = f"did you mean {stem}{slash}{near[0]}?"
    elif re.fullmatch(r"[\w.-]+/[\w.-]+", spec):
        hint = f"is it a data set of the Hugging Face hub? Then write hub:{spec}"
    else:
        hint = _ALLOWED
    return DataError(f"the source {short(spec, 200)} does not exist", hint=hint)


def _joined(name: str, parts: list[Source], on_bad_rows: OnBadRows) -> Source:
    """Several sources as one, read in the order given.

    Labels are known where all parts know theirs. JSON objects may lack columns of the others.

    Raises:
        DataError: a part lacks a column that another has.
    """
    owner = {column: part for part in reversed(parts) for column in part.columns}
    columns = list(dict.fromkeys(column for part in parts for column in part.columns))
    for part in parts:
        lacking = [column for column in columns if column not in part.columns]
        if lacking and not part.gaps:
            raise DataError(
                f"{part.name} has no column {lacking[0]!r}, which {owner[lacking[0]].name} has",
                hint="sources that are read as one have the same columns",
            )
    blank = dict.fromkeys(columns, "")

    def read(skipped: Skipped) -> Iterator[Row]:
        for part in parts:
            if blank.keys() <= set(part.columns):
                yield from part.read(skipped)
            else:
                for row in part.read(skipped):
                    yield Row({**blank, **row.values}, row.origin, row.number)

    def digest() -> str:
        return combined([part.digest() for part in parts])

    known = [part.labels for part in parts if part.labels is not None]
    labels = {value: to for each in known for value, to in each.items()}
    return Source(
        name,
        columns,
        read,
        digest,
        on_bad_rows,
        labels if len(known) == len(parts) else None,
        gaps=any(part.gaps for part in parts),
        delimiters=tuple(dict.fromkeys(found for part in parts for found in part.delimiters)),
    )
