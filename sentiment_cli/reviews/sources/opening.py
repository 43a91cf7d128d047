"""From what a person names to a source: a built-in name, file, glob, folder, the hub, stdin."""

from __future__ import annotations

import difflib
import glob
import json
import os
import re
import shlex
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sentiment_cli import transient
from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources.arrow import arrow_source, parquet_source
from sentiment_cli.reviews.sources.builtin import BUILTIN
from sentiment_cli.reviews.sources.excel import excel_source
from sentiment_cli.reviews.sources.files import PACKED, File, is_hidden, refused
from sentiment_cli.reviews.sources.hub import hub_source, is_saved, saved_source
from sentiment_cli.reviews.sources.json_files import json_source
from sentiment_cli.reviews.sources.source import (
    DETECTED,
    ReadOptions,
    Row,
    Skipped,
    Source,
    combined,
    short,
)
from sentiment_cli.reviews.sources.tables import delimited_source
from sentiment_cli.reviews.sources.text import open_text
from sentiment_cli.reviews.sources.texts import class_folders, lines_source

KINDS: dict[str, Callable[[File], Source]] = {
    ".csv": delimited_source,
    ".tsv": delimited_source,
    ".jsonl": json_source,
    ".ndjson": json_source,
    ".jsonlines": json_source,
    ".json": json_source,
    ".parquet": parquet_source,
    ".arrow": arrow_source,
    ".feather": arrow_source,
    ".xlsx": excel_source,
    ".txt": lines_source,
}
_ENDINGS = f"{' '.join(KINDS)}, also with {' '.join(PACKED)}"
_ALLOWED = (
    f"a source is {', '.join(BUILTIN)}, a file ({_ENDINGS}), a glob, a folder, "
    "hub:OWNER/NAME[:config][:split], or - for standard input"
)
_SQL = """\
base = sqlite3.connect({0}); \
[name] = base.execute("select name from sqlite_master where type=?", ["table"]).fetchone(); \
table = pandas.read_sql(f"select * from [{{name}}]", base)"""
_CONVERTERS = {
    ".pkl .pickle": "table = pandas.read_pickle({0})",
    ".xls .xlsb .xlsm .ods": 'table = pandas.read_excel({0}, engine="calamine")',
    ".db .sqlite .sqlite3": _SQL,
    ".dta": "table = pandas.read_stata({0})",
    ".orc": "table = pandas.read_orc({0})",
    ".xml": 'table = pandas.read_xml({0}, parser="etree")',
    ".doc .docx .odt .rtf": "libreoffice --headless --convert-to txt:Text {1}",
    ".tar .tgz": "tar -xf {1}",
    ".pdf": "pdftotext {1}",
}
_JSON = re.compile(r'\{\s*"|\[\s*\{')
_JSON_START = 1000  # characters


def open_source(
    spec: str | Sequence[str], *, base: Path, options: ReadOptions = DETECTED
) -> Source:
    """Return the source that a person named; several are read one after the other.

    Args:
        spec: One source or several. A built-in name comes before a file of the same name, and a
            file before a glob.
        base: Folder that relative paths start from.
        options: How files are read.

    Raises:
        DataError: The source is missing, empty, damaged or of no known kind, or columns disagree.
        EnvironmentFault: The system or the network does not give it.
    """
    specs = [spec] if isinstance(spec, str) else list(spec)
    parts = [part for one in specs for part in _parts(one, base, options)]
    if not parts:
        raise DataError("no source is named", hint=_ALLOWED)
    return parts[0] if len(parts) == 1 else _joined(", ".join(specs), parts, options)


def _parts(spec: str, base: Path, options: ReadOptions) -> list[Source]:
    """Return the source of one name, or those of the files that a glob or a folder holds."""
    if spec in BUILTIN:
        return [BUILTIN[spec](options)]
    if spec == "-":
        return [_stdin_source(options)]
    if spec.startswith("hub:"):
        return [hub_source(spec, options)]
    path = _path(spec, base)
    if path.is_dir():
        if is_saved(path):
            return [saved_source(path, spec, options)]
        if classes := class_folders(path, spec, options):
            return [classes]
    files, notes = _files(spec, base, options)
    first, *others = map(file_source, files)
    return [replace(first, found=(*first.found, *notes)), *others]


