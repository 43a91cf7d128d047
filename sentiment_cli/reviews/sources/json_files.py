"""JSON: an object per line, objects one after the other, a list, or one object that is a table."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, Text, open_text, replaced_bytes
from sentiment_cli.reviews.sources.json_table import table_rows
from sentiment_cli.reviews.sources.json_window import Window
from sentiment_cli.reviews.sources.source import (
    COLUMN_LIMIT,
    FIELD_LIMIT,
    Row,
    Skipped,
    Source,
    checked_columns,
    combined,
    short,
)
from sentiment_cli.reviews.sources.values import Number, as_json, as_text

_ROWS_FOR_COLUMNS = 10_000
_TABLE_LIMIT = 100_000_000  # characters of an object that is a table, which has to be in memory
_TOO_DEEP = "nested too deeply"


@dataclass(frozen=True, slots=True)
class _Broken:
    """What is wrong with a row, and the row's text."""

    what: str
    look: str


class _Repeated(dict[str, Any]):
    """An object that has ``key`` twice."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) == len(pairs):
        return content
    repeated = _Repeated(content)
    repeated.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return repeated


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number
)


def json_source(file: File) -> Source:
    """Return a file of JSON objects, each a row, as a source.

    The columns are the keys of the first ten thousand objects, in order of appearance. A key that
    an object lacks is an empty text, as null is. The columns of an object within an object have
    names like ``review.text``.

    Raises:
        DataError: the file cannot be read, or holds no object.
        EnvironmentFault: the system refuses it.
    """
    kind = _kind(file)
    origin = f"{file.name} row " if kind == "table" else f"{file.name}:"
    found: list[str] = []

    def read(skipped: Skipped) -> Iterator[Row]:
        for number, content in _objects(file, kind, origin, skipped, []):
            values = content if blank.keys() <= content.keys() else blank | content
            if len(values) > len(blank):
                for key in values.keys() - blank.keys():
                    what = f"values under {short(key)}, which is no column"
                    skipped.remark(
                        f"{what} because the first {_ROWS_FOR_COLUMNS:,} rows lack it",
                        f"{origin}{number}",
                    )
            yield Row(values, origin, number)

    def digest() -> str:
        return combined(["json", file.digest()])

    broken = Skipped(file.options.on_bad_rows)
    blank: dict[str, str] = {}
    for _, content in islice(_objects(file, kind, origin, broken, found), _ROWS_FOR_COLUMNS):
        blank.update(dict.fromkeys(content, ""))
        if len(blank) > COLUMN_LIMIT:
            break
    if broken.count and not blank:
        raise DataError(
            f"{file.name} holds no JSON object: all {broken.count:,} rows are broken",
            hint="--set data.on_bad_rows=error shows the first of them",
        )
    return Source(
        file.name,
        checked_columns(file.name, list(blank)),
        read,
        digest,
        file.options.on_bad_rows,
        has_gaps=True,
        found=(*found, *replaced_bytes(file)),
    )


def _kind(file: File) -> str:
    """Return how the objects of a file are written: `lines`, `values` or `table`."""
    with open_text(file) as text:
        first, *second = [*islice(filter(str.strip, text.lines()), 2)] or [""]
    if first.lstrip().startswith("["):
        return "values"
    if len(first) <= FIELD_LIMIT:
        try:
            value = _DECODER.decode(first)
            return "lines" if second or _is_row(value, file.name) else "table"
        except json.JSONDecodeError as fault:
            if fault.msg == "Extra data" and first[fault.pos] == "{":
                return "values"
            if fault.pos < len(first.rstrip()):
                return "lines"
        except RecursionError:
            return "lines"
    if not first:
        return "lines"
    with open_text(file) as text:
        window = Window(text, file.name, _DECODER, _TABLE_LIMIT)
        window.mark()
        value = window.value()
        return "values" if window.mark() or _is_row(value, file.name) else "table"


def _is_row(value: Any, name: str) -> bool:
    """Return whether a value is a row and not a table of rows."""
    return not isinstance(value, dict) or next(table_rows(value, name, []), None) is value


def _objects(
    file: File, kind: str, origin: str, skipped: Skipped, notes: list[str]
) -> Iterator[tuple[int, dict[str, str]]]:
    """Yield the number of each sound object and its values as texts."""
    with open_text(file) as text:
        for number, value in _values(text, file.name, kind, notes):
            try:
                content = value if isinstance(value, _Broken) else _texts(value)
            except RecursionError:
                content = _Broken(_TOO_DEEP, "")
            if isinstance(content, _Broken):
                skipped.meet(f"{origin}{number}", content.what, content.look)
            else:
                yield number, content


def _values(text: Text, name: str, kind: str, notes: list[str]) -> Iterator[tuple[int, Any]]:
    """Yield the number of each value, and the value or what is wrong with it."""
    if kind == "lines":
        for number, line in enumerate(text.lines(), 1):
            if not line.isspace():
                yield number, _value(line)
    elif kind == "values":
        yield from Window(text, name, _DECODER).elements()
    else:
        window = Window(text, name, _DECODER, _TABLE_LIMIT)
        window.mark()
        yield from enumerate(table_rows(window.value(), name, notes), 1)


def _value(line: str) -> Any:
    """Return the value of a line, or what is wrong with it."""
    if len(line) > FIELD_LIMIT:
        return _Broken(f"a line of more than {FIELD_LIMIT:,} characters", line)
    try:
        return _DECODER.decode(line)
    except json.JSONDecodeError as fault:
        return _Broken(f"broken JSON ({fault.msg}, column {fault.colno})", line.strip())
    except RecursionError:
        return _Broken(_TOO_DEEP, line)


def _texts(value: Any) -> dict[str, str] | _Broken:
    """Return the object with all its values as texts, or what is wrong with it."""
    if not isinstance(value, dict):
        return _Broken("no JSON object", as_json(value))
    found: dict[str, str] = {}
    return _flatten(value, "", found) or found


def _flatten(value: dict[str, Any], prefix: str, found: dict[str, str]) -> _Broken | None:
    """Add the values of an object to those found, or return what is wrong with it."""
    twice = value.key if isinstance(value, _Repeated) else None
    for key, item in value.items():
        name = prefix + key
        if isinstance(item, dict) and item:
            if broken := _flatten(item, f"{name}.", found):
                return broken
            continue
        text = item if type(item) is str else as_text(item)
        if not text.isascii() and not _encodable(text):
            return _Broken("half a surrogate pair, which is no character", text)
        if name in found:
            twice = name
        found[name] = text
    return None if twice is None else _Broken(f"the key {short(twice)} twice", as_json(value))


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
