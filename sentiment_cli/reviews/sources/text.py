"""From the bytes of a file to its text: byte order marks, encodings, wrong bytes and lines."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from functools import cache
from itertools import chain
from typing import BinaryIO, cast

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import BLOCK, File, open_bytes
from sentiment_cli.reviews.sources.source import FIELD_LIMIT

_MARKS = {
    codecs.BOM_UTF8: "utf-8",
    codecs.BOM_UTF16_LE: "utf-16-le",
    codecs.BOM_UTF16_BE: "utf-16-be",
}
_SAMPLE = 20_000  # characters of words that are not ASCII
_MIN_SCORE = 0.5
_LATIN = {  # letters beyond ASCII
    "cp1252": "àâäáãåæçèéêëìíîïñòóôõöøœùúûüÿß",
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžäôľĺŕăâîșțşţőűöüß",
    "cp1254": "çğıöşüâîûİ",
}
_OTHER = {  # the most frequent letters
    "cp1251": "оеаинтсрвлкмяі",
    "koi8_r": "оеаинтсрвлкмя",
    "cp1253": "αοιετσνηρυςπκόάύ",
}
_DOUBLE_BYTE = {  # first and last lead byte of the common characters; ties go to the first
    "euc_kr": (0xB0, 0xC8),
    "shift_jis": (0x88, 0x97),
    "euc_jp": (0xB0, 0xCF),
    "big5": (0xA4, 0xC6),
    "gb18030": (0xB0, 0xD7),
}


class Text:
    """A text that is read once, in blocks.

    Lines end at a line feed, or at a carriage return if the text has no line feeds (old Macs).

    Args:
        stream: Bytes of the text, after the byte order mark.
        encoding: Encoding of the bytes.
        errors: What to do with a wrong byte: `strict` or `replace`.
        newline: Character that ends a line.
    """

    def __init__(self, stream: BinaryIO, encoding: str, errors: str, newline: str) -> None:
        self._stream = stream
        self._decoder = codecs.getincrementaldecoder(encoding)(errors)
        self._newline = newline

    def read(self) -> str:
        """Return the next piece; empty at the end."""
        while data := self._stream.read(BLOCK):
            if text := self._decoder.decode(data):
                return text
        return self._decoder.decode(b"", final=True)

    def blocks(self) -> Iterator[list[str]]:
        """Yield lists of lines with their ends. A line is cut if it is longer than FIELD_LIMIT."""
        end, size, rest = self._newline, 0, list[str]()
        while piece := self.read():
            *lines, last = piece.split(end)
            if lines:
                lines[0] = "".join([*rest, lines[0]])
                yield [line + end for line in lines]
                size, rest = 0, []
            if size <= FIELD_LIMIT:
                size += len(last)
                rest.append(last)
        if size:
            yield ["".join(rest)]

    def lines(self) -> Iterator[str]:
        """Yield the lines with their ends."""
        return chain.from_iterable(self.blocks())


def line_fault(line: str) -> str:
    """Return why a line or a text is a broken row; empty if it is not."""
    if len(line) > FIELD_LIMIT:
        return f"more than {FIELD_LIMIT:,} characters"
    return "a NUL byte" if "\0" in line else ""


@contextmanager
def open_text(file: File) -> Iterator[Text]:
    """Yield the file's text, without a byte order mark and with its line ends as they are.

    The encoding is that of the byte order mark, or ``data.encoding``, or UTF-8.

    Raises:
        DataError: As ``open_bytes``, or a byte does not fit the encoding.
    """
    mark, encoding = b"", ""
    try:
        with open_bytes(file) as stream:
            head = cast("io.BufferedReader", stream).peek(BLOCK)
            mark, encoding = _encoding(file, head)
            is_utf16 = b"\0" in head and not mark and not file.options.encoding
            guess = _likely_encoding(lambda: _blocks(file)) if is_utf16 else None
            if guess and guess.startswith("utf-16"):
                raise DataError(
                    f"{file.name}: NUL bytes as in UTF-16, but no byte order mark",
                    hint=f"name the encoding: --set data.encoding={guess}",
                )
            stream.read(len(mark))
            newline = "\r" if b"\r" in head and b"\n" not in head else "\n"
            yield Text(stream, encoding, file.options.encoding_errors, newline)
    except UnicodeDecodeError as fault:
        raise _decoding_fault(file, mark, encoding) from fault


def _encoding(file: File, head: bytes) -> tuple[bytes, str]:
    """Return the byte order mark, if there is one, and the encoding."""
    mark = next((mark for mark in _MARKS if head.startswith(mark)), b"")
    return mark, _MARKS.get(mark) or file.options.encoding or "utf-8"


def _blocks(file: File, start: int = 0) -> Iterator[bytes]:
    with open_bytes(file) as stream:
        stream.read(start)
        while block := stream.read(BLOCK):
            yield block


def _wrong_bytes(
    file: File, mark: bytes, encoding: str
) -> tuple[UnicodeDecodeError | None, int, int, int]:
    """Count the bytes of a file that do not fit its encoding.

    Returns:
        The first fault if there is one, its line, the number of such places, and the number of
        characters beyond ASCII that do fit.
    """
    strict, lenient = (
        codecs.getincrementaldecoder(encoding)(errors) for errors in ("strict", "replace")
    )
    line, wrong, right, fault = 1, 0, 0, None
    for block in chain(_blocks(file, len(mark)), [b""]):
        if fault is None:
            try:
                line += strict.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as first:
                fault = first
                line += first.object[: first.start].decode(encoding, "replace").count("\n")
        text = lenient.decode(block, final=not block)
        replaced = text.count("\ufffd") - block.count("\ufffd".encode())
        wrong += replaced
        right += len(text) - replaced - len(text.encode("ascii", "ignore"))
    return fault, line, wrong, right


def _decoding_fault(file: File, mark: bytes, encoding: str) -> DataError:
    """Return the error for the first wrong byte, with the encoding that fits all bytes."""
    fault, line, wrong, right = _wrong_bytes(file, mark, encoding)
    if fault is None:
        return DataError(f"{file.name} changed while it was read", hint="run the command again")
    begin = max(fault.start - 20, fault.object.rfind(b"\n", 0, fault.start) + 1)
    look = fault.object[begin : fault.end + 20].splitlines()[0]
    what = f"{file.name}:{line}: byte {fault.object[fault.start]:02x} is not {encoding}: {look!r}"
    replace = "replace and count such bytes: --set data.encoding_errors=replace"
    if encoding == "utf-8" and right >= wrong:
        return DataError(f"{what}; the rest is UTF-8 (wrong bytes: {wrong:,})", hint=replace)
    likely = _likely_encoding(lambda: _blocks(file))
    if likely is None or likely == encoding:
        return DataError(what, hint=f"no other encoding fits; {replace}")
    return DataError(what, hint=f"the whole file can be read so: --set data.encoding={likely}")


def replaced_bytes(file: File) -> list[str]:
    """Return a note on the bytes that are replaced; none if there are none, or it is an error."""
    if file.options.encoding_errors == "strict":
        return []
    with open_bytes(file) as stream:
        mark, encoding = _encoding(file, stream.read(3))
    fault, line, wrong, _ = _wrong_bytes(file, mark, encoding)
    return [f"wrong bytes, replaced: {wrong:,}, first at {file.name}:{line}"] if fault else []


def _likely_encoding(read: Callable[[], Iterable[bytes]]) -> str | None:
    """Return the most plausible of the encodings that decode all bytes.

    Args:
        read: Starts to read all bytes, in blocks.
    """
    head = next(iter(read()), b"")
    even, odd = head[::2].count(0), head[1::2].count(0)
    if max(even, odd) > 10 * min(even, odd) + len(head) / 50 + 3:  # as of ASCII in UTF-16
        encodings = ["utf-16-le" if odd > even else "utf-16-be"]
    else:
        encodings = ["utf-8", *_LATIN, *_OTHER, *_DOUBLE_BYTE]
    best, most = None, _MIN_SCORE
    for encoding in encodings:
        sample = _sample(read, encoding)
        if sample is not None:
            score = 1.0 if encoding.startswith("utf") else _score(sample, encoding)
            if score > most:
                best, most = encoding, score
    return best


def _sample(read: Callable[[], Iterable[bytes]], encoding: str) -> str | None:
    """Return the first words that are not ASCII; None if the bytes do not fit the encoding."""
    decoder = codecs.getincrementaldecoder(encoding)()
    sample = ""
    try:
        for block in chain(read(), [b""]):
            text = decoder.decode(block, final=not block)
            if len(sample) < _SAMPLE:
                sample += " ".join(word for word in text.split() if not word.isascii())
    except UnicodeDecodeError:
        return None
    return sample[:_SAMPLE]


def _score(sample: str, encoding: str) -> float:
    """Return the share of letters that are frequent in the languages of an encoding, 0 to 1.

    A letter counts only if its word looks like one: hardly any Latin word has only letters beyond
    ASCII, and in other scripts only the first letter is a capital (cp1251 is not koi8_r).
    """
    frequent, right, total = _frequent(encoding), 0, 0
    for word in re.findall(r"\w+", sample):
        letters = [letter for letter in word if letter > "\x7f"]
        total += len(letters)
        if encoding in _LATIN:
            fits = len(letters) < max(len(word), 3)
        else:
            fits = word[1:] == word[1:].lower()
        if fits:
            right += sum(letter.lower() in frequent for letter in letters)
    return right / total if total else float(encoding == "cp1252")


@cache
def _frequent(encoding: str) -> frozenset[str]:
    if encoding not in _DOUBLE_BYTE:
        return frozenset(_LATIN.get(encoding) or _OTHER[encoding])
    first, last = _DOUBLE_BYTE[encoding]
    pairs = (bytes([lead, trail]) for lead in range(first, last + 1) for trail in range(64, 255))
    kana = map(chr, range(0x3041, 0x30FF)) if encoding in ("shift_jis", "euc_jp") else ()
    return frozenset([*kana, *(pair.decode(encoding, "ignore") for pair in pairs)])
