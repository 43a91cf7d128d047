"""What a signal does to work that is under way."""

from __future__ import annotations

import signal
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import FrameType


class StopSignals:
    """SIGINT and SIGTERM ask for a checkpoint and an end; a second one ends at once.

    Until there is something to save (`patient`), the first one does too.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.patient = False

    def __enter__(self) -> None:
        self._before = [
            (number, signal.signal(number, self._note))
            for number in (signal.SIGINT, signal.SIGTERM)
        ]

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)

    def arrived(self) -> bool:
        """Return whether a signal asked for the end."""
        return self.number is not None

    def _note(self, number: int, _: FrameType | None) -> None:
        if self.number is not None or not self.patient:
            sys.exit(128 + number)
        self.number = number


@contextmanager
def unwound_by_signals() -> Iterator[None]:
    """Let SIGTERM and SIGHUP end the body as SIGINT does, which clears away what is half done."""

    def leave(number: int, _: FrameType | None) -> None:
        sys.exit(128 + number)

    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGHUP)}
    for number, handler in before.items():
        if handler is not signal.SIG_IGN:  # as nohup leaves it
            signal.signal(number, leave)
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
