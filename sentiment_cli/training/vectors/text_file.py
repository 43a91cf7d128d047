"""Word vectors from a text file: a word and its numbers a line.

GloVe writes nothing else; word2vec and fastText (.vec) begin with a line that holds the number of
words and the size of a vector.
"""

from __future__ import annotations

from collections import Counter
from functools import partial
from itertools import islice
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File, open_bytes
from sentiment_cli.reviews.sources.source import short
from sentiment_cli.training.vectors.words import Found, Wanted

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

_LONGEST = 2**21  # bytes of a line; the largest vector of ours is far shorter
_HEAD = 20  # lines that tell the size of a vector
_KINDS = "a line is a word and its numbers, as GloVe, word2vec (as text) and fastText (.vec) write"


class TextVectors:
    """The vectors of a text file, which may be gzipped; read line by line, whatever its size.

    Args:
        path: of the file.
        name: as a person wrote it.

    Raises:
        DataError: the file is missing, damaged, or holds no vectors.
        EnvironmentFault: the system refuses it.
    """

    def __init__(self, path: Path, name: str) -> None:
        self.name = name
        self._file = File(path, name)
        with open_bytes(self._file) as stream:
            head = [_fields(line) for line in islice(_lines(stream), _HEAD + 1)]
        self._header = bool(head) and _is_header(head[0])
        sizes = Counter(len(own) - 1 for own in head if _numbers(own[1:]) is not None)
        likely = max(sizes, key=sizes.__getitem__, default=0)
        self.size = int(head[0][1]) if self._header else likely
        """Numbers a vector, E."""
        if self.size < 1:
            raise DataError(f"{name} holds no word vectors", hint=_KINDS)

    def look_up(self, words: Sequence[str]) -> Found:
        """Return the vectors of words, each by its id.

        Lines that cannot be read are left out and counted: those with another number of fields
        and, among the words that are looked for, those with fields that are no numbers.

        Raises:
            DataError: the file is damaged, or not one line can be read.
            EnvironmentFault: the system refuses it.
        """
        wanted = Wanted(words)
        vectors = np.zeros((len(words), self.size), dtype=np.float32)  # (V, E)
        read, broken, first = 0, 0, ""
        with open_bytes(self._file) as stream:
            for number, line in enumerate(_lines(stream), start=1):
                if number == 1 and self._header:
                    continue
                fault = self._read(line, wanted, vectors)
                if fault is None:
                    read += 1
                    continue
                broken += 1
                first = first or f"{self.name}:{number}: {fault}"
        if not read:
            raise DataError(f"no line of {self.name} holds a word vector; {first}", hint=_KINDS)
        return Found(vectors, wanted.known, broken, first)

    def _read(self, line: bytes, wanted: Wanted, vectors: NDArray[np.float32]) -> str | None:
        """Put a line's vector where it is wanted; return what is wrong with the line."""
        text = _stripped(line)
        count = text.count(b" ")
        if count != self.size or (not line.endswith(b"\n") and len(line) == _LONGEST):
            return f"{count} numbers where {self.size} are expected: {_look(text)}"
        word, _, rest = text.partition(b" ")
        spelled = word.decode("utf-8", "replace")
        ids = wanted.ids_for(spelled)
        if ids:
            vector = _numbers(rest.split(b" "))
            if vector is None:
                return f"not all of its fields are numbers: {_look(text)}"
            vectors[ids] = vector
            wanted.take(spelled, ids)
        return None


def _lines(stream: BinaryIO) -> Iterator[bytes]:
    """Yield the lines with their ends; one that is too long comes cut."""
    for line in iter(partial(stream.readline, _LONGEST), b""):
        yield line
        rest = line
        while len(rest) == _LONGEST and not rest.endswith(b"\n"):
            rest = stream.readline(_LONGEST)


def _stripped(line: bytes) -> bytes:
    return line.rstrip(b" \t\r\n").replace(b"\t", b" ")


def _fields(line: bytes) -> list[bytes]:
    return _stripped(line).split(b" ")


def _is_header(fields: list[bytes]) -> bool:
    return len(fields) == 2 and all(field.isdigit() and len(field) < 10 for field in fields)


def _numbers(fields: list[bytes]) -> NDArray[np.float32] | None:
    """Return the fields as finite numbers, (E,), or None where one of them is not."""
    try:
        with np.errstate(over="ignore"):
            vector = np.array([float(field) for field in fields]).astype(np.float32)
    except ValueError:
        return None
    return vector if np.isfinite(vector).all() else None


def _look(text: bytes) -> str:
    return short(text[:200].decode("utf-8", "replace"))
