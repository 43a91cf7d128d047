"""The processes of one training, as torchrun starts them, and all that they say to each other.

Each has the whole network and the whole optimizer. A batch is dealt out among them, the gradients
of the parts are added up, and all take the same step. Rank 0 alone writes and shows; what the
others have to know it sends them.

Nothing waits for long within an exchange: while one works alone (to prepare the reviews, to fit, to
begin), the others look at torchrun's store now and then, and so notice a signal meanwhile.
"""

from __future__ import annotations

import json
import time
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.network.device import pick_device

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

    import torch
    from numpy.typing import NDArray
    from torch import Tensor
    from torch.distributed.distributed_c10d import Store

    from sentiment_cli.network.device import DeviceChoice

_POLL = 0.1  # seconds between two looks at the store
_LEFT = "left"


class LostError(EnvironmentFault):
    """Another process of the training has ended, or can't be reached any more."""


class EndedError(Exception):
    """Rank 0 has nothing more to say, or this process was asked to end while it waited."""


class Place(NamedTuple):
    """Where a process stands among the others.

    Args:
        rank: its number, from 0.
        size: how many there are.
        local_rank: its number among those of its host, from 0.
        host: number of its host.
    """

    rank: int = 0
    size: int = 1
    local_rank: int = 0
    host: int = 0


class World:
    """What a process knows of the others; one that is alone exchanges nothing, at no cost.

    Args:
        stop: says whether this process was asked to end.
        place: of this process.
        store: torchrun's; None for a process that is alone.
    """

    def __init__(
        self, stop: Callable[[], bool], place: Place | None = None, store: Store | None = None
    ) -> None:
        self.rank, self.size, self._local_rank, self._host = place or Place()
        self._stop = stop
        self._store = store
        self._messages = 0
        self._host_calls = 0

    def part(self) -> slice:
        """Return which of a batch's reviews this process reads: every size-th.

        Of fewer reviews than processes, some read none.
        """
        return slice(self.rank, None, self.size)

    def device(self, choice: DeviceChoice) -> torch.device:
        """Return the device to compute on; on CUDA each process of a host has one of its own.

        Raises:
            EnvironmentFault: it does not work here, or the host has fewer than processes.
        """
        if self.size > 1 and choice != "cpu":
            import torch

            if torch.cuda.is_available():
                found = torch.cuda.device_count()
                if self._local_rank >= found:
                    raise EnvironmentFault(
                        f"process {self._local_rank + 1} of this host finds {found} CUDA devices",
                        hint=f"torchrun --nproc-per-node {found}, or --device cpu",
                    )
                torch.cuda.set_device(self._local_rank)
        return pick_device(choice)

    def add_up(self, loss: Tensor | None, leaves: Sequence[Tensor]) -> Tensor:
        """Let every leaf have the sum of all processes' gradients; return the sum of the losses.

        All of it travels at once, as one vector.

        Args:
            loss: of the reviews that are read here, (); None where there are none.
            leaves: weights, of the same shapes in each process; none here may lack a gradient,
                unless no review is read here.

        Raises:
            LostError: another process has ended.
        """
        if self.size == 1:
            assert loss is not None
            return loss
        import torch
        from torch import distributed

        read = loss is not None
        parts = [leaf.grad if read else torch.zeros_like(leaf) for leaf in leaves]
        parts.append(loss if read else leaves[0].new_zeros(()))
        flat = torch.cat([part.detach().flatten() for part in parts if part is not None])
        with heard():
            distributed.all_reduce(flat)
        summed = torch.split(flat[:-1], [leaf.numel() for leaf in leaves])
        for leaf, gradient in zip(leaves, summed, strict=True):
            leaf.grad = gradient.view_as(leaf)
        return flat[-1]

    def gathered(self, own: NDArray[np.floating]) -> None:
        """Add up, in place, arrays of which each process has filled its part, 0 elsewhere.

        Raises:
            LostError: another process has ended.
        """
        if self.size == 1:
            return
        import torch
        from torch import distributed

        with heard():
            distributed.all_reduce(torch.from_numpy(own))

    def stopping(self) -> bool:
        """Return whether any process was asked to end; to be asked by all, after each record.

        Raises:
            LostError: another process has ended.
        """
        asked = np.array([float(self._stop())])
        self.gathered(asked)
        return bool(asked[0])

    def send(self, content: Callable[[], Mapping[str, bytes]]) -> None:
        """Send named content, made only if there is someone to hear, from rank 0 to the others.

        Raises:
            EndedError: this process was asked to end before all were there to hear it.
            LostError: another process has ended.
        """
        if self.size == 1:
            return
        files = content()
        sizes = json.dumps({name: len(data) for name, data in files.items()})
        self._messages += 1
        with heard():
            assert self._store is not None
            self._store.set(f"message-{self._messages}", sizes)
            self._awaited(f"heard-{self._messages}")  # they may still prepare
            _broadcast(np.frombuffer(b"".join(files.values()), dtype=np.uint8).copy())

    def received(self) -> dict[str, bytes]:
        """Return what rank 0 sends next.

        Raises:
            EndedError: it sends nothing more.
            LostError: another process has ended.
        """
        self._messages += 1
        with heard():
            assert self._store is not None
            sizes = json.loads(self._awaited(f"message-{self._messages}"))
            if self._store.add(f"hearers-{self._messages}", 1) == self.size - 1:
                self._store.set(f"heard-{self._messages}", "all")
            flat = np.empty(sum(sizes.values()), dtype=np.uint8)
            _broadcast(flat)
        ends = np.cumsum(list(sizes.values()))[:-1]
        return {
            name: data.tobytes() for name, data in zip(sizes, np.split(flat, ends), strict=True)
        }

    def once_a_host(self, work: Callable[[], str]) -> str:
        """Return what `work` returns, done by one process of each host while the rest of it waits.

        Raises:
            EndedError: the end comes first.
            LostError: another process has ended.
        """
        if self.size == 1:
            return work()
        assert self._store is not None
        self._host_calls += 1
        key = f"host-{self._host}-{self._host_calls}"
        if self._local_rank:
            with heard():
                return self._awaited(key)
        found = work()
        with heard():
            self._store.set(key, found)
        return found

    def leave(self) -> None:
        """Let those that wait for rank 0 go."""
        if self._store is not None and self.rank == 0:
            with suppress(RuntimeError):  # they are gone, or torchrun is
                self._store.set(_LEFT, "yes")

    def _awaited(self, key: str) -> str:
        """Return what stands in the store under `key`, as soon as it does."""
        assert self._store is not None
        while True:
            ended = self._stop() or self._store.check([_LEFT])
            if self._store.check([key]):
                return self._store.get(key).decode()
            if ended:
                raise EndedError
            time.sleep(_POLL)


ALONE = World(lambda: False)
"""The world of a process that nobody asks to end."""


def _broadcast(flat: NDArray[np.uint8]) -> None:
    import torch
    from torch import distributed

    if len(flat):
        distributed.broadcast(torch.from_numpy(flat), 0)


@contextmanager
def heard() -> Iterator[None]:
    """Tell an exchange that failed as a `LostError`."""
    try:
        yield
    except RuntimeError as fault:
        raise LostError(
            f"another process of this training has ended or is out of reach ({_reason(fault)})",
            hint="its own error says why; train --resume DIR goes on from the last checkpoint",
        ) from fault


def _reason(fault: RuntimeError) -> str:
    """Return what a message of torch says beside the place in its source, and its guesses."""
    return str(fault).splitlines()[0].rpartition("] ")[2].partition(". ")[0][:120]
