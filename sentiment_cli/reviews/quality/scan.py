"""One pass over the rows: it chooses the columns and keeps a few numbers per text."""

from __future__ import annotations

from collections import Counter
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.quality.characters import STRANGE, CharacterCounts
from sentiment_cli.reviews.quality.columns import Columns, told
from sentiment_cli.reviews.quality.record import QUOTED, Example
from sentiment_cli.reviews.quality.signer import Signer
from sentiment_cli.reviews.split import text_hash

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from numpy.typing import NDArray

    from sentiment_cli.reviews.quality.near import Signed
    from sentiment_cli.reviews.sources import Row, Skipped, Source

    Choose = Callable[..., Columns]

_HEAD = 20_000  # rows from which the columns are chosen
_BATCH = 2_000  # rows that are looked at together
_CHARACTERS = 2**22  # of a batch that is full before


class Scan(NamedTuple):
    """What is kept of N rows.

    Args:
        hashes: `text_hash` of each text, (N,).
        labels: index of each row's label in `values`, (N,).
        strange: whether each text has a character of each kind in STRANGE, (3, N).
        scripts: index of the script of most letters in `letters`, (N,); -1 without letters.
        values: the different labels.
        letters: Number of letters per script.
        signed: lengths and signatures of the texts.
        quoted: The first rows with strange characters, per kind, of each script, and without text.
    """

    hashes: NDArray[np.uint64]
    labels: NDArray[np.int32]
    strange: NDArray[np.bool_]
    scripts: NDArray[np.int16]
    values: list[str]
    letters: Counter[str]
    signed: Signed
    quoted: dict[int, Example]


class _Scanner:
    """Look at the texts and labels of rows, batch by batch."""

    def __init__(self, columns: Columns, signer: Signer) -> None:
        self.columns = _names(columns)
        self._signer = signer
        self._count_characters = CharacterCounts()
        self._values: dict[str, int] = {}
        self._letters: Counter[str] = Counter()
        self._done: list[tuple[NDArray[Any], ...]] = []
        self._rows = 0
        self._quoted: dict[int, Example] = {}
        self._room: Counter[str] = Counter()

    def add(self, rows: list[Row]) -> None:
        """Look at the next rows."""
        text, label = self.columns
        texts = [row.values[text] for row in rows]
        self._signer.add(texts)
        hashes = np.array([text_hash(own) for own in texts], dtype=np.uint64)
        values, known = (row.values[label] if label else "" for row in rows), self._values
        labels = np.array([known.setdefault(value, len(known)) for value in values], np.int32)
        strange, letters = np.split(self._count_characters(texts), [len(STRANGE)])
        scripts = np.vstack([np.zeros(len(texts)), letters]).argmax(axis=0).astype(np.int16) - 1
        kinds = self._count_characters.kinds[len(STRANGE) :]
        self._letters.update(dict(zip(kinds, letters.sum(axis=1).tolist(), strict=True)))
        self._done.append((hashes, labels, strange > 0, scripts))
        kinds_of = dict(zip(STRANGE, strange > 0, strict=True))
        kinds_of |= {f"script {number}": scripts == number for number in np.unique(scripts)}
        kinds_of["empty"] = np.array([not own or own.isspace() for own in texts])
        for kind, is_of in kinds_of.items():
            first = np.flatnonzero(is_of)[: QUOTED - self._room[kind]].tolist()
            self._room[kind] += len(first)
            self._quoted |= {self._rows + at: Example.of(rows[at], text, label) for at in first}
        self._rows += len(rows)

    def all(self) -> Scan:
        """Return what is kept of all rows."""
        done = zip(*self._done, strict=True)
        hashes, labels, strange, scripts = (np.concatenate(own, axis=-1) for own in done)
        values, signed = [*self._values], self._signer.all()
        return Scan(hashes, labels, strange, scripts, values, self._letters, signed, self._quoted)


def scan(source: Source, choose: Choose, *, advance: Callable[[int], None]) -> tuple[Columns, Scan]:
    """Choose the columns of a source and look at its texts, in one pass over the rows.

    The texts are those of the column that the first rows lead to. If all rows together lead to
    other columns, the source is read again.

    Args:
        source: the reviews.
        choose: reads a source and chooses its columns.
        advance: told how many rows were read since the last call.

    Raises:
        DataError: the source cannot be read.
    """
    columns, found = _scan(source, choose, None, advance)
    if found is None:
        columns, found = _scan(source, choose, columns, advance)
    assert found
    return columns, found


def _scan(
    source: Source, choose: Choose, given: Columns | None, advance: Callable[[int], None]
) -> tuple[Columns, Scan | None]:
    """Choose the columns, and scan them if they were given or could be told from the first rows."""
    scanner: _Scanner | None = None

    def read(skipped: Skipped) -> Iterator[Row]:
        nonlocal scanner
        rows = source.read(skipped)
        head = next(_batches(rows, _HEAD), [])
        first = replace(source, read=lambda _: iter(head))
        with suppress(DataError):  # what the first rows lack may come later
            scanner = _Scanner(given or choose(first), signer)
        for batch in _batches(chain(head, rows), _BATCH):
            if scanner:
                scanner.add(batch)
            yield from batch

    followed = replace(source, read=read)
    with Signer() as signer:
        columns = choose(followed, advance=advance)
        source.skipped = followed.skipped
        if scanner is None or scanner.columns != _names(columns):
            return columns, None
        return columns, scanner.all()


def _names(columns: Columns) -> tuple[str, str | None]:
    return columns.text.name, columns.label.name if columns.label else None


def _batches(rows: Iterable[Row], most: int) -> Iterator[list[Row]]:
    """Yield up to `most` rows at a time, fewer if they are long."""
    batch: list[Row] = []
    characters = 0
    for row in rows:
        batch.append(row)
        characters += sum(map(len, row.values.values()))
        if len(batch) == most or characters > _CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch


def text_hashes(source: Source, text: str, *, advance: Callable[[int], None]) -> NDArray[np.uint64]:
    """Return the hash of each text of a source, (N,), by which equal ones are found.

    Raises:
        DataError: the source cannot be read.
    """
    hashes = (text_hash(row.values[text]) for row in told(source.rows(), advance))
    return np.fromiter(hashes, dtype=np.uint64)
