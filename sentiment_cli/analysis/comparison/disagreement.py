"""The test reviews on which networks are least of one mind."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.reviews.rows import changed
from sentiment_cli.reviews.split import Part

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.comparison.entry import Entry
    from sentiment_cli.reviews.corpus import Corpus

_MOST = 8


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One review, and how probable each network finds its true class.

    Args:
        text: as it stands in the source.
        label: its true class.
        probabilities: of the true class, by name of the network; the mean of its seeds.
    """

    text: str
    label: str
    probabilities: dict[str, float]


def disagreements(entries: Sequence[Entry], corpus: Corpus) -> list[Disagreement]:
    """Return the reviews on which two networks are furthest apart, the furthest first.

    Raises:
        DataError: the source no longer holds the reviews that were measured.
    """
    networks = [entry for entry in entries if entry.kind == "network"]
    if len(networks) < 2:
        return []
    labels = networks[0].scores[0].labels
    each = np.arange(len(labels))
    true = np.stack(
        [
            np.mean([scores.probabilities[each, labels] for scores in entry.scores], axis=0)
            for entry in networks
        ]
    )  # (networks, N)
    apart = true.max(axis=0) - true.min(axis=0)
    chosen = np.argsort(-apart, kind="stable")[:_MOST].tolist()
    if not np.array_equal(
        corpus.rows.hashes[corpus.members(Part.TEST)], networks[0].scores[0].hashes
    ):
        raise changed(corpus.name)
    reviews = corpus.reviews(Part.TEST)
    texts = {at: review.text for at, review in enumerate(reviews) if at in chosen}
    names = [entry.name for entry in networks]
    return [
        Disagreement(
            texts[at],
            corpus.labels.classes[labels[at]],
            dict(zip(names, true[:, at].tolist(), strict=True)),
        )
        for at in chosen
    ]
