"""What a signal does to work that is under way."""

from __future__ import annotations

import os
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

from sentiment_cli import transient

if TYPE_CHECKING:
    from types import FrameType

SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_SHOW_CURSOR = b"\033[?25h\n"


def end_by_signals() -> None:
    """Let SIGINT, SIGTERM and SIGHUP end the process at once, with nothing half done left."""
    for number in _listened_to():
        signal.signal(number, _end)


class StopSignals:
    """The first signal asks for a checkpoint and an end, where there is something to save.

    Until then (`patient`) it ends the process, as a second one does.
    """

    def __init__(self) -> None:
        self.number: int | None = None
        self.patient = False

    def __enter__(self) -> None:
        self._before = [(number, signal.signal(number, self._note)) for number in _listened_to()]

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before:
            signal.signal(number, handler)

    def arrived(self) -> bool:
        """Return whether a signal asked for the end."""
        return self.number is not None

    def _note(self, number: int, frame: FrameType | None) -> None:
        if not self.patient or self.number is not None:
            _end(number, frame)
        self.number = number


def _listened_to() -> list[signal.Signals]:
    """The signals that whoever began the process, such as nohup, does not keep from it."""
    return [number for number in SIGNALS if signal.getsignal(number) is not signal.SIG_IGN]


def _end(number: int, _: FrameType | None) -> None:
    transient.clear()
    with suppress(OSError):
        if os.isatty(2) and os.environ.get("TERM") != "dumb":
            os.write(2, _SHOW_CURSOR)
    os._exit(128 + number)
