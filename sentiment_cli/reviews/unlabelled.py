"""Reviews that teach without a label."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.corpus import Review, opened
from sentiment_cli.reviews.sources import require_columns
from sentiment_cli.reviews.split import Part, rank

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.sources import Source


class Unlabelled:
    """The reviews of `data.unlabelled` but for those that steer or test.

    Reviews are told apart as the split does it, so that neither case nor marks nor markup hide a
    test review. Texts are not kept: each pass reads the source again.

    Args:
        source: of the reviews; its labels, if it has any, are not read.
        corpus: the labelled reviews.
        text: column of the review.
    """

    def __init__(self, source: Source, corpus: Corpus, *, text: str) -> None:
        self._source = source
        self._text = text
        self._held = np.unique(
            np.fromiter(
                (
                    rank(review.text, 0)
                    for part in (Part.VALIDATION, Part.TEST)
                    for review in corpus.reviews(part)
                ),
                dtype=np.uint64,
            )
        )
        self.kept = 0
        """Reviews that the last pass yielded."""
        self.left_out = 0
        """Reviews that the last pass left out, as they stand in validation or test."""

    @property
    def skipped(self) -> int:
        """Broken rows that the last pass left out."""
        return self._source.skipped.count

    @property
    def notes(self) -> list[str]:
        """Sentences about how the source was read in the last pass."""
        return [f"{self._source.name}: {note}" for note in self._source.notes]

    def reviews(self) -> Iterator[Review]:
        """Yield the reviews in the source's order; their label is -1.

        Raises:
            DataError: the source cannot be read, or not one review is left of it.
        """
        self.kept = self.left_out = 0
        for row in self._source.rows():
            text = row.values[self._text]
            if self._is_held(rank(text, 0)):
                self.left_out += 1
            else:
                self.kept += 1
                yield Review(text, -1, row)
        if not self.kept:
            raise DataError(
                f"{self._source.name} (data.unlabelled) holds no review that does not stand in "
                "validation or test",
                hint="name other reviews, or leave data.unlabelled out",
            )

    def _is_held(self, key: int) -> bool:
        place = int(np.searchsorted(self._held, np.uint64(key)))
        return place < len(self._held) and int(self._held[place]) == key


def unlabelled_source(data: DataConfig) -> Source | None:
    """Open `data.unlabelled`; None where it is unset.

    Raises:
        DataError: it is missing, empty, damaged, of no known kind, or lacks the text column.
        EnvironmentFault: the system or the network refuses it.
    """
    if data.unlabelled is None:
        return None
    source = opened(data, data.unlabelled)
    require_columns(source, data.text_column, None)
    return source
