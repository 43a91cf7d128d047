"""From what the passes counted to what a person wants to know."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.quality.characters import CONTROL, PRIVATE, REPLACEMENT
from sentiment_cli.reviews.quality.classes import counted, meaning_of
from sentiment_cli.reviews.quality.groups import Groups
from sentiment_cli.reviews.quality.near import near_groups
from sentiment_cli.reviews.quality.record import (
    CUTS,
    PERCENTILES,
    Cut,
    Example,
    Finding,
    Inspection,
    Lengths,
    Overlap,
    Repeats,
)
from sentiment_cli.reviews.quality.scan import QUOTED, Scan, Sighted, ranks_of, scan
from sentiment_cli.reviews.sources import require_columns
from sentiment_cli.reviews.tokenizer import plain_words

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from numpy.typing import NDArray

    from sentiment_cli.reviews.quality.columns import Columns
    from sentiment_cli.reviews.sources import Source

_MEMBERS = 5  # rows quoted of a group
_LOOK = 200  # characters of a quoted text


def inspect_reviews(
    source: Source,
    columns: Columns,
    *,
    test: Source | None = None,
    advance: Callable[[int], None],
) -> Inspection:
    """Look at every text of a source.

    Args:
        source: where the reviews are.
        columns: what `read_columns` found in it.
        test: a source of test reviews, of which it is told how many stand in `source`.
        advance: told how many rows were read since the last call.

    Raises:
        DataError: a source cannot be read, or `test` lacks the column of the text.
    """
    if test is not None:
        require_columns(test, columns.text.name, None)
    text = columns.text.name
    label = None if columns.label is None else columns.label.name
    meaning = meaning_of(source, columns)
    found = scan(source, text, label, meaning.indexes(), advance=advance)

    rows = np.flatnonzero(found.lengths)
    equal = Groups.of(found.ranks[rows], rows)
    labelled = rows[found.classes[rows] >= 0]
    equal_labelled = Groups.of(found.ranks[labelled], labelled)
    groups = {
        "duplicates": equal.repeated(),
        "near_duplicates": _near(found, equal),
        "conflicts": equal_labelled.mixed(found.classes),
    }
    shown = {name: group.earliest(QUOTED) for name, group in groups.items()}
    shown["conflicts"] = [_one_a_class(group, found.classes) for group in shown["conflicts"]]
    letters = found.letters.total()
    scripts = {name: count / letters for name, count in found.letters.most_common()}
    kinds = {kind: found.strange.get(kind, Sighted()) for kind in (CONTROL, REPLACEMENT, PRIVATE)}
    single = {
        "empty": _empty(found.lengths),
        "other_scripts": _together([found.scripts.get(name, Sighted()) for name in [*scripts][1:]]),
        **kinds,
    }
    quoted = _quoted(
        source,
        text,
        label,
        {row for sighted in single.values() for row in sighted.first}
        | {row for kind in shown.values() for group in kind for row in group[:_MEMBERS]},
    )
    repeats = {
        name: Repeats(
            len(group.starts),
            len(group.rows),
            [[quoted[row] for row in members[:_MEMBERS]] for members in shown[name]],
        )
        for name, group in groups.items()
    }
    findings = {
        name: Finding(sighted.count, [quoted[row] for row in sighted.first])
        for name, sighted in single.items()
    }
    return Inspection(
        source=source.name,
        notes=source.notes,
        columns=columns,
        classes=counted(
            meaning, found.classes, equal_labelled.votes(found.classes, len(meaning.names))
        ),
        lengths=_lengths(found.lengths),
        cuts=[_cut(found.lengths, most) for most in CUTS],
        **repeats,
        empty=findings["empty"],
        characters={kind: findings[kind] for kind in kinds},
        scripts=scripts,
        other_scripts=findings["other_scripts"],
        sample_tokens=plain_words(columns.text.sample),
        test=None if test is None else _overlap(test, text, found.ranks, advance),
    )


def _near(found: Scan, equal: Groups) -> Groups:
    """The groups of near-duplicates among different texts."""
    first = np.isin(found.signed, equal.firsts, assume_unique=True)
    rows = found.signed[first]
    return Groups.of(near_groups(found.signatures[first]), rows).repeated()


def _one_a_class(rows: list[int], classes: NDArray[np.int64]) -> list[int]:
    """The first row of each class."""
    return sorted({classes[row]: row for row in reversed(rows)}.values())


def _empty(lengths: NDArray[np.int64]) -> Sighted:
    rows = np.flatnonzero(lengths == 0)
    return Sighted(len(rows), rows[:QUOTED].tolist())


def _together(kinds: Iterable[Sighted]) -> Sighted:
    """Rows of several kinds as one kind."""
    kinds = list(kinds)
    first = sorted(row for sighted in kinds for row in sighted.first)
    return Sighted(sum(sighted.count for sighted in kinds), first[:QUOTED])


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
    """The rows of `test` whose text has one of the known ranks."""
    ranks = ranks_of(test, text, advance=advance)
    broken = test.skipped.count
    rows = np.flatnonzero(np.isin(ranks, known))
    first = rows[:QUOTED].tolist()
    quoted = _quoted(test, text, None, set(first))
    found = Finding(len(rows), [quoted[row] for row in first])
    return Overlap(test.name, len(ranks), broken, found)


def _quoted(source: Source, text: str, label: str | None, wanted: set[int]) -> dict[int, Example]:
    """Read the wanted rows again, by number.

    Raises:
        DataError: the source has changed and no longer holds them.
    """
    quoted: dict[int, Example] = {}
    last = max(wanted, default=-1)
    for number, row in zip(range(last + 1), source.rows(), strict=False):
        if number in wanted:
            value = None if label is None else row.values[label]
            quoted[number] = Example(row.place, value, row.values[text][:_LOOK])
    if len(quoted) < len(wanted):
        raise DataError(
            f"{source.name} changed while it was read",
            hint="run the command again once nothing writes to it",
        )
    return quoted
