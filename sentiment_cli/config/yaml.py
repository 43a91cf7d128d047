"""Strict YAML 1.2: text in, a tree of nodes out.

Only what an experiment needs is read: mappings, lists and scalars. Anchors, aliases, tags, merge
keys, directives, duplicate keys and a second document are refused, and so is a file that is too
large or too deep to be one that a person meant.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, NoReturn

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import (
    AliasEvent,
    DocumentStartEvent,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
    StreamEndEvent,
)
from ruamel.yaml.reader import ReaderError

from sentiment_cli.config.nodes import ListNode, MapNode, Node, Place, ScalarNode, shown
from sentiment_cli.errors import UsageError

# Far above what an experiment needs; together they bound the time of a hostile file.
MAX_BYTES = 300_000
MAX_VALUES = 10_000
MAX_DEPTH = 8

_QUOTES_HINT = (
    "put quotes around text that holds ': ' or ' #', or that begins with a sign such as "
    "* & ! % @ [ {; indent with spaces"
)
_NO_FILE_HOLDS = re.compile(r"[\0\ud800-\udfff]")


def parse(data: bytes, place: Place) -> Node:
    """The tree of one YAML document; an empty one is a scalar without text.

    Args:
        data: UTF-8, at most `MAX_BYTES`; more need not be read from a file to be refused.
        place: where the data begins; one without a line tells none in messages.

    Raises:
        UsageError: no valid YAML, or a part of YAML that is not read here.
    """
    if len(data) > MAX_BYTES:
        raise UsageError(
            f"{place.label}: larger than {MAX_BYTES} bytes, too large for an experiment",
            hint="name the YAML file of an experiment; files of reviews belong in data.source",
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        at = place.at(data.count(b"\n", 0, error.start))
        raise UsageError(f"{at}: not UTF-8", hint="save the file as UTF-8") from error
    composer = _Composer(text, place)
    try:
        return composer.document()
    except ReaderError as error:
        at = place.at(text.count("\n", 0, error.position))
        raise UsageError(f"{at}: holds a control character", hint="remove it") from error
    except MarkedYAMLError as error:
        problem = error.problem or "cannot be read"
        mark = error.problem_mark
        # What was left open is found where it begins; the end of the file helps nobody.
        if error.context_mark and ("stream end" in problem or "end of stream" in problem):
            problem, mark = f"{error.context}, {problem}", error.context_mark
        at = place.at(mark.line if mark else 0)
        raise UsageError(
            f"{at}: not valid YAML: {shown(problem, 160)}", hint=_QUOTES_HINT
        ) from error
    except (YAMLError, ValueError, OverflowError) as error:
        # The scanner lets chr() complain of an escape such as "\\UFFFFFFFF".
        at = place.at(composer.line)
        raise UsageError(f"{at}: not valid YAML: {shown(str(error))}", hint=_QUOTES_HINT) from error


class _Composer:
    """Builds the tree from the parser's events, and stops at the first that is not read here."""

    def __init__(self, text: str, place: Place) -> None:
        self._events: Iterator[Any] = YAML(typ="safe", pure=True).parse(text)
        self._place = place
        self._values = 0
        self.line = 0

    def document(self) -> Node:
        """The only document of the stream."""
        self._next()
        start = self._next()
        if isinstance(start, StreamEndEvent):
            return ScalarNode("", True, self._place.at(0))
        self._check_start(start)
        root = self._node(self._next(), 1)
        self._next()
        if not isinstance(self._next(), StreamEndEvent):
            self._refuse("a second document begins", "keep one experiment a file")
        return root

    def _next(self) -> Any:
        event = next(self._events)
        self.line = event.start_mark.line
        return event

    def _refuse(self, what: str, hint: str) -> NoReturn:
        raise UsageError(f"{self._place.at(self.line)}: {what}", hint=hint)

    def _check_start(self, start: DocumentStartEvent) -> None:
        if start.version or start.tags:
            self._refuse("YAML directives are not read", "remove the line that begins with %")

    def _check(self, event: Any, depth: int) -> None:
        if isinstance(event, AliasEvent):
            self._refuse(f"aliases are not read: *{shown(str(event.anchor))}", _QUOTES_HINT)
        if event.anchor is not None:
            self._refuse(f"anchors are not read: &{shown(str(event.anchor))}", _QUOTES_HINT)
        if event.tag is not None:
            self._refuse(f"tags are not read: {shown(str(event.tag))}", _QUOTES_HINT)
        if depth > MAX_DEPTH and not isinstance(event, ScalarEvent):
            self._refuse(
                f"nested more than {MAX_DEPTH} deep", "an experiment is sections of settings"
            )
        if isinstance(event, ScalarEvent) and _NO_FILE_HOLDS.search(event.value):
            self._refuse("an escape stands for a character that no text holds", "remove it")
        self._values += 1
        if self._values > MAX_VALUES:
            self._refuse(
                f"more than {MAX_VALUES} keys and values", "use a glob or a folder for many files"
            )

    def _node(self, event: Any, depth: int, place: Place | None = None) -> Node:
        self._check(event, depth)
        place = place or self._place.at(self.line)
        if isinstance(event, MappingStartEvent):
            return MapNode(self._entries(depth), place)
        if isinstance(event, SequenceStartEvent):
            items = []
            while not isinstance(item := self._next(), SequenceEndEvent):
                items.append(self._node(item, depth + 1))
            return ListNode(tuple(items), place)
        return ScalarNode(event.value, event.style is None, place)

    def _entries(self, depth: int) -> dict[str, Node]:
        entries: dict[str, Node] = {}
        while not isinstance(event := self._next(), MappingEndEvent):
            self._check(event, depth)
            key = self._key(event)
            if key in entries:
                self._refuse(f"{shown(key)}: this key stands here twice", "remove one of the two")
            entries[key] = self._node(
                self._next(), depth + 1, self._place.at(event.start_mark.line)
            )
        return entries

    def _key(self, event: Any) -> str:
        if not isinstance(event, ScalarEvent):
            self._refuse("a key is a list or a mapping", _QUOTES_HINT)
        plain = event.style is None
        if plain and event.value == "<<":
            self._refuse("merge keys (<<) are not read", "write the settings out")
        if plain and not event.value:
            self._refuse("a key is missing before the colon", _QUOTES_HINT)
        return str(event.value)
