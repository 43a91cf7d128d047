"""A stream of reviews in batches that neither hold an answer back nor waste a kernel."""

from __future__ import annotations

import json
import queue
import threading
import time
from typing import TYPE_CHECKING, BinaryIO

from sentiment_cli.errors import DataError

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

BATCH = 1024
PATIENCE = 0.05
"""Seconds that a batch waits to be filled."""


def batches(texts: Iterable[str], *, size: int = BATCH) -> Iterator[list[str]]:
    """Yield lists of texts, in order: full ones where texts are plenty, what is there otherwise.

    A text waits at most `PATIENCE` for others. At most two batches are read ahead. An error of
    `texts` is raised here, after all that came before it was yielded.
    """
    ahead: queue.Queue[str | BaseException | None] = queue.Queue(maxsize=2 * size)

    def read() -> None:
        try:
            for text in texts:
                ahead.put(text)
            ahead.put(None)
        except BaseException as fault:
            ahead.put(fault)

    threading.Thread(target=read, daemon=True).start()
    end: BaseException | None = None
    open_ = True
    while open_:
        batch: list[str] = []
        deadline = None
        while len(batch) < size:
            try:
                item = ahead.get(timeout=deadline and max(0.0, deadline - time.monotonic()))
            except queue.Empty:
                break
            if not isinstance(item, str):
                end, open_ = item, False
                break
            batch.append(item)
            deadline = deadline or time.monotonic() + PATIENCE
        if batch:
            yield batch
    if end is not None:
        raise end


def texts_of_lines(file: BinaryIO) -> Iterator[str]:
    """Yield the reviews of a stream: one a line, or the `text` of JSON lines.

    The first line decides: one that begins with `{` and is a JSON object with a `text`. Bytes that
    are no UTF-8 are read as U+FFFD, so that one bad review costs no other its answer.

    Raises:
        DataError: a line among JSON lines is none.
    """
    as_json = False
    for number, raw in enumerate(iter(file.readline, b""), start=1):
        line = raw.decode("utf-8-sig" if number == 1 else "utf-8", "replace").rstrip("\r\n")
        if number == 1:
            as_json = _text_field(line) is not None
        if not as_json:
            yield line
            continue
        text = _text_field(line)
        if text is None:
            raise DataError(
                f"stdin:{number}: no JSON object with a `text`: {line[:80]!r}",
                hint='each line must be like {"text": "the review"}, as the first one is',
            )
        yield text


def _text_field(line: str) -> str | None:
    if not line.startswith("{"):
        return None
    try:
        content = json.loads(line)
    except (ValueError, RecursionError):
        return None
    text = content.get("text") if isinstance(content, dict) else None
    return text if isinstance(text, str) else None
