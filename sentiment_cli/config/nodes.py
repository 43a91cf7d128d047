"""What was written in an experiment file or behind `--set`: scalars, lists, mappings, and where.

Scalars keep their text, because only the setting that they are for tells whether `01` is a number
or a name.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, replace
from pathlib import Path

_NULL = ("", "~", "null", "Null", "NULL")
_BOOL = {
    written: written.casefold() == "true"
    for written in ("true", "True", "TRUE", "false", "False", "FALSE")
}
_INT = re.compile(r"[-+]?[0-9]+|0o[0-7]+|0x[0-9a-fA-F]+")
_FLOAT = re.compile(r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?")
_LONGEST_INT = 100


@dataclass(frozen=True)
class Place:
    """Where something was written.

    Args:
        label: the file as it was named, or the whole `--set section.key=value`.
        folder: from where relative paths that stand here are read.
        line: counted from 1; none on a command line.
    """

    label: str
    folder: Path
    line: int | None = None

    def __str__(self) -> str:
        return self.label if self.line is None else f"{self.label}:{self.line}"

    def at(self, lines: int) -> Place:
        """The place so many lines below."""
        return self if self.line is None else replace(self, line=self.line + lines)


@dataclass(frozen=True)
class ScalarNode:
    """A single value: its text, and whether it stands there without quotes."""

    text: str
    plain: bool
    place: Place

    @property
    def value(self) -> bool | int | float | str | None:
        """What YAML 1.2's core schema reads: `1e-3` is a number, `no` a text, `010` is ten.

        Infinity and not-a-number stay text: no setting may be either.
        """
        if not self.plain:
            return self.text
        if self.text in _NULL:
            return None
        if self.text in _BOOL:
            return _BOOL[self.text]
        if len(self.text) <= _LONGEST_INT and _INT.fullmatch(self.text):
            return int(self.text, 0 if self.text.startswith(("0o", "0x")) else 10)
        if _FLOAT.fullmatch(self.text) and math.isfinite(number := float(self.text)):
            return number
        return self.text

    def __str__(self) -> str:
        if self.plain:
            return shown(self.text) if self.text else "nothing"
        return f"'{shown(self.text)}'"


@dataclass(frozen=True)
class ListNode:
    """A list of values."""

    items: tuple[Node, ...]
    place: Place

    def __str__(self) -> str:
        return "a list"


@dataclass(frozen=True)
class MapNode:
    """Keys, each as it was written, and their values; a value's place is its key's."""

    entries: dict[str, Node]
    place: Place

    def without(self, key: str) -> MapNode:
        """The mapping without one of its keys, where it has it."""
        entries = {name: node for name, node in self.entries.items() if name != key}
        return replace(self, entries=entries)

    def __str__(self) -> str:
        return "a mapping"


Node = ScalarNode | ListNode | MapNode


def shown(text: str, longest: int = 60) -> str:
    """A text for a message: cut to a length, without line breaks or control characters."""
    cut = text if len(text) <= longest else text[: longest - 1] + "…"
    return "".join(c if c.isprintable() else repr(c)[1:-1] for c in cut)
