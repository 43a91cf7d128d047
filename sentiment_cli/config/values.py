"""From nodes to the plain values that the schema checks: each is read as its setting wants it."""

from __future__ import annotations

from typing import Any, Literal, get_args

from pydantic import BaseModel

from sentiment_cli.config.fields import Kind, kinds, kinds_of, origin_of, section_of
from sentiment_cli.config.nodes import ListNode, MapNode, Node, ScalarNode
from sentiment_cli.config.paths import Located, located


def section_values(node: Node, section: type[BaseModel]) -> Any:
    """The values of a section and of the sections in it; an empty section has no values.

    What does not fit is handed on as it is, for the schema to refuse.
    """
    if isinstance(node, ScalarNode) and node.value is None:
        return {}
    if not isinstance(node, MapNode):
        return _value(node, [])
    values = {}
    for key, child in node.entries.items():
        field = section.model_fields.get(key)
        inner = section_of(field) if field else None
        if inner is not None:
            values[key] = section_values(child, inner)
        else:
            values[key] = _value(child, kinds_of(field) if field else [])
    return values


def _value(node: Node, allowed: list[Kind]) -> Any:
    """The value of a setting, of an item or of an entry, given the types that it may have."""
    value: Any
    if isinstance(node, ScalarNode):
        value = _scalar(node, [kind for kind, _ in allowed])
    elif isinstance(node, ListNode):
        inner = _inside(allowed, (tuple, list))
        value = tuple(_value(item, inner) for item in node.items)
    else:
        inner = _inside(allowed, (dict,))
        value = {key: _value(child, inner) for key, child in node.entries.items()}
    marks = [mark for _, bounds in allowed for mark in bounds if isinstance(mark, Located)]
    return _located(value, node, marks[0]) if marks else value


def _inside(allowed: list[Kind], containers: tuple[type, ...]) -> list[Kind]:
    """The types that a list's items or a mapping's values may have."""
    found: list[Kind] = []
    for kind, _ in allowed:
        if origin_of(kind) in containers:
            arguments = [part for part in get_args(kind) if part is not Ellipsis]
            found.extend(kinds(arguments[-1]))
    return found


def _scalar(node: ScalarNode, allowed: list[Any]) -> Any:
    """The value by YAML's schema where the setting takes its type, else the text as written.

    So a class may be called no, 1 or 01 without quotes. Only null never turns into text: where
    nothing was written, no name was meant.
    """
    value = node.value
    if value is None or any(_takes(kind, value) for kind in allowed):
        return value
    words = [choice for kind in allowed for choice in _choices(kind)]
    return node.text if str in allowed or node.text in words else value


def _takes(kind: Any, value: Any) -> bool:
    if origin_of(kind) is Literal:
        return any(type(choice) is type(value) and choice == value for choice in get_args(kind))
    return kind is type(value) or (kind is float and type(value) is int)


def _choices(kind: Any) -> tuple[Any, ...]:
    return get_args(kind) if origin_of(kind) is Literal else ()


def _located(value: Any, node: Node, mark: Located) -> Any:
    if isinstance(value, tuple):
        return tuple(_located(item, node, mark) for item in value)
    return located(value, node.place.folder, mark.is_name) if isinstance(value, str) else value
