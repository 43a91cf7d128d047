"""The standard streams, so that no one who stopped listening ends work that is worth keeping."""

from __future__ import annotations

import io
import os
import sys


def settle() -> None:
    """Make the standard streams fit for hours of work.

    One that was closed becomes the null device, before a file takes its number. What a terminal
    cannot show is spelled out. Notes that stderr does not take, as a full disk or a terminal that
    is gone, are lost, and nothing else is.
    """
    for name in ("stdin", "stdout", "stderr"):
        if getattr(sys, name) is None:
            descriptor = os.open(os.devnull, os.O_RDWR)  # the lowest free number: its own
            if name != "stdin":  # who would read from it is told that there is none
                setattr(sys, name, os.fdopen(descriptor, "w"))
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.flush()
        sys.stderr = io.TextIOWrapper(
            io.BufferedWriter(_Heard(sys.stderr.fileno(), "w", closefd=False)),
            encoding=sys.stderr.encoding,
            errors="backslashreplace",
            line_buffering=True,
        )


class _Heard(io.FileIO):
    """A file that takes all that is written, whether or not it arrives."""

    def write(self, data: object, /) -> int:
        size = memoryview(data).nbytes  # type: ignore[arg-type]
        try:
            return super().write(data) or size  # type: ignore[arg-type]
        except OSError:
            return size
