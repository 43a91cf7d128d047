"""Reviews from standard input, kept in a temporary file so that they can be read again."""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import weakref
from dataclasses import replace
from pathlib import Path

from sentiment_cli import transient
from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources.delimited import delimited_source
from sentiment_cli.reviews.sources.files import File, open_text
from sentiment_cli.reviews.sources.json_files import json_source
from sentiment_cli.reviews.sources.source import OnBadRows, Source


def stdin_source(encoding: str | None, on_bad_rows: OnBadRows) -> Source:
    """Standard input to its end: JSON if the first line opens an object or a list, else csv.

    The temporary file goes when the source does.

    Raises:
        DataError: nothing comes, or it is no csv and no JSON.
        EnvironmentFault: there is no room for the temporary file.
    """
    path = _spooled()
    try:
        file = File(path, "stdin", encoding)
        with open_text(file) as text:
            is_json = text.read(4096).lstrip().startswith(("{", "["))
        source = (json_source if is_json else delimited_source)(file, on_bad_rows)
        source = replace(source, name="-")
    except BaseException:
        transient.remove(path)
        raise
    weakref.finalize(source, transient.remove, path)
    return source


def _spooled() -> Path:
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