def source_files(spec: str, *, base: Path, options: ReadOptions = DETECTED) -> list[File]:
    """Return the files of a file name, a glob or a folder.

    Raises:
        DataError: There is no such file, or the source is of another kind.
        EnvironmentFault: The system does not open it.
    """
    if spec in BUILTIN or spec == "-" or spec.startswith("hub:"):
        raise DataError(
            f"{short(spec, 200)} is neither a file nor a glob",
            hint="name files, such as 'in/*.csv'",
        )
    return _files(spec, base, options)[0]


def _path(spec: str, base: Path) -> Path:
    """Return the path of a source.

    Raises:
        DataError: The source is an empty text.
        EnvironmentFault: The system does not look for it, because its name is too long.
    """
    if not spec:
        raise DataError("the source is an empty text", hint=_ALLOWED)
    path = base / (Path(spec).expanduser() if spec.startswith("~/") else spec)
    try:
        path.exists()
    except OSError as fault:
        raise refused(short(spec, 200), fault) from fault
    return path


def _files(spec: str, base: Path, options: ReadOptions) -> tuple[list[File], list[str]]:
    """Return the files of a file name, a glob or a folder, by name, and a note on other files."""
    path = _path(spec, base)
    if path.is_dir():
        return _files_in(path, spec.rstrip("/"), options)
    if path.exists():
        return [File(path, spec, options)], []
    # Path.glob does not take an absolute pattern.
    pattern = str(Path(spec).expanduser()) if spec.startswith("~/") else spec
    names = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207
    files = [File(base / name, name, options) for name in names if (base / name).is_file()]
    if not files:
        raise _missing(spec, base)
    return files, []


def _files_in(path: Path, name: str, options: ReadOptions) -> tuple[list[File], list[str]]:
    """Return the files of reviews in a folder, and a note on the others.

    Empty and hidden files are neither. A .txt file next to tables is one of the others.
    """
    try:
        entries = [entry for entry in sorted(path.iterdir()) if not is_hidden(entry.name)]
        folders = [entry.name for entry in entries if entry.is_dir() and any(entry.iterdir())]
        files = [
            File(entry, f"{name}/{entry.name}", options)
            for entry in entries
            if not entry.is_dir() and entry.stat().st_size
        ]
    except OSError as fault:
        raise refused(name, fault) from fault
    known = [file for file in files if _reader(file)]
    tables = [file for file in known if _reader(file) is not lines_source] or known
    if not tables:
        inner = "train" if "train" in folders else next(iter(folders), "")
        raise DataError(
            f"{name} holds no files of reviews, and no sub folders with .txt files",
            hint=f"name the folder that holds them: {name}/{inner}" if inner else _ALLOWED,
        )
    others = [file.path.name for file in files if file not in tables]
    others += [f"{folder}/" for folder in folders]
    return tables, [f"in the folder, but not read: {', '.join(others[:10])}"] if others else []


def _reader(file: File) -> Callable[[File], Source] | None:
    """Return the reader of a file by its ending; parts that Hadoop wrote may have none."""
    ending = file.ending()
    if not ending and file.path.name.startswith("part-"):
        return delimited_source
    return KINDS.get(ending)


def file_source(file: File) -> Source:
    """Return the source of one file. Its ending says of which kind it is.

    Raises:
        DataError: There is no reader for the file, or it cannot be read.
        EnvironmentFault: The system does not open the file.
    """
    reader = _reader(file)
    if reader is None:
        raise _unreadable(file)
    return _source(file, reader)


def _source(file: File, reader: Callable[[File], Source]) -> Source:
    """Return the source of a file: JSON if it looks like JSON, although its name says text."""
    is_text = reader in (delimited_source, lines_source)
    return json_source(file) if is_text and _has_json(file) else reader(file)


def _has_json(file: File) -> bool:
    """Return whether a text begins with a JSON object or a list of them."""
    with open_text(file) as text:
        start = ""
        while len(start := start.lstrip()) < _JSON_START and (piece := text.read()):
            start += piece
    return _JSON.match(start) is not None


