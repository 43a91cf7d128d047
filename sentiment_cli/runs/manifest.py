"""The manifest: the names, sizes and hashes of the files that a folder must hold.

It has one canonical form, and a seal over itself, so that no byte of it can change unseen, not
even in the entry of a file that is not being read. It proves that nothing changed by accident; it
does not prove who wrote it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from sentiment_cli import __version__
from sentiment_cli.errors import ModelError

MANIFEST = "manifest.json"

FORMAT = 1
"""Number of the run folder's format."""

NEEDS = "0.1.0"
"""The first version of this program that reads the format."""

LARGEST_TEXT = 2**27
"""Bytes that a covered file may have, unless it holds weights."""

LARGEST_WEIGHTS = 2**34
"""Bytes that a `.safetensors` file may have."""

DAMAGED_HINT = "copy it again from where it came, or train it anew"

_LAST_FORMAT = 999_999  # larger numbers are no format of any version
_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,99}")
_HASH = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"[0-9]{1,5}(\.[0-9]{1,5}){0,3}")


class Entry(NamedTuple):
    """What the manifest says of one file: its size in bytes and its SHA-256 in hexadecimal."""

    size: int
    sha256: str


def encode(files: Mapping[str, bytes]) -> bytes:
    """The manifest of `files` (name to content).

    Raises:
        ValueError: a file has a name or a size that no reader would accept.
    """
    entries = {
        name: Entry(len(data), hashlib.sha256(data).hexdigest()) for name, data in files.items()
    }
    for name, entry in entries.items():
        if not _lawful(name, entry._asdict()):
            raise ValueError(f"{name!r} of {entry.size} bytes cannot stand in a manifest")
    return _canonical(entries)


def parse(data: bytes, where: Path) -> dict[str, Entry]:
    """The entries of the manifest `data`, by file name. `where` is named in the messages.

    Raises:
        ModelError: `data` differs by any byte from what `encode` writes, or is of a newer format.
    """
    damaged = ModelError(f"{where} is damaged: it is not as it was written", hint=DAMAGED_HINT)
    try:
        raw = json.loads(data)
    except (ValueError, RecursionError):
        raise damaged from None
    if not isinstance(raw, dict) or type(raw.get("format")) is not int:
        raise damaged
    if FORMAT < raw["format"] <= _LAST_FORMAT:
        raise _newer(where, raw["format"], raw.get("needs"))
    files = raw.get("files")
    if not isinstance(files, dict) or not all(_lawful(*item) for item in files.items()):
        raise damaged
    entries = {name: Entry(**entry) for name, entry in files.items()}
    if _canonical(entries) != data:
        raise damaged
    return entries


def _canonical(entries: Mapping[str, Entry]) -> bytes:
    """The one way in which `entries` are written."""
    files = {name: entry._asdict() for name, entry in entries.items()}
    body = {"files": files, "format": FORMAT, "needs": NEEDS}
    seal = hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
    return json.dumps({**body, "seal": seal}, sort_keys=True, indent=2).encode() + b"\n"


def _lawful(name: str, entry: object) -> bool:
    """Whether a file of this name and entry may stand in a manifest."""
    if not _NAME.fullmatch(name) or name == MANIFEST:
        return False
    if not isinstance(entry, dict) or entry.keys() != {"size", "sha256"}:
        return False
    size, sha256 = entry["size"], entry["sha256"]
    largest = LARGEST_WEIGHTS if name.endswith(".safetensors") else LARGEST_TEXT
    return (
        type(size) is int
        and 0 <= size <= largest
        and isinstance(sha256, str)
        and _HASH.fullmatch(sha256) is not None
    )


def _newer(where: Path, number: int, needs: object) -> ModelError:
    """The refusal of a manifest of a format that this version does not know."""
    known = isinstance(needs, str) and _VERSION.fullmatch(needs)
    version = f"{needs} or newer" if known else "a newer version"
    return ModelError(
        f"{where} is of format {number}, and sentiment-cli {__version__} reads format {FORMAT}",
        hint=f"it takes sentiment-cli {version}: pip install --upgrade sentiment-cli",
    )
