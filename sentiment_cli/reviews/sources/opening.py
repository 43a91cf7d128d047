"""From what a person names to a source: a built-in name, file, glob, folder, the hub, stdin."""

from __future__ import annotations

import difflib
import glob
import json
import re
import shlex
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.arrow import arrow_source, parquet_source
from sentiment_cli.reviews.sources.builtin import BUILTIN
from sentiment_cli.reviews.sources.delimited import delimited_source
from sentiment_cli.reviews.sources.excel import excel_source
from sentiment_cli.reviews.sources.files import PACKED, File, is_hidden, open_text, refused
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
from sentiment_cli.reviews.sources.stdin import spooled
from sentiment_cli.reviews.sources.texts import class_folders, text_source

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
    ".txt": text_source,
}
_ENDINGS = f"{' '.join(KINDS)}, also with {' '.join(PACKED)}"
_ALLOWED = (
    f"a source is {', '.join(BUILTIN)}, a file ({_ENDINGS}), a glob, a folder, "
    "hub:OWNER/NAME[:config][:split], or - for standard input"
)
_EXCEL = 'pandas.read_excel({name}, engine="calamine")'
_SQL = """\
base = sqlite3.connect({name}); \
[name] = base.execute("select name from sqlite_master where type=?", ["table"]).fetchone(); \
table = pandas.read_sql(f"select * from [{{name}}]", base)"""
_PANDAS = {
    ".pkl": "pandas.read_pickle({name})",
    ".pickle": "pandas.read_pickle({name})",
    ".xls": _EXCEL,
    ".xlsb": _EXCEL,
    ".xlsm": _EXCEL,
    ".ods": _EXCEL,
    ".dta": "pandas.read_stata({name})",
    ".sas7bdat": "pandas.read_sas({name})",
    ".orc": "pandas.read_orc({name})",
    ".xml": 'pandas.read_xml({name}, parser="etree")',
}
_TOOLS = {
    ".docx": "libreoffice --headless --convert-to txt:Text {name}",
    ".doc": "libreoffice --headless --convert-to txt:Text {name}",
    ".odt": "libreoffice --headless --convert-to txt:Text {name}",
    ".rtf": "libreoffice --headless --convert-to txt:Text {name}",
    ".pdf": "pdftotext {name}",
    ".tar": "tar -xf {name}",
    ".tgz": "tar -xf {name}",
    ".7z": "7z x {name}",
    ".rar": "unrar x {name}",
}


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
        DataError: it is missing, empty, damaged or of no known kind, or columns disagree.
        EnvironmentFault: the system or the network refuses it.
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
        return [spooled(options, _source_by_content)]
    if spec.startswith("hub:"):
        return [hub_source(spec, options)]
    path = _path(spec, base)
    if _is_folder(path, spec):
        if is_saved(path):
            return [saved_source(path, spec, options)]
        if classes := class_folders(path, spec, options):
            return [classes]
        files, others = _files_in(path, spec, options)
        first, *parts = map(file_source, files)
        note = f"in the folder, but not read: {', '.join(others[:10])}"
        return [replace(first, found=(*first.found, *([note] if others else []))), *parts]
    return [file_source(file) for file in source_files(spec, base=base, options=options)]


def source_files(spec: str, *, base: Path, options: ReadOptions = DETECTED) -> list[File]:
    """Return the files of a file name, a glob or a folder.

    Raises:
        DataError: it is missing, holds no files of a known kind, or is a source of another kind.
        EnvironmentFault: the system refuses it.
    """
    path = _path(spec, base)
    if spec in BUILTIN or spec == "-" or spec.startswith("hub:"):
        raise DataError(
            f"{short(spec, 200)} is neither a file nor a glob",
            hint="name files, such as 'in/*.csv'",
        )
    if _is_folder(path, spec):
        return _files_in(path, spec, options)[0]
    return [File(path, spec, options)] if path.exists() else _matching(spec, base, options)


def _path(spec: str, base: Path) -> Path:
    return base / (Path(spec).expanduser() if spec.startswith("~/") else spec)


def _is_folder(path: Path, spec: str) -> bool:
    if not spec:
        raise DataError("the source is an empty text", hint=_ALLOWED)
    try:
        path.exists()  # a name may be too long to ask about
        return path.is_dir()
    except OSError as fault:
        raise refused(short(spec, 200), fault) from fault


