"""What holds for every input: it is taken, or refused by a fault of ours, within five seconds."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from hypothesis import HealthCheck, settings

from sentiment_cli.errors import SentimentError

HANG = 5.0
"""Seconds after which an input counts as one that makes the program hang."""

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "30"))
UNTIL = float(os.environ.get("FUZZ_UNTIL", "inf"))
"""The time, in seconds since 1970, from which on inputs are passed over."""

FUZZ = settings(
    max_examples=EXAMPLES,
    deadline=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)


class HangError(Exception):
    """An input took longer than `HANG`."""


class Tally:
    """How many inputs there were, how many of them were refused, and the longest time of one."""

    tried = 0
    refused = 0
    slowest = 0.0


def taken_or_refused(action: Callable[[], object]) -> None:
    """Call `action`, which may raise a `SentimentError` and nothing else, and soon.

    Raises:
        HangError: it took longer than `HANG`.
    """
    if time.time() > UNTIL:
        return
    began = time.monotonic()
    Tally.tried += 1
    try:
        with _alarm():
            action()
    except SentimentError:
        Tally.refused += 1
    finally:
        Tally.slowest = max(Tally.slowest, time.monotonic() - began)


@contextmanager
def _alarm() -> Iterator[None]:
    def ring(_: int, __: FrameType | None) -> None:
        raise HangError(f"more than {HANG} s")

    before = signal.signal(signal.SIGALRM, ring)
    signal.setitimer(signal.ITIMER_REAL, HANG)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
