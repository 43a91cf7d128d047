"""Sign texts in a second process while this process does the rest."""

from __future__ import annotations

import marshal
import signal
import sys
from contextlib import suppress
from subprocess import PIPE, Popen
from typing import IO, Any

import numpy as np

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.reviews.quality.near import NUM_HASHES, Signed, sign

_ALONE = 10  # batches before a second process is worth its start


class Signer:
    """Sign batches of texts, in order. A context manager that ends the second process.

    The first batches are signed without it. It also ends if this process is killed, because the
    pipes between the two close. Ctrl-C does not reach it.
    """

    def __init__(self) -> None:
        self._second: Popen[bytes] | None = None
        self._done = [sign([])]

    def __enter__(self) -> Signer:
        return self

    def __exit__(self, *_: object) -> None:
        if self._second:
            self._second.kill()
            self._second.communicate()

    def add(self, texts: list[str]) -> None:
        """Sign a batch of texts.

        Raises:
            EnvironmentFault: the second process was killed.
        """
        if self._second is None and len(self._done) > _ALONE:
            code = f"import sys; sys.path[:] = {sys.path!r}; import {__name__} as it; it.serve()"
            command = [sys.executable, "-c", code]
            self._second = Popen(command, stdin=PIPE, stdout=PIPE, start_new_session=True)
        if self._second:
            self._exchange(self._second, texts)
        else:
            self._done.append(sign(texts))

    def all(self) -> Signed:
        """Return what is kept of all texts."""
        if self._second:
            self._exchange(self._second, [])
        return Signed(*map(np.concatenate, zip(*self._done, strict=True)))

    def _exchange(self, second: Any, texts: list[str]) -> None:
        """Take the result of the last batch and hand over the next batch."""
        try:
            lengths, is_long, signatures = marshal.load(second.stdout)
            _send(texts, second.stdin)
        except (EOFError, OSError, TypeError, ValueError) as fault:
            raise EnvironmentFault(
                "the second process, which looks for near-duplicates, has ended early",
                hint="was it killed for lack of memory? Close other programs and try again",
            ) from fault
        self._done.append(
            Signed(
                np.frombuffer(lengths, np.int64),
                np.frombuffer(is_long, np.bool_),
                np.frombuffer(signatures, np.uint32).reshape(-1, NUM_HASHES),
            )
        )


def serve() -> None:
    """Sign the batches that come to standard input until it is closed."""
    signal.signal(signal.SIGPIPE, signal.SIG_DFL)  # no message if nobody reads any more
    with suppress(EOFError):
        texts: list[str] = []
        while True:
            _send([array.tobytes() for array in sign(texts)], sys.stdout.buffer)
            texts = marshal.load(sys.stdin.buffer)


def _send(values: list[str] | list[bytes], stream: IO[bytes]) -> None:
    marshal.dump(values, stream)
    stream.flush()
