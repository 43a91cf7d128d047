"""JSON: one object a line, or one list of objects; the first character tells which."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Any, TextIO

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, lines, open_text
from sentiment_cli.reviews.sources.json_list import elements
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    OnBadRows,
    Row,
    Skipped,
    Source,
    checked_columns,
    combined,
    short,
)
from sentiment_cli.reviews.sources.values import Number, as_json, as_text

_ROWS_FOR_COLUMNS = 1000
_TOO_DEEP = "nested too deeply"


@dataclass(frozen=True, slots=True)
class _Broken:
    """What is wrong with a row, and the row's text."""

    what: str
    look: str


class _Repeated(dict[str, Any]):
    """An object in which ``key`` stands twice."""

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


def json_source(file: File, on_bad_rows: OnBadRows) -> Source:
    """A file of JSON objects, each a row; a key left out is an empty text, as null is.

    The columns are the keys of the first thousand objects, in order of appearance.
    """

    def read(skipped: Skipped) -> Iterator[Row]:
        for number, content in _objects(file, skipped):
            values = content if blank.keys() <= content.keys() else blank | content
            yield Row(values, f"{file.name}:", number)

    def digest() -> str:
        return combined(["json", file.digest()])

    broken = Skipped(on_bad_rows)
    first = islice(_objects(file, broken), _ROWS_FOR_COLUMNS)
    blank = {key: "" for _, content in first for key in content}
    if broken.count and not blank:
        raise DataError(f"{file.name} holds no JSON object: all {broken.count:,} rows are broken")
    columns = checked_columns(file.name, list(blank))
    return Source(file.name, columns, read, digest, on_bad_rows, gaps=True)


def _objects(file: File, skipped: Skipped) -> Iterator[tuple[int, dict[str, str]]]:
    """The line on which each sound object begins, and the object, its values as texts."""
    with open_text(file) as text:
        is_list = text.read(4096).lstrip().startswith("[")
    with open_text(file) as text:
        for number, value in elements(text, file.name, _DECODER) if is_list else _decoded(text):
            try:
                content = _texts(value)
            except RecursionError:
                content = _Broken(_TOO_DEEP, "")
            if isinstance(content, _Broken):
                skipped.meet(f"{file.name}:{number}", content.what, content.look)
            else:
                yield number, content


def _decoded(text: TextIO) -> Iterator[tuple[int, Any]]:
    """The number of each line that is not blank, and its value or what is wrong with it."""
    for number, line in enumerate(lines(text), 1):
        if not line.isspace():
            yield number, _value(line)


def _value(line: str) -> Any:
    """The value that a line holds, or what is wrong with it."""
    if len(line) > FIELD_LIMIT:
        return _Broken(f"a line of more than {FIELD_LIMIT:,} characters", line)
    try:
        return _DECODER.decode(line)
    except json.JSONDecodeError as fault:
        return _Broken(f"broken JSON ({fault.msg}, column {fault.colno})", line.strip())
    except RecursionError:
        return _Broken(_TOO_DEEP, line)


def _texts(value: Any) -> dict[str, str] | _Broken:
    """The object with all its values as texts, unless something is wrong with it."""
    if isinstance(value, _Broken):
        return value
    if not isinstance(value, dict):
        return _Broken("no JSON object", as_json(value))
    if isinstance(value, _Repeated):
        return _Broken(f"the key {short(value.key)} twice", as_json(value))
    for key, item in value.items():
        text = value[key] = item if type(item) is str else as_text(item)
        if not text.isascii() and not _encodable(text):
            return _Broken("half a surrogate pair, which is no character", text)
    return value


def _encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
