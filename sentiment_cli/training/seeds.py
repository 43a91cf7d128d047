"""Seeds of a training step: a pure function of the run's seed, the step and the process."""

from __future__ import annotations

import numpy as np
import torch


def step_seeds(seed: int, step: int, rank: int = 0) -> tuple[int, int]:
    """Return the seed of a step's own draws, and that of draws made alike more than once.

    Each process has its own; those of rank 0 are those of a process that is alone.
    """
    draws, shared = np.random.SeedSequence([seed, step, rank]).generate_state(2)
    return int(draws), int(shared)


def seed_torch(seed: int, device: torch.device) -> None:
    """Seed what torch draws on a device; `torch.manual_seed` takes a millisecond per call."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)
