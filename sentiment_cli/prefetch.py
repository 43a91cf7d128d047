"""Prepare the next item in a thread, so that the stages of a pipeline overlap."""

from __future__ import annotations

import threading
from collections import deque
from concurrent.futures import ThreadPoolExecutor
from queue import SimpleQueue
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator
    from concurrent.futures import Future

T = TypeVar("T")
R = TypeVar("R")

_THREADS = 2


def prefetch(items: Iterable[T]) -> Generator[T, None, None]:
    """Yield `items` in order, while a thread makes the next one and holds at most one more ready.

    An error of `items` is raised here, after all that came before it was yielded. Once the
    generator is closed the thread has ended; what it was making is waited for.
    """
    ready: SimpleQueue[tuple[T] | BaseException | None] = SimpleQueue()
    room = threading.Semaphore(1)
    left = threading.Event()

    def make() -> None:
        end: BaseException | None = None
        try:
            for item in items:
                room.acquire()
                if left.is_set():
                    return
                ready.put((item,))
        except BaseException as fault:
            end = fault
        ready.put(end)

    # No daemon: the tokenizer's native code must not be met by the end of the interpreter.
    thread = threading.Thread(target=make)
    thread.start()
    try:
        while isinstance(entry := ready.get(), tuple):
            room.release()
            yield entry[0]
        if entry is not None:
            raise entry
    finally:
        left.set()
        room.release()
        thread.join()


def map_in_threads(function: Callable[[T], R], items: Iterable[T]) -> Iterator[R]:
    """Yield `function` of each item, in order. Two threads compute, at most two results ahead."""
    with ThreadPoolExecutor(_THREADS) as threads:
        pending: deque[Future[R]] = deque()
        for item in items:
            pending.append(threads.submit(function, item))
            if len(pending) > _THREADS:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()
