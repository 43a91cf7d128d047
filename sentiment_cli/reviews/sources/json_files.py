"""JSON: one object per line, objects one after the other, a list, or one object that is a table."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, source_of
from sentiment_cli.reviews.sources.source import (
    COLUMN_LIMIT,
    FIELD_LIMIT,
    Number,
    Row,
    Skipped,
    Source,
    as_json,
    as_text,
    short,
)
from sentiment_cli.reviews.sources.text import Text, open_text, replaced_bytes

_ROWS_FOR_COLUMNS = 10_000
_TABLE_LIMIT = 100_000_000  # characters of an object that is a table, which is in memory
_GAP = re.compile(r"[ \t\r\n,]*")
_TOO_DEEP = "nested too deeply"


class _BrokenError(Exception):
    """A row cannot be read. The arguments are the fault and the beginning of the row."""


class _Repeated(dict[str, Any]):
    """An object that has a key twice."""

    key = ""


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        content = _Repeated(content)
        content.key = Counter(key for key, _ in pairs).most_common(1)[0][0]
    return content


_DECODER = json.JSONDecoder(
    object_pairs_hook=_object, parse_int=Number, parse_float=Number, parse_constant=Number
)


def json_source(file: File) -> Source:
    """Return a file of JSON objects, each a row, as a source.

    The columns are the keys of the first ten thousand objects, in order of appearance. A missing
    key is an empty text, like null. An object within an object has columns like ``review.text``.

    Raises:
        DataError: The file cannot be read, or has no object.
        EnvironmentFault: The system does not open the file.
    """
    notes: list[str] = []
    blank: dict[str, str] = {}

    def read(skipped: Skipped) -> Iterator[Row]:
        for row in _rows(file, kind, skipped, []):
            values = row.values
            if not blank.keys() <= values.keys():
                values = {**blank, **values}
            if len(values) > len(blank):
                for key in values.keys() - blank.keys():
                    skipped.remark(
                        f"values under {short(key)}, which is no column because the first "
                        f"{_ROWS_FOR_COLUMNS:,} rows lack it",
                        row.place,
                    )
            yield Row(values, row.origin, row.number)

    with open_text(file) as text:
        kind = _kind(text)
    broken = Skipped(file.options.on_bad_rows)
    for row in islice(_rows(file, kind, broken, notes), _ROWS_FOR_COLUMNS):
        blank.update(dict.fromkeys(row.values, ""))
        if len(blank) > COLUMN_LIMIT:
            break
    if broken.count and not blank:
        raise DataError(
            f"{file.name} has no JSON object: all {broken.count:,} rows are broken",
            hint="--set data.on_bad_rows=error shows the first of them",
        )
    notes += replaced_bytes(file)
    return source_of(file, "json", list(blank), read, notes, has_gaps=True)


def _rows(file: File, kind: str, skipped: Skipped, notes: list[str]) -> Iterator[Row]:
    """Yield the rows that are not broken. A row has the keys of its object.

    Args:
        file: File to read.
        kind: How it is written.
        skipped: Is told of broken rows.
        notes: Gets a sentence about the part of a table that is read.
    """
    with open_text(file) as text:
        origin, values = f"{file.name}:", _lines(text)
        if kind != "lines":
            values = _values(text, file.name, kind)
        if kind == "values":
            first = list(islice(values, 2))
            values = chain(first, values)
            if len(first) == 1 and isinstance(value := first[0][1], dict):
                table = _table_rows(value, file.name, notes)
                if table is not None:
                    origin, values = f"{file.name} row ", enumerate(table, 1)
        for number, value in values:
            content: dict[str, str] = {}
            try:
                _flatten(_decoded(value) if kind == "lines" else value, "", content)
            except _BrokenError as fault:
                skipped.meet(f"{origin}{number}", *fault.args)
            except RecursionError:
                skipped.meet(f"{origin}{number}", _TOO_DEEP, value if kind == "lines" else "")
            else:
                yield Row(content, origin, number)


def _kind(text: Text) -> str:
    """Return how a file is written: `lines`, a `list`, or `values` one after the other."""
    first, *second = [*islice(filter(str.strip, text.lines()), 2)] or [""]
    if first.lstrip().startswith("["):
        return "list"
    if not first or len(first) > FIELD_LIMIT:
        return "values"
    try:
        _DECODER.decode(first)
    except json.JSONDecodeError as fault:
        is_joined = fault.msg == "Extra data" and first[fault.pos] in "{,"
        return "values" if is_joined or fault.pos >= len(first.rstrip()) else "lines"
    except RecursionError:
        return "lines"
    return "lines" if second else "values"


def _lines(text: Text) -> Iterator[tuple[int, Any]]:
    return ((number, line) for number, line in enumerate(text.lines(), 1) if not line.isspace())


def _values(text: Text, name: str, kind: str) -> Iterator[tuple[int, Any]]:
    """Yield the line and the value of each element of a list, or of values one after the other.

    Only the piece of the text that is being read is in memory.

    Raises:
        DataError: The text is not JSON, or a value is too long.
    """
    limit = FIELD_LIMIT if kind == "list" else _TABLE_LIMIT
    ends = ["[", "]"] if kind == "list" else []  # that are not read yet
    buffer, start, line, is_whole = "", 0, 1, False
    while True:
        before, start = start, _GAP.match(buffer, start).end()  # type: ignore[union-attr]
        line += buffer.count("\n", before, start)
        value, end, what = None, start, ""
        if ends and buffer[start : start + 1] == ends[0]:
            start += 1
            ends.pop(0)
            continue
        try:
            value, end = _DECODER.raw_decode(buffer, start)
        except json.JSONDecodeError as fault:
            end, what = len(buffer), fault.msg
        except RecursionError:
            what = f"an element {_TOO_DEEP}"
        if end >= len(buffer) and not is_whole and end - start <= limit:
            # The value goes on, or is a number that may go on.
            pieces = [buffer[start:]]
            while sum(map(len, pieces)) <= 2 * len(pieces[0]) and not is_whole:
                pieces.append(text.read())
                is_whole = not pieces[-1]
            buffer, start = "".join(pieces), 0
            continue
        if start == len(buffer) and not ends:
            return
        if end - start > limit:
            what = f"an element of more than {limit:,} characters"
        if what:
            look = short(buffer[start : start + 61]) if buffer[start:] else "the end of the file"
            raise DataError(
                f"{name}:{line}: {what} in the JSON list: {look}",
                hint="nothing after this place can be read; fix it, or write one object per line "
                "(.jsonl), where --set data.on_bad_rows=skip skips a broken one",
            )
        yield line, value
        line += buffer.count("\n", start, end)
        start = end


def _decoded(line: str) -> Any:
    if len(line) > FIELD_LIMIT:
        raise _BrokenError(f"a line of more than {FIELD_LIMIT:,} characters", line)
    try:
        return _DECODER.decode(line)
    except json.JSONDecodeError as fault:
        what = f"broken JSON ({fault.msg}, column {fault.colno})"
        raise _BrokenError(what, line.strip()) from None


def _flatten(value: Any, prefix: str, found: dict[str, str]) -> None:
    """Add the values of an object, as texts, to those found.

    Raises:
        _BrokenError: The value is not an object, or has a key twice or half a character.
    """
    if not isinstance(value, dict):
        raise _BrokenError("no JSON object", as_json(value))
    if isinstance(value, _Repeated):
        raise _BrokenError(f"the key {short(value.key)} twice", as_json(value))
    for key, item in value.items():
        name = prefix + key
        if isinstance(item, dict) and item:
            _flatten(item, f"{name}.", found)
            continue
        text = item if type(item) is str else as_text(item)
        try:
            _ = text.isascii() or text.encode()
        except UnicodeEncodeError:
            raise _BrokenError("half a surrogate pair is not a character", text) from None
        if name in found:
            raise _BrokenError(f"the key {short(name)} twice", as_json(value))
        found[name] = text


def _table_rows(value: dict[str, Any], name: str, notes: list[str]) -> Iterable[Any] | None:
    """Return the rows of an object that is a table; None if it is not.

    A table is what ``DataFrame.to_json`` writes in any ``orient``, or an object with a list of
    objects in it or one level deeper, as web services answer.

    Args:
        value: Object of the whole file.
        name: Name of the file.
        notes: Gets a sentence about the part that is read.

    Raises:
        DataError: Columns have different lengths.
    """
    columns, data = value.get("columns"), value.get("data")
    inner = {key: item for key, item in value.items() if isinstance(item, dict)}
    lists = {
        f"{path}{key}": item
        for path, part in [("", value), *((f"{key}.", item) for key, item in inner.items())]
        for key, item in part.items()
        if _is_list_of(item, dict)
    }
    try:
        if isinstance(columns, list) and _is_list_of(data, list):
            return [dict(zip(map(str, columns), row, strict=True)) for row in data or ()]
        if not lists and value and all(isinstance(item, list) for item in value.values()):
            return [dict(zip(value, row, strict=True)) for row in zip(*value.values(), strict=True)]
    except ValueError as fault:
        raise DataError(
            f"{name}: the lists have different lengths: {fault}",
            hint="write one object per line: df.to_json(FILE, orient='records', lines=True)",
        ) from fault
    if lists:
        longest = max(lists, key=lambda key: len(lists[key]))
        others = [key for key in value if key != longest.partition(".")[0]]
        others += [key for key in lists if key != longest and key not in others]
        unread = f"; not read: {', '.join(map(short, others[:10]))}" if others else ""
        notes.append(f"the rows are the list under {short(longest)}{unread}")
        rows: list[Any] = lists[longest]
        return rows
    if 0 < len(inner) == len(value) and set.intersection(*map(set, inner.values())):
        return _rows_by_key(inner)
    return None


def _rows_by_key(value: Mapping[str, dict[str, Any]]) -> Iterable[dict[str, Any]]:
    """Return the rows of columns by row key, or of rows by key. The keys tell which it is."""
    first = next(iter(value.values()))
    is_equal = all(part.keys() == first.keys() for part in value.values())
    is_numbered, is_outer = all(map(str.isdigit, first)), all(map(str.isdigit, value))
    if is_equal and (is_numbered or (not is_outer and len(value) <= len(first))):
        return ({column: part[key] for column, part in value.items()} for key in first)
    return value.values()


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], kind)
