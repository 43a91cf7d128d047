"""What a text file with bytes that do not fit its encoding most likely is."""

from __future__ import annotations

import codecs
import re
import string
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain
from typing import NamedTuple

from sentiment_cli.errors import DataError

_SAMPLE = 20_000  # characters of words that are not ASCII
_MIN_SCORE = 0.6
_WESTERN = "àâäáãåæçèéêëìíîïñòóôõöøœùúûüÿßšž"
_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюяёіїєўґ"
_SINGLE_BYTE = {
    "cp1252": _WESTERN,
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžäôľĺŕăâîșțşţőűöüß",
    "cp1251": _CYRILLIC,
    "cp1253": "αβγδεζηθικλμνξοπρστυφχψωάέήίόύώϊϋς",
    "cp1254": "çğıöşüâîûİ",
    "cp1255": "".join(map(chr, range(0x5D0, 0x5EB))),
    "cp1256": "".join(map(chr, range(0x621, 0x64B))) + "پچژگ",
    "koi8_r": _CYRILLIC,
    "mac_roman": _WESTERN,
    "cp850": _WESTERN,
    "cp874": "".join(map(chr, range(0xE01, 0xE5C))),
}
_DOUBLE_BYTE = {  # lead bytes of the common characters; ties go to the first
    "euc_kr": (0xB0, 0xC8),
    "shift_jis": (0x88, 0x97),
    "euc_jp": (0xB0, 0xCF),
    "big5": (0xA4, 0xC6),
    "gb18030": (0xB0, 0xD7),
}
_KANA = set(map(chr, range(0x3041, 0x30FF)))
_VOWELS = set("аеёиоуыэюяіїєαεηιουωάέήίόύώ")
_LATIN = ("cp1252", "cp1250", "cp1254", "mac_roman", "cp850")
_SIGNS = string.punctuation + "–—‘’‚“”„…•·«»€£§©®°²³½¼¾™¡¿ªº´`¨、。,!?:;()「」『』《》〜ー\xa0"
_BETWEEN = re.compile(r"[\s'’/.,…–—-]+")


class WrongBytes(NamedTuple):
    """The bytes of a file that do not fit its encoding.

    Attributes:
        wrong: Number of such places.
        right: Number of characters beyond ASCII that do fit.
        first: Line and fault of the first place, if there is one.
    """

    wrong: int
    right: int
    first: tuple[int, UnicodeDecodeError] | None


def utf16_fault(name: str, head: bytes, read: Callable[[], Iterable[bytes]]) -> DataError | None:
    """Return the error for a text that has the NULs of UTF-16; None if it has others."""
    encoding = "utf-16-le" if head[1::2].count(0) > head[::2].count(0) else "utf-16-be"
    if head.count(0) < len(head) / 4 or _sample(read, encoding) is None:
        return None
    return DataError(
        f"{name}: NUL bytes as in UTF-16, but no byte order mark",
        hint=f"name the encoding: --set data.encoding={encoding}",
    )


def wrong_bytes(blocks: Iterable[bytes], encoding: str) -> WrongBytes:
    """Count the bytes that do not fit an encoding, and find the first."""
    strict, lenient = (
        codecs.getincrementaldecoder(encoding)(errors) for errors in ("strict", "replace")
    )
    line, count, right = 1, 0, 0
    first: tuple[int, UnicodeDecodeError] | None = None
    for block in chain(blocks, [b""]):
        if first is None:
            try:
                line += strict.decode(block, final=not block).count("\n")
            except UnicodeDecodeError as fault:
                before = fault.object[: fault.start].decode(encoding, "replace")
                first = line + before.count("\n"), fault
        text = lenient.decode(block, final=not block)
        wrong = text.count("\ufffd") - block.count("\ufffd".encode())
        count += wrong
        right += len(text) - wrong - len(text.encode("ascii", "ignore"))
    return WrongBytes(count, right, first)


def decoding_fault(name: str, encoding: str, read: Callable[[], Iterable[bytes]]) -> DataError:
    """Return the error for the first wrong byte, with the encoding that fits all bytes.

    Args:
        name: Name of the file.
        encoding: Encoding that the bytes do not fit.
        read: Starts to read all bytes, in blocks.
    """
    found = wrong_bytes(read(), encoding)
    if found.first is None:
        return DataError(f"{name} changed while it was read", hint="run the command again")
    line, fault = found.first
    begin = max(fault.start - 20, fault.object.rfind(b"\n", 0, fault.start) + 1)
    look = fault.object[begin : fault.end + 20].splitlines()[0]
    what = f"{name}:{line}: byte {fault.object[fault.start]:02x} is not {encoding}: {look!r}"
    replace = "--set data.encoding_errors=replace"
    if encoding == "utf-8" and found.right >= found.wrong:
        return DataError(
            f"{what}; the rest is UTF-8 but for such bytes (in all: {found.wrong:,})",
            hint=f"replace and count them: {replace}",
        )
    meant = _likely_encoding(read)
    if meant is None or meant == encoding:
        return DataError(what, hint=f"no other encoding fits; replace and count them: {replace}")
    return DataError(what, hint=f"the whole file can be read so: --set data.encoding={meant}")


def _likely_encoding(read: Callable[[], Iterable[bytes]]) -> str | None:
    """Return the encoding whose text is the most plausible, of those that decode all bytes."""
    best, most = None, _MIN_SCORE
    for encoding in ("utf-8", *_SINGLE_BYTE, *_DOUBLE_BYTE):
        sample = _sample(read, encoding)
        if sample is not None:
            score = 1.0 if encoding == "utf-8" else _score(sample, encoding)
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
    """Return the share of letters that are common in the languages of an encoding, 0 to 1.

    A letter counts only in a word of one script and of one case, but for its first letter.
    """
    common = _common(encoding)
    points, total = 0.0, 0
    for word in _BETWEEN.split(sample):
        core = word.strip(_SIGNS)
        letters = [sign for sign in core if sign > "\x7f"]
        total += len(letters)
        if encoding in _DOUBLE_BYTE:
            fits = True
        elif encoding in _LATIN:
            fits = len(letters) < max(len(core), 3)
        else:
            fits = len(letters) == len(core)
        if fits and (core == core.lower() or core.istitle() or core.isupper()):
            found = sum(sign.lower() in common for sign in letters)
            points += found * (0.5 if core.isupper() and len(core) > 1 else 1.0)
    if not total:
        return float(encoding == "cp1252")
    if encoding in ("cp1251", "cp1253", "koi8_r"):  # which differ in what they take for vowels
        vowels = sum(sign in _VOWELS for sign in sample.lower())
        return points / total * min(1.0, 3 * vowels / total)
    return points / total


@cache
def _common(encoding: str) -> frozenset[str]:
    if encoding in _SINGLE_BYTE:
        return frozenset(_SINGLE_BYTE[encoding])
    first, last = _DOUBLE_BYTE[encoding]
    pairs = (bytes([lead, trail]) for lead in range(first, last + 1) for trail in range(64, 255))
    known = frozenset(pair.decode(encoding, "ignore") for pair in pairs)
    return known | _KANA if encoding in ("shift_jis", "euc_jp") else known
