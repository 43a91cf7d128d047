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
    """The JSON of a value, its numbers as they were written.

    Raises:
        RecursionError: lists or objects within each other some hundred deep.
    """
    if isinstance(value, Mapping):
        items = [f"{_quoted(str(key))}: {as_json(item)}" for key, item in value.items()]
        return "{" + ", ".join(items) + "}"
    if isinstance(value, Number):
        return str(value)
    if value is None or isinstance(value, int | float):
        return json.dumps(value)
    if isinstance(value, Sequence) and not isinstance(value, str | bytes):
        return "[" + ", ".join([as_json(item) for item in value]) + "]"
    return _quoted(as_text(value))


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