def _files_in(path: Path, name: str, options: ReadOptions) -> tuple[list[File], list[str]]:
    """Return the files of reviews in a folder, in the order of their names, and the other names.

    Empty and hidden files are neither. A .txt file next to tables is a remark on them.
    """
    shown = name.rstrip("/")
    try:
        entries = [entry for entry in sorted(path.iterdir()) if not is_hidden(entry.name)]
        folders = [entry for entry in entries if entry.is_dir()]
        deeper = [folder.name for folder in folders if any(folder.iterdir())]
        files = [
            File(entry, f"{shown}/{entry.name}", options)
            for entry in entries
            if entry not in folders and entry.stat().st_size
        ]
    except OSError as fault:
        raise refused(name, fault) from fault
    known = [file for file in files if _kind(file)]
    tables = [file for file in known if _kind(file) is not text_source] or known
    if not tables:
        inner = "train" if "train" in deeper else next(iter(deeper), "")
        raise DataError(
            f"{name} holds no files of reviews, and no sub folders with .txt files",
            hint=f"name the folder that holds them: {shown}/{inner}" if inner else _ALLOWED,
        )
    others = [file.path.name for file in files if file not in tables]
    return tables, others + [f"{folder.name}/" for folder in folders]


def _matching(spec: str, base: Path, options: ReadOptions) -> list[File]:
    """Return the files that a glob finds, in the order of their names."""
    # Path.glob takes no absolute pattern.
    pattern = str(Path(spec).expanduser()) if spec.startswith("~/") else spec
    names = sorted(glob.glob(pattern, root_dir=base, recursive=True))  # noqa: PTH207
    files = [File(base / name, name, options) for name in names if (base / name).is_file()]
    if not files:
        raise _missing(spec, base)
    return files


def _kind(file: File) -> Callable[[File], Source] | None:
    """Return the reader of a file by its ending; parts that Hadoop wrote may have none."""
    ending = file.ending()
    if not ending and file.path.name.startswith("part-"):
        return _source_by_content
    return KINDS.get(ending)


def file_source(file: File) -> Source:
    """Return the source of one file; its ending says of which kind it is.

    Raises:
        DataError: no reader is known for it, or it cannot be read.
        EnvironmentFault: the system refuses it.
    """
    reader = _kind(file)
    if reader is None:
        raise _unreadable(file)
    return reader(file)


def _unreadable(file: File) -> DataError:
    """Return the error for a kind of file that is not read, with the command that converts it."""
    ending = file.ending()
    name = shlex.quote(file.name)
    hint = f"if it is delimited text: cp {name} {name}.csv; known endings are {_ENDINGS}"
    if ending in _TOOLS:
        hint = f"convert or unpack it: {_TOOLS[ending].format(name=name)}"
    elif ending in _PANDAS or ending in (".db", ".sqlite", ".sqlite3"):
        read = f"table = {_PANDAS[ending]}" if ending in _PANDAS else _SQL
        out = json.dumps(str(Path(file.name).with_suffix(".csv")))
        code = f"import pandas, sqlite3; {read.format(name=json.dumps(file.name))}; "
        hint = f"convert it: python -c {shlex.quote(f'{code}table.to_csv({out}, index=False)')}"
        if ending in (".pkl", ".pickle"):
            hint = f"a pickle can run any code; if you trust it, {hint}"
    return DataError(
        f"{file.name}: files that end in {ending or 'nothing'} are not read", hint=hint
    )


def _source_by_content(file: File) -> Source:
    """Return JSON as a source if it begins with an object or a list, else delimited rows."""
    with open_text(file) as text:
        start = ""
        while not (start := start.lstrip()) and (piece := text.read()):
            start += piece
    return (json_source if start.startswith(("{", "[")) else delimited_source)(file)


def _missing(spec: str, base: Path) -> DataError:
    """Return the error for what is neither a name, a file, a folder nor a glob that finds any."""
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


def _joined(name: str, parts: list[Source], options: ReadOptions) -> Source:
    """Return several sources as one, read in the order given.

    Labels are known if all parts know theirs. JSON objects may lack columns of the others.

    Raises:
        DataError: a part lacks a column that another has.
    """
    owner = {column: part for part in reversed(parts) for column in part.columns}
    columns = list(dict.fromkeys(column for part in parts for column in part.columns))
    for part in parts:
        lacking = [column for column in columns if column not in part.columns]
        if lacking and not part.has_gaps:
            raise DataError(
                f"{part.name} has no column {lacking[0]!r}, which {owner[lacking[0]].name} has",
                hint="sources that are read as one need the same columns; if their first rows are "
                "data, add --set data.header=false",
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
        options.on_bad_rows,
        labels if len(known) == len(parts) else None,
        has_gaps=any(part.has_gaps for part in parts),
        found=(
            f"{len(parts)} sources are read as one, from {parts[0].name} to {parts[-1].name}",
            *dict.fromkeys(f"{part.name}: {note}" for part in parts for note in part.found),
        ),
    )
