"""The schema, looked at: every setting by its dotted key, and what it allows in plain words."""

from __future__ import annotations

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, cast, get_args, get_origin

from annotated_types import Ge, Gt, Le, Lt, MaxLen, MinLen
from pydantic import BaseModel
from pydantic.fields import FieldInfo

Kind = tuple[Any, tuple[Any, ...]]
"""One type that a setting may have, and the bounds that hold for it."""


def walk(section: type[BaseModel], prefix: str = "") -> Iterator[tuple[str, FieldInfo]]:
    """Every setting of a section and of the sections in it: dotted key and field."""
    for name, field in section.model_fields.items():
        inner = section_of(field)
        if inner is None:
            yield prefix + name, field
        else:
            yield from walk(inner, f"{prefix}{name}.")


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """The section that a field stands for, or None where it is a setting."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def origin_of(annotation: Any) -> Any:
    """The generic type behind an annotation, such as `tuple` behind `tuple[str, ...]`, or None."""
    return get_origin(annotation)


def kinds(annotation: Any, bounds: tuple[Any, ...] = ()) -> list[Kind]:
    """The types that an annotation allows, each with its bounds; unions are laid flat."""
    origin = origin_of(annotation)
    if origin is Annotated:
        inner, *marks = get_args(annotation)
        for mark in marks:
            bounds += tuple(mark.metadata) if isinstance(mark, FieldInfo) else (mark,)
        return kinds(inner, bounds)
    if origin in (Union, UnionType):
        return [kind for part in get_args(annotation) for kind in kinds(part, bounds)]
    return [(annotation, bounds)]


def kinds_of(field: FieldInfo) -> list[Kind]:
    """The types that a setting allows."""
    return kinds(field.annotation, tuple(field.metadata))


def choices(field: FieldInfo) -> list[str]:
    """The words among which a setting chooses; none where any number or text goes."""
    found: list[str] = []
    for kind, _ in kinds_of(field):
        if origin_of(kind) is Literal:
            found.extend(str(choice) for choice in get_args(kind))
        elif kind is bool:
            found.extend(["true", "false"])
        elif kind is NoneType:
            found.append("null")
    return found


def words(field: FieldInfo) -> str:
    """What a setting allows, as one would say it: `a number above 0 and at most 1000, or null`."""
    return ", or ".join(_say(kind, bounds) for kind, bounds in kinds_of(field))


def _say(kind: Any, bounds: tuple[Any, ...]) -> str:
    origin = origin_of(kind)
    parts = get_args(kind)
    if origin is Literal:
        *most, last = map(str, parts)
        said = f"{', '.join(most)} or {last}" if most else last
    elif origin is dict:
        key, value = map(_say_all, parts)
        said = f"a mapping of {key} to {value}"
    elif origin in (tuple, list):
        said = f"a list of {_say_all(parts[0])}"
    else:
        plain = {NoneType: "null", bool: "true or false", str: "text", int: "a whole number"}
        said = plain.get(kind, "a number")
    return said + _say_bounds(kind, bounds)


def _say_all(annotation: Any) -> str:
    return " or ".join(_say(kind, bounds) for kind, bounds in kinds(annotation))


def _say_bounds(kind: Any, bounds: tuple[Any, ...]) -> str:
    least = most = None
    said = []
    for bound in bounds:
        if isinstance(bound, Ge):
            least = _number(bound.ge)
            said.append(f"of at least {least}")
        elif isinstance(bound, Gt):
            said.append(f"above {_number(bound.gt)}")
        elif isinstance(bound, Lt) and kind is not int:
            said.append(f"below {_number(bound.lt)}")
        elif isinstance(bound, (Le, Lt)):
            most = _number(bound.le if isinstance(bound, Le) else cast(int, bound.lt) - 1)
            said.append(f"at most {most}")
        elif isinstance(bound, MaxLen):
            said.append(f"of at most {bound.max_length} character")
        elif isinstance(bound, MinLen):
            said.append("that is not empty")
    if least and most:
        return f" from {least} to {most}"
    return f" {' and '.join(said)}" if said else ""


def _number(bound: Any) -> str:
    return str(int(bound)) if bound == int(bound) else str(bound)
