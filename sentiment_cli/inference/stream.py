"""Reviews from a stream, as they arrive: plain lines or JSON lines, cut into batches."""

from __future__ import annotations

import codecs
import difflib
import gzip
import json
import queue
import re
import shlex
import threading
import zlib
from contextlib import suppress
from typing import TYPE_CHECKING, Any, BinaryIO, cast

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources import FIELD_LIMIT

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Sequence

    Read = Callable[[int], bytes]

BATCH = 1024
_BLOCK = 1 << 16
_GZIP = b"\x1f\x8b"
_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
_NAMES = ("text", "review")
_SHOWN = 20  # keys of an object in a message
_JSON = re.compile(r'\s*(\{\s*("[^"]*"\s*:|\}?\s*$)|\[\s*(\{|\]?\s*$))')
"""How a line begins that a person means as JSON."""


def batches(texts: Iterable[str], *, size: int = BATCH) -> Iterator[list[str]]:
    """Yield the texts in order, each time as many as have arrived, at most `size`.

    A text does not wait for the next one. A thread reads at most two batches ahead. An error of
    `texts` is raised here, after all texts before it were yielded.
    """
    ahead: queue.Queue[str | BaseException | None] = queue.Queue(maxsize=2 * size)

    def read() -> None:
        try:
            for text in texts:
                ahead.put(text)
            ahead.put(None)
        except BaseException as fault:
            ahead.put(fault)

    threading.Thread(target=read, daemon=True).start()
    while True:
        arrived = [ahead.get()]
        with suppress(queue.Empty):
            while isinstance(arrived[-1], str) and len(arrived) < size:
                arrived.append(ahead.get_nowait())
        if batch := [text for text in arrived if isinstance(text, str)]:
            yield batch
        if isinstance(arrived[-1], BaseException):
            raise arrived[-1]
        if arrived[-1] is None:
            return


def texts_of_lines(
    read: Read,
    *,
    key: str | None = None,
    run_key: Callable[[], str] = lambda: "text",
    on_guess: Callable[[str], None] = lambda key: None,
) -> Iterator[str]:
    """Yield one review per line of a stream: the line, or the text of its JSON object.

    The first line that is not blank decides whether the lines are JSON objects, and which key holds
    the text. A blank line, a null and an object without the key are empty texts. The bytes may be
    UTF-8 or UTF-16, and gzip data. Bytes that cannot be decoded become U+FFFD.

    Args:
        read: Returns the bytes of the stream that have arrived, at most as many as its argument
            says, and none at the end. No line waits for bytes of the next one.
        key: Key of the text that the user named. Other spellings in upper and lower case count.
        run_key: Returns the name of the text column that the run was trained on.
        on_guess: Called with the key, if the first object leaves a doubt.

    Raises:
        DataError: A line is not a JSON object although the first one is, the key is unclear, a line
            is too long, or the gzip data are damaged.
    """
    is_json = None if key is None else True
    chosen: str | None = None
    for number, line in enumerate(_lines(read), start=1):
        if is_json is None and line.strip():
            is_json = _JSON.match(line) is not None
        if not is_json or not line.strip():
            yield line
            continue
        content = _object(line, number, first=chosen is None)
        if chosen is None:
            chosen = _text_key(content, number, key, run_key, on_guess)
        yield _as_text(content.get(chosen))


def _lines(read: Read) -> Iterator[str]:
    """Yield the lines without their ends, each one as soon as its end has arrived."""
    head = _head(read, lambda head: len(head) >= len(_GZIP) or head == b"\n")
    rejoined = _Rejoined(head, read)
    read = rejoined.read
    if head.startswith(_GZIP):
        read = _sound(gzip.GzipFile(fileobj=cast("BinaryIO", rejoined)).read1)
    head = _head(read, lambda head: b"\n" in head or len(head) >= _BLOCK)
    decoder = codecs.getincrementaldecoder(_encoding(head))("replace")
    number, rest = 1, ""
    while block := head or read(_BLOCK):
        head = b""
        *lines, rest = (rest + decoder.decode(block)).split("\n")
        number += len(lines)
        yield from (line.removesuffix("\r") for line in lines)
        if len(rest) > FIELD_LIMIT:
            raise DataError(
                f"stdin:{number}: a line of more than {FIELD_LIMIT:,} characters",
                hint="write one review per line",
            )
    if rest := rest + decoder.decode(b"", final=True):
        yield rest.removesuffix("\r")