def _unreadable(file: File) -> DataError:
    """Return the error for a kind of file that is not read, with the command that converts it."""
    ending = file.ending()
    name = shlex.quote(file.name)
    hint = f"if it is delimited text: cp {name} {name}.csv; known endings are {_ENDINGS}"
    for endings, converter in _CONVERTERS.items():
        if ending in endings.split():
            command = converter.format(json.dumps(file.name), name)
            if "pandas" in command:
                out = json.dumps(str(Path(file.name).with_suffix(".csv")))
                code = f"import pandas, sqlite3; {command}; table.to_csv({out}, index=False)"
                command = f"python -c {shlex.quote(code)}"
            hint = f"convert it: {command}"
            if "pickle" in converter:
                hint = f"a pickle can run any code; if you trust it, {hint}"
    return DataError(
        f"{file.name}: files that end in {ending or 'nothing'} are not read", hint=hint
    )


def _missing(spec: str, base: Path) -> DataError:
    """Return the error for what is neither a name, a file, a folder nor a glob that finds any."""
    folder = (base / spec).parent
    beside = [entry.name for entry in folder.iterdir()] if folder.is_dir() else []
    stem, slash, last = spec.rpartition("/")
    near = difflib.get_close_matches(last, beside if slash else [*BUILTIN, *beside], n=1)
    if last in beside:
        hint = "it is a link to a file that does not exist"
    elif near:
        hint = f"did you mean {stem}{slash}{near[0]}?"
    elif re.fullmatch(r"[\w.-]+/[\w.-]+", spec):
        hint = f"is it a data set of the Hugging Face hub? Then write hub:{spec}"
    else:
        hint = _ALLOWED
    return DataError(f"the source {short(spec, 200)} does not exist", hint=hint)


def _joined(name: str, parts: list[Source], options: ReadOptions) -> Source:
    """Return several sources as one, read in the order given.

    Labels are known if all parts know theirs. JSON objects may lack columns of the others.

    Raises:
        DataError: A part lacks a column that another has.
    """
    owner = {column: part.name for part in reversed(parts) for column in part.columns}
    blank = {column: "" for part in parts for column in part.columns}
    for part in parts:
        lacking = [column for column in blank if column not in part.columns]
        if lacking and not part.has_gaps:
            raise DataError(
                f"{part.name} has no column {lacking[0]!r}, which {owner[lacking[0]]} has",
                hint="sources that are read as one need the same columns; if their first rows are "
                "data, add --set data.header=false",
            )

    def read(skipped: Skipped) -> Iterator[Row]:
        for part in parts:
            if len(part.columns) == len(blank):
                yield from part.read(skipped)
            else:
                for row in part.read(skipped):
                    yield row._replace(values={**blank, **row.values})

    known = [part.labels for part in parts if part.labels is not None]
    labels = {value: to for each in known for value, to in each.items()}
    first = f"{len(parts)} sources are read as one, from {parts[0].name} to {parts[-1].name}"
    return Source(
        name,
        list(blank),
        read,
        lambda: combined([part.digest() for part in parts]),
        options.on_bad_rows,
        labels if len(known) == len(parts) else None,
        has_gaps=any(part.has_gaps for part in parts),
        found=(first, *(f"{part.name}: {note}" for part in parts for note in part.found)),
    )


def _stdin_source(options: ReadOptions) -> Source:
    """Return standard input, to its end, as a source.

    It is kept in a temporary file, which is deleted when the source is.

    Raises:
        DataError: Nothing comes, or it cannot be read.
        EnvironmentFault: There is no room for the temporary file.
    """
    if sys.stdin is None or sys.stdin.closed:
        raise DataError("-: there is no standard input", hint="name a file of reviews")
    handle, name = tempfile.mkstemp(prefix="sentiment-stdin-")
    path = transient.add(Path(name))
    try:
        with os.fdopen(handle, "wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
        source = replace(_source(File(path, "stdin", options), delimited_source), name="-")
    except OSError as fault:
        transient.remove(path)
        raise EnvironmentFault(
            f"-: cannot keep standard input in {name}: {fault.strerror or fault}",
            hint="TMPDIR names a folder with more room",
        ) from fault
    except BaseException:
        transient.remove(path)
        raise
    weakref.finalize(source, transient.remove, path)
    return source
