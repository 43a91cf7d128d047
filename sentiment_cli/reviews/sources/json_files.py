"""JSON: one object per line, objects one after the other, a list, or one object that is a table."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import BLOCK, File, source_of
from sentiment_cli.reviews.sources.source import (
    COLUMN_LIMIT,
    FIELD_LIMIT,
    Row,
    Skipped,
    Source,
    short,
)
from sentiment_cli.reviews.sources.text import Text, open_text, replaced_bytes
from sentiment_cli.reviews.sources.values import Number, as_json, as_text

_ROWS_FOR_COLUMNS = 10_000
_TABLE_LIMIT = 100_000_000  # characters of an object that is a table, which is in memory
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
        for row in _rows(file, skipped, []):
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

    broken = Skipped(file.options.on_bad_rows)
    for row in islice(_rows(file, broken, notes), _ROWS_FOR_COLUMNS):
        blank.update(dict.fromkeys(row.values, ""))
        if len(blank) > COLUMN_LIMIT:
            break
    if broken.count and not blank:
        raise DataError(f"{file.name} has no JSON object: all {broken.count:,} rows are broken")
    notes += replaced_bytes(file)
    return source_of(file, "json", list(blank), read, notes, has_gaps=True)


def _rows(file: File, skipped: Skipped, notes: list[str]) -> Iterator[Row]:
    """Yield the rows that are not broken. A row has the keys of its object."""
    with open_text(file) as text:
        has_lines = _has_lines(text)
    with open_text(file) as text:
        values = _lines(text) if has_lines else _Window(text, file.name).values(notes)
        for place, number, value in values:
            origin = f"{file.name}{place}"
            try:
                content: dict[str, str] = {}
                _flatten(_decoded(value) if has_lines else value, "", content)
            except _BrokenError as fault:
                skipped.meet(f"{origin}{number}", *fault.args)
            except RecursionError:
                skipped.meet(f"{origin}{number}", _TOO_DEEP, value if has_lines else "")
            else:
                yield Row(content, origin, number)


def _has_lines(text: Text) -> bool:
    """Return whether each line is a value, unlike in a list or in pretty-printed objects."""
    first, *second = [*islice(filter(str.strip, text.lines()), 2)] or [""]
    if not first or len(first) > FIELD_LIMIT or first.lstrip().startswith("["):
        return False
    try:
        _DECODER.decode(first)
    except json.JSONDecodeError as fault:
        is_concatenated = fault.msg == "Extra data" and first[fault.pos] == "{"
        return not is_concatenated and fault.pos < len(first.rstrip())
    except RecursionError:
        return True
    return bool(second)


def _lines(text: Text) -> Iterator[tuple[str, int, Any]]:
    for number, line in enumerate(text.lines(), 1):
        if not line.isspace():
            yield ":", number, line


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
        if not text.isascii() and not _is_encodable(text):
            raise _BrokenError("half a surrogate pair, which is no character", text)
        if name in found:
            raise _BrokenError(f"the key {short(name)} twice", as_json(value))
        found[name] = text


def _is_encodable(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


class _Window:
    """Values one after the other, of which only the piece of the text being read is in memory.

    Args:
        text: Text to read.
        name: Name of the file.
    """

    def __init__(self, text: Text, name: str) -> None:
        self._text, self._name = text, name
        self._buffer, self._position, self._line = "", 0, 1
        self._gap = re.compile(r"[ \t\r\n]*")

    def values(self, notes: list[str]) -> Iterator[tuple[str, int, Any]]:
        """Yield the separator between file and number, the number, and the value of each row.

        Args:
            notes: Gets a sentence about the part of a table that is read.

        Raises:
            DataError: The text is not JSON, or a value is too long.
        """
        mark = self._mark()
        if mark == "[":
            self._advance(self._position + 1)
            self._gap = re.compile(r"[ \t\r\n,]*")
            while (mark := self._mark()) and mark != "]":
                yield ":", self._line, self._value()
            self._advance(self._position + len(mark))
            if not mark or self._mark():
                raise self._fault("text after the end" if mark else "the list has no end")
        elif mark:
            line, value = self._line, self._value(_TABLE_LIMIT)
            rows: Iterable[Any] = [value]
            if isinstance(value, dict) and not self._mark():
                rows = _table_rows(value, self._name, notes)
            if rows == [value]:
                yield ":", line, value
            else:
                yield from ((" row ", number, row) for number, row in enumerate(rows, 1))
            while self._mark():
                yield ":", self._line, self._value()

    def _mark(self) -> str:
        """Return the first character of the next value; empty at the end of the text."""
        while True:
            if gap := self._gap.match(self._buffer, self._position):
                self._advance(gap.end())
            if self._position < len(self._buffer) or not self._more():
                return self._buffer[self._position : self._position + 1]

    def _value(self, limit: int = FIELD_LIMIT) -> Any:
        """Return the value that begins at the position, of at most `limit` characters."""
        while True:
            try:
                value, end = _DECODER.raw_decode(self._buffer, self._position)
                what = ""
            except json.JSONDecodeError as fault:
                end, what = len(self._buffer), fault.msg
            except RecursionError as fault:
                raise self._fault(f"an element {_TOO_DEEP}") from fault
            if end - self._position > limit:
                raise self._fault(f"an element of more than {limit:,} characters")
            # A number at the end of the buffer may be the beginning of a longer one.
            if (what or end >= len(self._buffer)) and self._more():
                continue
            if what:
                raise self._fault(what)
            self._advance(end)
            return value

    def _more(self) -> bool:
        """Forget what was read and double the rest; return False at the end of the text."""
        rest = self._buffer[self._position :]
        pieces, wanted = [rest], max(BLOCK, len(rest))
        while wanted > 0 and (piece := self._text.read()):
            pieces.append(piece)
            wanted -= len(piece)
        self._buffer, self._position = "".join(pieces), 0
        return len(pieces) > 1

    def _advance(self, end: int) -> None:
        self._line += self._buffer.count("\n", self._position, end)
        self._position = end

    def _fault(self, what: str) -> DataError:
        look = self._buffer[self._position : self._position + 61] or "the end of the file"
        return DataError(
            f"{self._name}:{self._line}: {what} in the JSON list: {short(look)}",
            hint="nothing after this place can be read; fix it, or write one object per line "
            "(.jsonl), where --set data.on_bad_rows=skip skips a broken one",
        )


def _table_rows(value: dict[str, Any], name: str, notes: list[str]) -> Iterable[Any]:
    """Return the rows of an object that is a table; any other object is one row.

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
    return [value]


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