def _head(read: Read, is_enough: Callable[[bytes], bool]) -> bytes:
    """Return the first bytes, reading on only until they are enough."""
    head = b""
    while not is_enough(head) and (block := read(_BLOCK)):
        head += block
    return head


class _Rejoined:
    """A stream with its first bytes put back. `read` returns what has arrived."""

    def __init__(self, head: bytes, read: Read) -> None:
        self._head = head
        self._read = read

    def read(self, size: int) -> bytes:
        if not self._head:
            return self._read(size)
        block, self._head = self._head[:size], self._head[size:]
        return block


def _sound(read: Read) -> Read:
    """Return a function that reads as `read` does and names the fault of damaged gzip data."""

    def read_sound(size: int) -> bytes:
        try:
            return read(size)
        except (EOFError, zlib.error, gzip.BadGzipFile) as fault:
            raise DataError(
                "stdin: the gzip data are cut or damaged", hint="compress the reviews again"
            ) from fault

    return read_sound


def _encoding(head: bytes) -> str:
    """Return the encoding of a stream that begins with these bytes.

    Without a byte order mark, UTF-16 shows by its line ends, or by the NUL byte of each ASCII
    character.
    """
    for mark, encoding in _MARKS.items():
        if head.startswith(mark):
            return encoding
    even, odd = head[::2], head[1::2]
    units = set(zip(even, odd, strict=False))
    for encoding, end, high in (("utf-16-le", b"\n\0", odd), ("utf-16-be", b"\0\n", even)):
        if tuple(end) in units or 4 * high.count(0) > len(head):
            return encoding
    return "utf-8"


def _object(line: str, number: int, *, first: bool) -> dict[str, Any]:
    """Return the JSON object of a line. NaN becomes null.

    Raises:
        DataError: The line is something else.
    """
    what = "expected a JSON object"
    try:
        content = json.loads(line, parse_constant=lambda _: None)
        if isinstance(content, dict):
            return content
    except json.JSONDecodeError as fault:
        what = f"broken JSON ({fault.msg}, column {fault.colno})"
    except ValueError:  # an integer of more than 4,300 digits
        what = "JSON with a number that is too long"
    except RecursionError:
        what = "JSON that is nested too deeply"
    hint = 'each line must be a JSON object, such as {"text": "the review"}'
    if first:
        hint += "; or save the reviews to a file: "
        hint += "sentiment predict --file reviews.json --out scored.csv"
    raise DataError(f"stdin:{number}: {what}: {line[:80]!r}", hint=hint)


def _text_key(
    content: dict[str, Any],
    number: int,
    asked: str | None,
    run_key: Callable[[], str],
    on_guess: Callable[[str], None],
) -> str:
    """Return the key of the text in the first object, as `texts_of_lines` describes it."""
    texts = [key for key, value in content.items() if isinstance(value, str)]
    if asked is None and len(texts) == 1 and texts[0] in _NAMES:
        return texts[0]  # without reading the run's settings, which takes 0.15 s
    names = [run_key(), *_NAMES] if asked is None else [asked]
    found = _matching(content, names)
    if asked is None:
        found = [key for key in found if key in texts or content[key] is None]
        is_guess = len(found) != 1
        if not found and len(texts) == 1:
            found = texts
        if found and is_guess:
            on_guess(found[0])
    if found:
        return found[0]
    longest = sorted(texts, key=lambda key: len(content[key]), reverse=True)
    near = difflib.get_close_matches(names[0], content, n=1) or longest
    hint = 'each object must have a text, such as {"text": "the review"}'
    if near:
        hint = shlex.join(["sentiment", "predict", "-", "--text-column", near[0]])
    wanted = " or ".join(map(repr, dict.fromkeys(names)))
    keys = ", ".join(map(repr, list(content)[:_SHOWN])) or "no keys"
    raise DataError(f"stdin:{number}: expected the key {wanted}, got {keys}", hint=hint)


def _matching(keys: Collection[str], names: Sequence[str]) -> list[str]:
    """Return the keys that have one of the names, or else one in another case, best first."""
    exact = [name for name in names if name in keys]
    folded = [key for name in names for key in keys if key.casefold() == name.casefold()]
    return list(dict.fromkeys(exact or folded))


def _as_text(value: Any) -> str:
    if value is None:
        return ""
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
