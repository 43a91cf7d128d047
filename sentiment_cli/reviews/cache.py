"""The cache: work that can be repeated, in one folder per content of the sources.

    CACHE/1f0e.../           all that was made from the same reviews
        source               what the sources were called
        rows-83b2.../        read, labelled and hashed
        tokens-5c11.../      split and tokenised
        ngrams-..., vectors-..., linear-...

A stage's folder is named by a hash of all that the stage depends on: settings, our code and the
versions of the libraries. It is used only if every file in it is as it was written. It holds no
texts.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import cache
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import sentiment_cli
from sentiment_cli import transient
from sentiment_cli.errors import EnvironmentFault, SentimentError
from sentiment_cli.reviews.sources.files import File

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

MAX_BYTES = 10 * 2**30
"""The cache is kept below this size: what was not used for longest is removed first."""

_HASHES = "hashes.json"
_SOURCE = "source"
_CONTENT = re.compile("[0-9a-f]{32}")
_IN_USE = 3600  # seconds for which a folder that was used is not removed
_PACKAGES = ("config", "network", "reviews", "training")
_LIBRARIES = ("numpy", "scipy", "scikit-learn", "tokenizers")


class CachedContent(NamedTuple):
    """What the cache holds of some sources.

    Args:
        folder: Folder in the cache.
        source: Name of the sources, as they were given.
        size: Bytes of all files.
        used: Time of the last use, in seconds since the epoch.
    """

    folder: Path
    source: str
    size: int
    used: float


def cache_folder() -> Path:
    """Return the folder of the cache; `SENTIMENT_CACHE` moves it."""
    if moved := os.environ.get("SENTIMENT_CACHE"):
        return Path(moved)
    from platformdirs import user_cache_path

    return user_cache_path("sentiment-cli")


def content_folder(content: str) -> Path:
    """Return the folder for all that is made from sources of this content."""
    return cache_folder() / content[:32]


def stage_folder(folder: Path, stage: str, made_by: Any) -> Path:
    """Return the folder of a stage.

    Args:
        folder: Folder of the content of the sources.
        stage: Name of the stage.
        made_by: All that it depends on beside the content, our code and the libraries, as JSON.
    """
    told = json.dumps([made_by, code_version(_PACKAGES), _library_versions()], sort_keys=True)
    return folder / f"{stage}-{sha256(told.encode()).hexdigest()[:16]}"


def cached_stage(
    folder: Path,
    names: Sequence[str],
    write: Callable[[Path], None],
    *,
    source: str = "",
    again: bool = False,
) -> None:
    """Have `write` write the files of a stage, unless they are there as they were written.

    Args:
        folder: Folder of the stage, as `stage_folder` returns it.
        names: Names of its files.
        write: Function that is called with another folder, which then becomes `folder`.
        source: Name of the sources, for the list of the cache; empty if another stage gave it.
        again: Whether to call `write` although they are there, for what else it does.

    Raises:
        EnvironmentFault: The folder cannot be written.
    """
    if not again and is_whole(folder, names):
        return
    try:
        folder.parent.mkdir(parents=True, exist_ok=True)
        if source:
            (folder.parent / _SOURCE).write_text(source, encoding="utf-8", errors="replace")
        staged = transient.add(Path(tempfile.mkdtemp(prefix=".staged-", dir=folder.parent)))
        try:
            write(staged)
            hashes = {
                name: {"sha256": value, "stamp": _stamp(staged / name)}
                for name, value in _hashes(staged, names).items()
            }
            (staged / _HASHES).write_text(json.dumps(hashes), encoding="utf-8")
            if not is_whole(folder, names):  # another process may read what is there
                if folder.exists():
                    folder.rename(staged / "replaced")
                with suppress(FileExistsError, NotADirectoryError):
                    staged.rename(folder)
                transient.remove(folder / "replaced")
        finally:
            transient.remove(staged)
    except OSError as fault:
        if is_whole(folder, names):  # by another process
            return
        raise EnvironmentFault(
            f"the cache {folder} cannot be written: {fault.strerror}",
            hint="free some space, or set SENTIMENT_CACHE to another folder",
        ) from fault
    _mark_used(folder.parent)
    _remove_oldest()


def is_whole(folder: Path, names: Sequence[str]) -> bool:
    """Return whether a stage's files are there, as they were written.

    A file that has not changed since is not hashed again. After a restart of the system all files
    are: a loss of power may have taken what was not yet on the disk.
    """
    try:
        written: dict[str, Any] = json.loads((folder / _HASHES).read_bytes())
        changed = [name for name in names if written[name]["stamp"] != _stamp(folder / name)]
        hashes = _hashes(folder, changed)
        whole = all(written[name]["sha256"] == hashes[name] for name in changed)
        if whole:
            _mark_used(folder.parent)
        return whole
    except (OSError, ValueError, TypeError, LookupError, RecursionError, SentimentError):
        return False


def cached_contents() -> list[CachedContent]:
    """Return what the cache holds, the content that was used last first."""
    found = []
    for folder in cache_folder().glob("*"):
        if _CONTENT.fullmatch(folder.name):  # nothing else there is ours
            source = ""
            with suppress(OSError):
                source = (folder / _SOURCE).read_text(encoding="utf-8", errors="replace")
            with suppress(OSError):  # another process may remove it
                used = folder.stat().st_mtime
                found.append(CachedContent(folder, source, _size(folder), used))
    return sorted(found, key=lambda content: -content.used)


def clear_cache() -> int:
    """Remove all that the cache holds; return how many bytes that were."""
    contents = cached_contents()
    for content in contents:
        transient.remove(content.folder)
    return sum(content.size for content in contents)


@cache
def code_version(packages: tuple[str, ...]) -> str:
    """Return a hash of the code of some of our packages and modules."""
    root = Path(sentiment_cli.__file__).parent
    files = [
        file
        for name in packages
        for file in ([root / name] if name.endswith(".py") else sorted((root / name).rglob("*.py")))
    ]
    return sha256(b"\0".join(file.read_bytes() for file in files)).hexdigest()


@cache
def _library_versions() -> dict[str, str]:
    return {name: version(name) for name in _LIBRARIES}


def _hashes(folder: Path, names: Sequence[str]) -> dict[str, str]:
    with ThreadPoolExecutor() as threads:  # hashlib lets other threads work
        hashes = threads.map(lambda name: File(folder / name, name).sha256(), names)
        return dict(zip(names, hashes, strict=True))


def _stamp(file: Path) -> list[Any] | float:
    """Return what differs once a file was changed or the system was restarted.

    The time of the last change of a file's entry (ctime) cannot be set. NaN, which equals nothing,
    if the system does not tell its starts apart.
    """
    told, found = _boot_id(), file.stat()
    if not told:
        return float("nan")
    return [told, found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns]


@cache
def _boot_id() -> str:
    """Return a text that is another one after each start of the system; empty if unknown."""
    with suppress(OSError):
        return Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
    return ""


def _mark_used(content: Path) -> None:
    with suppress(OSError):  # it may be read-only
        os.utime(content)


def _size(folder: Path) -> int:
    """Return the bytes of the files in a folder, which may change meanwhile."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with suppress(OSError):
                total += Path(place, name).stat().st_size
    return total


def _remove_oldest() -> None:
    """Remove what was not used for longest until the rest is small enough."""
    contents = cached_contents()
    total = sum(content.size for content in contents)
    for content in reversed(contents):
        if total <= MAX_BYTES or time.time() - content.used < _IN_USE:
            return
        transient.remove(content.folder)
        total -= content.size
