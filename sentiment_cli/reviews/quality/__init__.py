"""What a source of reviews is like, before a minute of training is spent on it.

Two passes over the rows: ``read_columns`` tells which columns hold the text and the label,
``inspect_reviews`` what is in them. A third, short one fetches the rows that are quoted. Of each
row only numbers are kept, about 150 bytes, so that a million rows fit any laptop.
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
