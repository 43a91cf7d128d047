"""Readers of reviews: ``open_source`` returns a ``Source``, which yields ``Row``s."""

from __future__ import annotations

from sentiment_cli.reviews.sources.columns import require_columns
from sentiment_cli.reviews.sources.opening import open_source
from sentiment_cli.reviews.sources.source import (
    FIELD_LIMIT,
    OnBadRows,
    ReadOptions,
    Row,
    Skipped,
    Source,
)

__all__ = [
    "FIELD_LIMIT",
    "OnBadRows",
    "ReadOptions",
    "Row",
    "Skipped",
    "Source",
    "open_source",
    "require_columns",
]
