"""Several processes of one training, as threads of this one: the same code without torchrun."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest
import torch
from torch import Tensor

from sentiment_cli.training.world import Place, World

Made = TypeVar("Made")
T = TypeVar("T")


def together(size: int, make: Callable[[World], Made], work: Callable[[Made], T]) -> list[T]:
    """What `work` returns in each of so many worlds that belong together, by rank.

    What it works with is made one after the other, as torch's draws are those of all threads.
    """
    barrier = threading.Barrier(size, timeout=60)
    given: dict[int, Tensor] = {}
    own = threading.local()

    def all_reduce(tensor: Tensor) -> None:
        given[own.rank] = tensor.clone()
        barrier.wait()
        total = torch.stack([given[rank] for rank in range(size)]).sum(dim=0)
        barrier.wait()
        tensor.copy_(total)

    made = [make(World(lambda: False, Place(rank, size, rank))) for rank in range(size)]

    def one(rank: int) -> T:
        own.rank = rank
        try:
            return work(made[rank])
        except BaseException:
            barrier.abort()
            raise

    with pytest.MonkeyPatch.context() as patch, ThreadPoolExecutor(size) as threads:
        patch.setattr("torch.distributed.all_reduce", all_reduce)
        return list(threads.map(one, range(size)))
