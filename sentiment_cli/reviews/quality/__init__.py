"""What a source of reviews is like, before anybody trains on it.

``read_columns`` chooses the columns of the text and the label. ``inspect_reviews`` also looks at
every text, in the same pass over the rows. It reads the source again only up to the last row that
it quotes. Memory for a million reviews: about 150 bytes each, and 100 MB.
"""

from __future__ import annotations

from sentiment_cli.reviews.quality.columns import Column, Columns, read_columns
from sentiment_cli.reviews.quality.inspection import inspect_reviews
from sentiment_cli.reviews.quality.record import Example, Finding, Inspection, Repeats

__all__ = [
    "Column",
    "Columns",
    "Example",
    "Finding",
    "Inspection",
    "Repeats",
    "inspect_reviews",
    "read_columns",
]
