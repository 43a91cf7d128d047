"""Which reviews teach, which steer, and which are kept for the test.

Within each class, groups of equal reviews are ranked by a hash of seed and text. The first share is
test, the next validation, the rest training. So the order of the rows never matters, a duplicate
never stands on two sides, and new rows move only the groups that lie at a border.
"""

from __future__ import annotations

import re
from enum import IntEnum
from hashlib import blake2b, sha256
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

FEWEST_REVIEWS = 10
"""A class needs so many reviews to be split into three parts."""

_MARKUP = re.compile(r"<[^<>]{0,100}>")
_NO_WORD = re.compile(r"[\W_]+")
_GAMMA = 0x9E3779B97F4A7C15
_ASCII_NO_WORD = bytes(code for code in range(128) if not chr(code).isalnum())


class Part(IntEnum):
    """What a review is for."""

    TRAINING = 0
    VALIDATION = 1
    TEST = 2
    UNUSED = 3


def text_hash(text: str) -> int:
    """Return a 64-bit hash of a review.

    Reviews that are equal once case, punctuation and markup are gone have the same hash. All marks
    of a review without any letter or digit (`:-)`) count.
    """
    plain = _MARKUP.sub("", text) if "<" in text else text
    if plain.isascii():  # ten times as fast, and the same
        words = plain.encode().lower().translate(None, _ASCII_NO_WORD)
    else:
        words = _NO_WORD.sub("", plain).casefold().encode("utf-8", "surrogatepass")
    digest = blake2b(
        words or text.strip().encode("utf-8", "surrogatepass"), digest_size=8, key=bytes(8)
    )
    return int.from_bytes(digest.digest(), "little")


def split_ranks(hashes: NDArray[np.uint64], seed: int) -> NDArray[np.uint64]:
    """Return the numbers by which reviews are ordered before the split, (N,).

    Seed 0 orders them by their hashes, another seed by hashes of these (SplitMix64: Steele, Lea and
    Flood 2014).

    Args:
        hashes: Hash of each review, as `text_hash` returns it, (N,).
        seed: Seed of the split.
    """
    if not seed:
        return hashes
    mixed = hashes + np.uint64(seed * _GAMMA % 2**64)
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(31))


def set_hash(hashes: NDArray[np.uint64]) -> str:
    """Return a hash of reviews as a set, whatever their order.

    Args:
        hashes: Hash of each review, (N,).
    """
    return sha256(np.sort(hashes).astype("<u8").tobytes()).hexdigest()[:32]


def assign_parts(
    ranks: NDArray[np.uint64],
    labels: NDArray[np.int64],
    *,
    classes: Sequence[str],
    test_fraction: float,
    validation_fraction: float,
    limit: int | None = None,
) -> NDArray[np.uint8]:
    """Return the part of each review.

    Args:
        ranks: what `split_ranks` returned, (N,).
        labels: index into `classes`, shape (N,).
        classes: the classes' names.
        test_fraction: share of each class's reviews kept for the test; 0 keeps none.
        validation_fraction: share of each class's reviews for validation; 0 keeps none.
        limit: at most so many training reviews, in the classes' proportions; those of a smaller
            limit are among those of a larger one.

    Raises:
        DataError: a class has too few different reviews for its parts.
    """
    groups, member, sizes = np.unique(ranks, return_inverse=True, return_counts=True)
    num_classes = len(classes)
    votes = np.bincount(member * num_classes + labels, minlength=len(groups) * num_classes)
    group_class = votes.reshape(-1, num_classes).argmax(axis=1)

    group_part = np.full(len(groups), Part.TRAINING, dtype=np.uint8)
    for index, name in enumerate(classes):
        own = np.flatnonzero(group_class == index)
        _require_enough(name, int(sizes[own].sum()), len(own), test_fraction, validation_fraction)
        middle = np.cumsum(sizes[own]) - sizes[own] / 2
        test_end = _share(test_fraction, sizes[own].sum())
        validation_end = test_end + _share(validation_fraction, sizes[own].sum())
        group_part[own[middle < validation_end]] = Part.VALIDATION
        group_part[own[middle < test_end]] = Part.TEST
        if test_end and group_part[own[0]] != Part.TEST:  # a first group larger than its share
            group_part[own[0]] = Part.TEST
        if validation_end > test_end and not (group_part[own] == Part.VALIDATION).any():
            group_part[own[np.argmax(group_part[own] == Part.TRAINING)]] = Part.VALIDATION

    parts = group_part[member]
    if limit is not None:
        _apply_limit(parts, ranks, labels, limit)
    return parts


def _share(fraction: float, reviews: int) -> int:
    return max(1, round(fraction * reviews)) if fraction else 0


def _require_enough(
    name: str, reviews: int, different: int, test_fraction: float, validation_fraction: float
) -> None:
    parts = 1 + bool(test_fraction) + bool(validation_fraction)
    if (parts == 1 or reviews >= FEWEST_REVIEWS) and different >= parts:
        return
    needed = FEWEST_REVIEWS if parts > 1 else 1
    raise DataError(
        f"too few reviews of the class {name!r} to split into training, validation and test: "
        f"{reviews}, {different} of them different",
        hint=f"each class needs at least {needed} reviews; add reviews, or leave the class out "
        "with data.label_map",
    )


def _apply_limit(
    parts: NDArray[np.uint8], ranks: NDArray[np.uint64], labels: NDArray[np.int64], limit: int
) -> None:
    """Leave the training reviews of highest rank, each class in proportion."""
    training = np.flatnonzero(parts == Part.TRAINING)
    position = np.empty(len(training))  # where a review stands in its class, in (0, 1)
    for label in np.unique(labels[training]):
        own = np.flatnonzero(labels[training] == label)
        order = own[np.argsort(ranks[training[own]], kind="stable")[::-1]]
        position[order] = (np.arange(len(own)) + 0.5) / len(own)
    parts[training[np.argsort(position, kind="stable")[limit:]]] = Part.UNUSED
