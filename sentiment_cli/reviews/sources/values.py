"""From a typed value, as JSON, Parquet and ``datasets`` hold them, to the text it stands for."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any


class Number(str):
    """A JSON number as it was written: ``1.50`` stays ``1.50``."""

    __slots__ = ()


def as_text(value: Any) -> str:
    """The text of a value: null is empty, true is ``true``, lists and objects are their JSON.

    Raises:
        UnicodeDecodeError: bytes that are no UTF-8.
    """
    if value is None:
        return ""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bytes):
        return value.decode()
    if isinstance(value, bool | Mapping | Sequence):
        return as_json(value)
    return str(value)


def as_json(value: Any) -> str:
    """The JSON of a value, its numbers as they were written."""
    if isinstance(value, Mapping):
        pairs = (f"{json.dumps(str(key), ensure_ascii=False)}: {as_json(item)}"
                 for key, item in value.items())  # fmt: skip
        return "{" + ", ".join(pairs) + "}"
    if isinstance(value, Number | int | float | None):
        return str(value) if isinstance(value, Number) else json.dumps(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "[" + ", ".join(map(as_json, value)) + "]"
    return json.dumps(as_text(value), ensure_ascii=False)
