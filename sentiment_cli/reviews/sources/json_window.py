"""JSON values one after the other, of which only the one being read is in memory."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Any

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import BLOCK, Text
from sentiment_cli.reviews.sources.source import FIELD_LIMIT, short

_SPACE = re.compile(r"[ \t\r\n]*")


class Window:
    """The piece of a text that is in memory, a position in it, and that position's line.

    Args:
        text: Text to read.
        name: Name of the file.
        decoder: Decoder of the values.
        limit: Maximum characters of a value.
    """

    def __init__(
        self, text: Text, name: str, decoder: json.JSONDecoder, limit: int = FIELD_LIMIT
    ) -> None:
        self.line = 1
        self._text = text
        self._name = name
        self._decoder = decoder
        self._limit = limit
        self._buffer = ""
        self._position = 0

    def mark(self) -> str:
        """Return the next character that is no space; empty at the end of the text."""
        while True:
            space = _SPACE.match(self._buffer, self._position)
            self._advance(space.end() if space else self._position)
            if self._position < len(self._buffer):
                return self._buffer[self._position]
            if not self._more():
                return ""

    def take(self, allowed: str) -> str:
        """Pass over one of the allowed characters, and return it."""
        mark = self.mark()
        if not mark or mark not in allowed:
            raise self._fault(f"expected {' or '.join(allowed)}", self._position)
        self._advance(self._position + 1)
        return mark

    def value(self) -> Any:
        """Return the whole value that begins at the position."""
        while True:
            try:
                value, end = self._decoder.raw_decode(self._buffer, self._position)
            except json.JSONDecodeError as fault:
                self._require_bounded(len(self._buffer))
                position = fault.pos - self._position
                if not self._more():
                    raise self._fault(fault.msg, position) from fault
            except RecursionError as fault:
                raise self._fault("an element nested too deeply", self._position) from fault
            else:
                self._require_bounded(end)
                # At the end of the window a number may be the beginning of a longer one.
                if end < len(self._buffer) or not self._more():
                    self._advance(min(end, len(self._buffer)))
                    return value

    def elements(self) -> Iterator[tuple[int, Any]]:
        """Yield each element of a list, or each of several values, and the line it begins on.

        Raises:
            DataError: the text is not JSON, or an element is too long.
        """
        if self.mark() != "[":
            while self.mark():
                yield self.line, self.value()
            return
        self.take("[")
        more = self.mark() != "]" or self.take("]") == ","
        while more:
            self.mark()
            yield self.line, self.value()
            more = self.take(",]") == ","
        if self.mark():
            raise self._fault("text after the end", self._position)

    def _more(self) -> bool:
        """Forget what was read and double what was not; False at the end of the text."""
        rest = self._buffer[self._position :]
        pieces, wanted = [rest], max(BLOCK, len(rest))
        while wanted > 0 and (piece := self._text.read()):
            pieces.append(piece)
            wanted -= len(piece)
        self._buffer, self._position = "".join(pieces), 0
        return len(pieces) > 1

    def _advance(self, end: int) -> None:
        self.line += self._buffer.count("\n", self._position, end)
        self._position = end

    def _require_bounded(self, end: int) -> None:
        if end - self._position > self._limit:
            raise self._fault(f"an element of more than {self._limit:,} characters", self._position)

    def _fault(self, what: str, position: int) -> DataError:
        """Return the error for JSON that cannot be read beyond a position in the window."""
        line = self.line + self._buffer.count("\n", self._position, position)
        look = self._buffer[position : position + 61] or "the end of the file"
        return DataError(
            f"{self._name}:{line}: {what} in the JSON list: {short(look)}",
            hint="it cannot be read beyond this; fix it, or write one object per line (.jsonl), "
            "where --set data.on_bad_rows=skip skips a broken one",
        )
