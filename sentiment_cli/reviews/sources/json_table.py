"""One JSON object that holds a whole table, as pandas and web services write it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.source import short


def table_rows(value: dict[str, Any], name: str, notes: list[str]) -> Iterator[Any]:
    """Yield the rows of a table; an object that is none of the known tables is one row.

    Args:
        value: Object of the whole file.
        name: Name of the file.
        notes: Gets a sentence about the part that is read.

    Raises:
        DataError: columns have different lengths.
    """
    columns, data = value.get("columns"), value.get("data")
    if isinstance(columns, list) and _is_list_of(data, list):
        for row in data or ():
            _require_equal(name, {"columns": columns, "a row of data": row})
            yield dict(zip(map(str, columns), row, strict=True))
        return
    inner = {key: item for key, item in value.items() if isinstance(item, dict)}
    lists = {
        f"{path}{key}": item
        for path, part in [("", value), *((f"{key}.", item) for key, item in inner.items())]
        for key, item in part.items()
        if _is_list_of(item, dict)
    }
    if lists:
        longest = max(lists, key=lambda key: len(lists[key]))
        others = [key for key in value if key != longest.partition(".")[0]]
        others += [key for key in lists if key != longest and key not in others]
        unread = f"; not read: {', '.join(map(short, others[:10]))}" if others else ""
        notes.append(f"the rows are the list under {short(longest)}{unread}")
        yield from lists[longest]
    elif value and all(isinstance(item, list) for item in value.values()):
        _require_equal(name, value)
        for cells in zip(*value.values(), strict=True):
            yield dict(zip(value, cells, strict=True))
    elif len(inner) == len(value) > 0 and (shared := set.intersection(*map(set, inner.values()))):
        yield from _by_key(inner, shared)
    else:
        yield value


def _by_key(value: Mapping[str, dict[str, Any]], shared: set[str]) -> Iterator[dict[str, Any]]:
    """Yield the rows of columns by row key, or of rows by key, whichever the keys look like."""
    first = next(iter(value.values()))
    is_equal = all(part.keys() == first.keys() for part in value.values())
    is_numbered, is_outer = all(map(str.isdigit, first)), all(map(str.isdigit, value))
    if is_equal and (is_numbered or (not is_outer and len(value) <= len(first))):
        for key in first:
            yield {column: part[key] for column, part in value.items()}
    else:
        yield from value.values()


def _is_list_of(value: Any, kind: type) -> bool:
    return isinstance(value, list) and bool(value) and isinstance(value[0], kind)


def _require_equal(name: str, lists: Mapping[str, list[Any]]) -> None:
    """Refuse lists of different lengths."""
    sizes = {key: len(values) for key, values in lists.items()}
    if len(set(sizes.values())) > 1:
        shown = ", ".join(f"{short(key)} has {size:,}" for key, size in list(sizes.items())[:5])
        raise DataError(
            f"{name}: the lists have different lengths: {shown}",
            hint="write one object per line: df.to_json(FILE, orient='records', lines=True)",
        )
