"""A source made of the bytes that a test writes."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sentiment_cli.reviews.sources import ReadOptions, Source, open_source

Make = Callable[..., Source]


@pytest.fixture
def make(tmp_path: Path) -> Make:
    """Write a file and open it: ``make("reviews.csv", "text,label\\n", on_bad_rows="skip")``."""

    def made(name: str, content: str | bytes, **options: Any) -> Source:
        data = content.encode() if isinstance(content, str) else content
        (tmp_path / name).write_bytes(data)
        return open_source(name, base=tmp_path, options=ReadOptions(**options))

    return made
