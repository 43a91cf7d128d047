"""Inspect a source of reviews: from the numbers of its rows to findings with examples."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.quality.characters import STRANGE
from sentiment_cli.reviews.quality.classes import counted, meaning_of
from sentiment_cli.reviews.quality.columns import read_columns
from sentiment_cli.reviews.quality.groups import Groups
from sentiment_cli.reviews.quality.near import near_groups
from sentiment_cli.reviews.quality.record import (
    CUTS,
    PERCENTILES,
    QUOTED,
    Cut,
    Example,
    Finding,
    Inspection,
    Lengths,
    Overlap,
    Repeats,
)
from sentiment_cli.reviews.quality.scan import scan, text_hashes
from sentiment_cli.reviews.sources import Skipped, require_columns
from sentiment_cli.reviews.tokenizer import plain_words

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from numpy.typing import NDArray

    from sentiment_cli.reviews.sources import Source

_MEMBERS = 5  # rows quoted per group


def inspect_reviews(
    source: Source,
    *,
    text: str | None = None,
    label: str | None = None,
    test: Source | None = None,
    advance: Callable[[int], None],
) -> Inspection:
    """Look at every text of a source.

    Args:
        source: the reviews.
        text: Name of the text column, if it is known.
        label: Name of the label column, if it is known.
        test: test reviews, which are looked for in `source`.
        advance: told how many rows were read since the last call.

    Raises:
        DataError: a source cannot be read, or `test` lacks the text column.
    """
    choose = partial(read_columns, text=text, label=label)
    columns, found = scan(source, choose, advance=advance)
    text, label = columns.text.name, columns.label.name if columns.label else None
    if test is not None:
        require_columns(test, text, None, like=source.name)
    meaning = meaning_of(source, columns)
    indexes = meaning.indexes()
    classes = np.array([indexes.get(value, -1) for value in found.values])[found.labels]  # (N,)
    lengths, is_long, signatures = found.signed

    rows = np.flatnonzero(lengths)
    equal = Groups.of(found.hashes[rows], rows)
    labelled = rows[classes[rows] >= 0]
    equal_labelled = Groups.of(found.hashes[labelled], labelled)
    groups = {
        "duplicates": equal.repeated(),
        "near_duplicates": _near(np.flatnonzero(is_long), signatures, equal),
        "conflicts": equal_labelled.mixed(classes),
    }
    shown = {name: group.earliest(QUOTED) for name, group in groups.items()}
    shown["conflicts"] = [_one_a_class(group, classes) for group in shown["conflicts"]]
    letters = found.letters.most_common()
    majority = [*found.letters].index(letters[0][0]) if letters else -1
    single = {
        "empty": np.flatnonzero(lengths == 0),
        "other_scripts": np.flatnonzero((found.scripts >= 0) & (found.scripts != majority)),
        **dict(zip(STRANGE, map(np.flatnonzero, found.strange), strict=True)),
    }
    wanted = {row for own in single.values() for row in own[:QUOTED].tolist()}
    wanted -= found.quoted.keys()
    wanted |= {row for kind in shown.values() for group in kind for row in group[:2]}
    last = max(wanted, default=-1)  # further members are quoted if that takes no more reading
    shown = {
        name: [[row for row in group[:_MEMBERS] if row <= last] for group in kind]
        for name, kind in shown.items()
    }
    wanted |= {row for kind in shown.values() for group in kind for row in group}
    quoted = found.quoted | _quoted(source, text, label, wanted)
    repeats = {
        name: Repeats(
            len(group.starts),
            len(group.rows),
            [[quoted[row] for row in rows] for rows in shown[name]],
        )
        for name, group in groups.items()
    }
    findings = {name: _finding(own, quoted) for name, own in single.items()}
    return Inspection(
        source=source.name,
        notes=source.notes,
        columns=columns,
        classes=counted(meaning, classes, equal_labelled.votes(classes, len(meaning.names))),
        lengths=_lengths(lengths),
        cuts=[_cut(lengths, most) for most in CUTS],
        **repeats,
        empty=findings["empty"],
        characters={kind: findings[kind] for kind in STRANGE},
        scripts={name: count / found.letters.total() for name, count in letters},
        other_scripts=findings["other_scripts"],
        sample_tokens=plain_words(columns.text.sample),
        test=None if test is None else _overlap(test, text, found.hashes, advance),
    )


def _near(rows: NDArray[np.int64], signatures: NDArray[np.uint32], equal: Groups) -> Groups:
    """Return the groups of near-duplicates among different texts.

    Args:
        rows: the rows that have signatures, (M,).
        signatures: (M, 32).
        equal: the groups of equal texts.
    """
    first = np.isin(rows, equal.firsts, assume_unique=True)
    return Groups.of(near_groups(signatures[first]), rows[first]).repeated()


def _one_a_class(rows: list[int], classes: NDArray[np.int64]) -> list[int]:
    """The first row of each class."""
    return sorted({classes[row]: row for row in reversed(rows)}.values())


def _finding(rows: NDArray[np.int64], quoted: Mapping[int, Example]) -> Finding:
    return Finding(len(rows), [quoted[row] for row in rows[:QUOTED].tolist()])


def _lengths(lengths: NDArray[np.int64]) -> Lengths:
    at = np.percentile(lengths, PERCENTILES, method="higher")
    return Lengths(
        round(float(lengths.mean()), 1),
        dict(zip(PERCENTILES, at.astype(int).tolist(), strict=True)),
        int(lengths.max()),
    )


def _cut(lengths: NDArray[np.int64], most: int) -> Cut:
    lost = np.maximum(lengths - most, 0)
    return Cut(most, float((lost > 0).mean()), float(lost.sum() / max(1, lengths.sum())))


def _overlap(
    test: Source, text: str, known: NDArray[np.uint64], advance: Callable[[int], None]
) -> Overlap:
    """Return the rows of `test` whose text has one of the known hashes."""
    hashes = text_hashes(test, text, advance=advance)
    broken = test.skipped.count
    rows = np.flatnonzero(np.isin(hashes, known))
    quoted = _quoted(test, text, None, {*rows[:QUOTED].tolist()})
    return Overlap(test.name, len(hashes), broken, _finding(rows, quoted))


def _quoted(source: Source, text: str, label: str | None, wanted: set[int]) -> dict[int, Example]:
    """Read the wanted rows again, by number.

    Raises:
        DataError: the source has changed and no longer holds them.
    """
    quoted: dict[int, Example] = {}
    last = max(wanted, default=-1)
    rows = source.read(Skipped(source.on_bad_rows))  # `source.skipped` is that of the whole pass
    for number, row in zip(range(last + 1), rows, strict=False):
        if number in wanted:
            quoted[number] = Example.of(row, text, label)
    if len(quoted) < len(wanted):
        raise DataError(
            f"{source.name} changed while it was read",
            hint="run the command again once nothing writes to it",
        )
    return quoted
