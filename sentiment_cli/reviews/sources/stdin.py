"""Reviews from standard input, kept in a temporary file so that they can be read again."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from sentiment_cli import transient
from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources.files import File
from sentiment_cli.reviews.sources.source import ReadOptions, Source


def spooled(options: ReadOptions, reader: Callable[[File], Source]) -> Source:
    """Return standard input, to its end, as a source.

    The temporary file is deleted when the source is.

    Args:
        options: How it is read.
        reader: Makes a source of the temporary file.

    Raises:
        DataError: nothing comes, or the reader refuses it.
        EnvironmentFault: there is no room for the temporary file.
    """
    path = _copy()
    try:
        source = replace(reader(File(path, "stdin", options)), name="-")
    except BaseException:
        transient.remove(path)
        raise
    weakref.finalize(source, transient.remove, path)
    return source


def _copy() -> Path:
    if sys.stdin is None or sys.stdin.closed:
        raise DataError("-: there is no standard input", hint="name a file of reviews")
    handle, name = tempfile.mkstemp(prefix="sentiment-stdin-")
    path = transient.add(Path(name))
    try:
        with os.fdopen(handle, "wb") as spool:
            shutil.copyfileobj(sys.stdin.buffer, spool)
    except OSError as fault:
        transient.remove(path)
        raise EnvironmentFault(
            f"-: cannot keep standard input in {name}: {fault.strerror or fault}",
            hint="TMPDIR names a folder with more room",
        ) from fault
    return path
