"""Which encoding a file most likely has, if it is neither UTF-8 nor marked."""

from __future__ import annotations

import codecs
import re
import string
from collections.abc import Callable, Iterable
from functools import cache
from itertools import chain

_SAMPLE = 20_000  # characters of words that are not ASCII
_MIN_SCORE = 0.5
_LATIN = {  # letters beyond ASCII
    "cp1252": "àâäáãåæçèéêëìíîïñòóôõöøœùúûüÿß",
    "cp1250": "ąćęłńóśźżáčďéěíňřšťúůýžäôľĺŕăâîșțşţőűöüß",
    "cp1254": "çğıöşüâîûİ",
}
_OTHER = {  # the most frequent letters
    "cp1251": "оеаинтсрвлкмдпуыяьбзгйчіїё",
    "koi8_r": "оеаинтсрвлкмдпуыяьбзгйчё",
    "cp1253": "αοιετσνηυρπκμλωςγδήίάόέύώ",
}
_DOUBLE_BYTE = {  # first and last lead byte of the common characters; ties go to the first
    "euc_kr": (0xB0, 0xC8),
    "shift_jis": (0x88, 0x97),
    "euc_jp": (0xB0, 0xCF),
    "big5": (0xA4, 0xC6),
    "gb18030": (0xB0, 0xD7),
}
_SIGNS = string.punctuation + "–—‘’‚“”„…•·«»€£§©®°²³½¼¾™¡¿ªº´`¨、。,!?:;()「」『』《》〜ー\xa0"
_BETWEEN = re.compile(r"[\s'’/.,…–—-]+")


def likely_encoding(read: Callable[[], Iterable[bytes]]) -> str | None:
    """Return the most plausible of the encodings that decode all bytes.

    Args:
        read: Starts to read all bytes, in blocks.
    """
    head = next(iter(read()), b"")
    if head.count(0) >= len(head) / 4:
        is_little = head[1::2].count(0) > head[::2].count(0)
        encodings = ["utf-16-le" if is_little else "utf-16-be"]
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

    A letter counts only in a word of one script and one case. The first letter may be a capital.
    """
    common = _common(encoding)
    points, total = 0.0, 0
    for word in _BETWEEN.split(sample):
        core = word.strip(_SIGNS)
        letters = [sign for sign in core if sign > "\x7f"]
        total += len(letters)
        if encoding in _LATIN:  # hardly any word has only letters beyond ASCII
            fits = len(letters) < max(len(core), 3)
        else:
            fits = encoding in _DOUBLE_BYTE or len(letters) == len(core)
        if fits and (core == core.lower() or core.istitle() or core.isupper()):
            found = sum(sign.lower() in common for sign in letters)
            points += found * (0.5 if core.isupper() and len(core) > 1 else 1.0)
    return points / total if total else float(encoding == "cp1252")


@cache
def _common(encoding: str) -> frozenset[str]:
    if encoding not in _DOUBLE_BYTE:
        return frozenset(_LATIN.get(encoding) or _OTHER[encoding])
    first, last = _DOUBLE_BYTE[encoding]
    pairs = (bytes([lead, trail]) for lead in range(first, last + 1) for trail in range(64, 255))
    kana = map(chr, range(0x3041, 0x30FF)) if encoding in ("shift_jis", "euc_jp") else ()
    return frozenset([*kana, *(pair.decode(encoding, "ignore") for pair in pairs)])
