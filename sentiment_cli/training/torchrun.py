"""How a process finds the others that torchrun has started with it."""

from __future__ import annotations

import os
from contextlib import contextmanager
from datetime import timedelta
from typing import TYPE_CHECKING

from sentiment_cli.training.world import Place, World, heard

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_PATIENCE = timedelta(minutes=10)  # for a process that lives and does not answer


@contextmanager
def joining(stop: Callable[[], bool]) -> Iterator[World]:
    """Yield the world of this process, which is alone unless torchrun has started it with others.

    Args:
        stop: says whether this process was asked to end.

    Raises:
        LostError: the others cannot be reached.
    """
    if rank() is None:
        yield World(stop)
        return
    from torch import distributed

    with heard():
        world = _join(stop)
    try:
        yield world
    finally:
        world.leave()
    distributed.destroy_process_group()


def rank() -> int | None:
    """Return the number of this process among those that torchrun has started; None for one."""
    told = os.environ
    together = "TORCHELASTIC_RUN_ID" in told and told.get("WORLD_SIZE", "1") != "1"
    return int(told["RANK"]) if together else None


def _join(stop: Callable[[], bool]) -> World:
    import torch
    from torch import distributed
    from torch.distributed.distributed_c10d import PrefixStore
    from torch.distributed.rendezvous import rendezvous

    # NCCL takes care of tensors on CUDA, gloo of all others.
    nccl = torch.cuda.is_available() and distributed.is_nccl_available()
    store, own, size = next(rendezvous("env://", timeout=_PATIENCE))
    told = os.environ
    distributed.init_process_group(
        "cpu:gloo,cuda:nccl" if nccl else "gloo",
        store=store,
        rank=own,
        world_size=size,
        timeout=_PATIENCE,
    )
    # Started again by torchrun, they must not read what was said the time before.
    again = f"sentiment-{told.get('TORCHELASTIC_RESTART_COUNT', '0')}"
    place = Place(own, size, int(told["LOCAL_RANK"]), int(told["GROUP_RANK"]))
    return World(stop, place, PrefixStore(again, store))
