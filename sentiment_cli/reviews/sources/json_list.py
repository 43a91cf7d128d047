"""The elements of one JSON list, of which only the one being read is in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any, TextIO

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.source import FIELD_LIMIT, short

_BLOCK = 1 << 18
_SPACE = re.compile(r"[ \t\r\n]*")


class _Window:
    """The piece of the text that is in memory, a position in it, and that position's line."""

    def __init__(self, text: TextIO, name: str, decoder: json.JSONDecoder) -> None:
        self.text = text
        self.name = name
        self.decoder = decoder
        self.buffer = ""
        self.position = 0
        self.line = 1

    def more(self) -> bool:
        """Forget what was read and double what was not; False where the text ends."""
        rest = self.buffer[self.position :]
        block = self.text.read(max(_BLOCK, len(rest)))
        self.buffer, self.position = rest + block, 0
        return bool(block)

    def advance(self, end: int) -> None:
        self.line += self.buffer.count("\n", self.position, end)
        self.position = end

    def mark(self) -> str:
        """The next character that is no space; empty where the text ends."""
        while True:
            space = _SPACE.match(self.buffer, self.position)
            self.advance(space.end() if space else self.position)
            if self.position < len(self.buffer):
                return self.buffer[self.position]
            if not self.more():
                return ""

    def take(self, allowed: str) -> str:
        """Pass over one of the allowed characters, and say which it was."""
        mark = self.mark()
        if not mark or mark not in allowed:
            raise self.fault(f"expected {' or '.join(allowed)}", self.position)
        self.advance(self.position + 1)
        return mark

    def value(self) -> Any:
        """The whole value that begins at the position."""
        while True:
            try:
                value, end = self.decoder.raw_decode(self.buffer, self.position)
            except json.JSONDecodeError as fault:
                self._bounded(len(self.buffer))
                position = fault.pos - self.position
                if not self.more():
                    raise self.fault(fault.msg, position) from fault
            except RecursionError as fault:
                raise self.fault("an element nested too deeply", self.position) from fault
            else:
                self._bounded(end)
                # At the end of the window a number may be the beginning of a longer one.
                if end < len(self.buffer) or not self.more():
                    self.advance(min(end, len(self.buffer)))
                    return value

    def _bounded(self, end: int) -> None:
        if end - self.position > FIELD_LIMIT:
            raise self.fault(f"an element of more than {FIELD_LIMIT:,} characters", self.position)

    def fault(self, what: str, position: int) -> DataError:
        """The error for a list that cannot be read on from a position in the window."""
        line = self.line + self.buffer.count("\n", self.position, position)
        look = self.buffer[position : position + 61] or "the end of the file"
        return DataError(
            f"{self.name}:{line}: {what} in the JSON list: {short(look)}",
            hint="the list cannot be read beyond this; mend it, or write one object a line "
            "(.jsonl), where --set data.on_bad_rows=skip leaves a broken one out",
        )


def elements(text: TextIO, name: str, decoder: json.JSONDecoder) -> Iterator[tuple[int, Any]]:
    """Each element of the list and the line on which it begins.

    Raises:
        DataError: the text is no whole JSON list, or an element is longer than FIELD_LIMIT.
    """
    window = _Window(text, name, decoder)
    window.take("[")
    if window.mark() == "]":
        window.take("]")
    else:
        more = True
        while more:
            window.mark()
            yield window.line, window.value()
            more = window.take(",]") == ","
    if window.mark():
        raise window.fault("text after the end", window.position)
