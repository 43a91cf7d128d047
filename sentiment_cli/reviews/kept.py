"""Pieces of work in the cache folder, used again only if they are as they were written.

A cache that cannot be written or read costs time, never the work.
"""

from __future__ import annotations

from contextlib import suppress
from hashlib import sha256
from typing import TYPE_CHECKING

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.durable import replace_file

if TYPE_CHECKING:
    from pathlib import Path

_HASH = 32  # bytes of a SHA-256, before the content


def keep(path: Path, content: bytes) -> None:
    """Write a piece of work, if the disk lets us."""
    with suppress(EnvironmentFault, OSError):
        path.parent.mkdir(parents=True, exist_ok=True)
        replace_file(path, sha256(content).digest() + content)


def kept(path: Path) -> bytes | None:
    """Return what `keep` wrote; None if it is not there, or damaged."""
    with suppress(OSError):
        written = path.read_bytes()
        if sha256(memoryview(written)[_HASH:]).digest() == written[:_HASH]:
            return written[_HASH:]
    return None
