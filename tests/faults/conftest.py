"""A folder to be filled, killed over, and read back, some hundreds of times a test."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture
def disk() -> Iterator[Path]:
    """An empty folder, in a file system in memory where there is one.

    A killed process takes nothing with it that it has written, so a disk would show no more, at
    several times the time. A loss of power is another test's matter.
    """
    memory = Path("/dev/shm")
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)
