"""The pass over the texts: of each row some numbers, of the whole a few counts."""

from __future__ import annotations

from array import array
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.reviews.quality.characters import script_letters, strange_kinds
from sentiment_cli.reviews.quality.columns import told
from sentiment_cli.reviews.quality.near import Signatures
from sentiment_cli.reviews.split import text_hash
from sentiment_cli.reviews.tokenizer import plain_words

if TYPE_CHECKING:
    from collections.abc import Callable

    from numpy.typing import NDArray

    from sentiment_cli.reviews.sources import Source

QUOTED = 20
"""So many rows, or groups of rows, are quoted of each finding."""

SEED = 0  # of the hashes; equal texts have equal ones under any


@dataclass(slots=True)
class Sighted:
    """Rows of one kind: how many, and the numbers of the first."""

    count: int = 0
    first: list[int] = field(default_factory=list)

    def see(self, row: int) -> None:
        """Count a row."""
        self.count += 1
        if len(self.first) < QUOTED:
            self.first.append(row)


@dataclass(frozen=True, slots=True)
class Scan:
    """What is kept of N rows.

    Args:
        ranks: equal for texts that are equal but for case, punctuation and markup, (N,).
        lengths: tokens, (N,); 0 for an empty text.
        classes: index of the class, (N,); -1 without one.
        signed: rows whose text is long enough to look for near-duplicates, (M,).
        signatures: their hashes, (M, 32).
        strange: kind of characters that are no text: where they stand.
        scripts: script: where it is that of most letters.
        letters: Number of letters per script.
    """

    ranks: NDArray[np.uint64]
    lengths: NDArray[np.int64]
    classes: NDArray[np.int64]
    signed: NDArray[np.int64]
    signatures: NDArray[np.uint32]
    strange: dict[str, Sighted]
    scripts: dict[str, Sighted]
    letters: Counter[str]


def scan(
    source: Source,
    text: str,
    label: str | None,
    classes: dict[str, int],
    *,
    advance: Callable[[int], None],
) -> Scan:
    """Read every text once.

    Args:
        source: where the reviews are.
        text: column of the review.
        label: column of the label; None where there is none.
        classes: value of the label: index of its class.
        advance: told how many rows were read since the last call.

    Raises:
        DataError: the source cannot be read.
    """
    ranks, lengths, targets = array("Q"), array("I"), array("b")
    signatures = Signatures()
    strange: defaultdict[str, Sighted] = defaultdict(Sighted)
    scripts: defaultdict[str, Sighted] = defaultdict(Sighted)
    letters: Counter[str] = Counter()
    for number, row in enumerate(told(source.rows(), advance)):
        content = row.values[text]
        words = plain_words(content)
        ranks.append(text_hash(content))
        lengths.append(len(words))
        targets.append(-1 if label is None else classes.get(row.values[label], -1))
        signatures.add(number, words)
        for kind in strange_kinds(content):
            strange[kind].see(number)
        if own := script_letters(content):
            letters.update(own)
            scripts[own.most_common(1)[0][0]].see(number)
    signed, hashes = signatures.all()
    return Scan(
        np.array(ranks, dtype=np.uint64),
        np.array(lengths, dtype=np.int64),
        np.array(targets, dtype=np.int64),
        signed,
        hashes,
        dict(strange),
        dict(scripts),
        letters,
    )


def ranks_of(source: Source, text: str, *, advance: Callable[[int], None]) -> NDArray[np.uint64]:
    """Return the rank of each text of a source, (N,), by which equal ones are found.

    Raises:
        DataError: the source cannot be read.
    """
    ranks = (text_hash(row.values[text]) for row in told(source.rows(), advance))
    return np.fromiter(ranks, dtype=np.uint64)
