"""Randomness as a pure function of (seed, step, process): a resumed run draws what an uninterrupted
one would."""

from __future__ import annotations

import numpy as np
import torch


def seed_torch(seed: int, device: torch.device) -> None:
    """Seed what torch draws on a device; `torch.manual_seed` takes a millisecond per call."""
    torch.default_generator.manual_seed(seed)
    if device.type == "cuda":
        torch.cuda.manual_seed(seed)


def step_seed(seed: int, step: int, rank: int = 0) -> int:
    """Return the seed of what a process draws in a step."""
    return int(np.random.SeedSequence([seed, step, rank]).generate_state(1)[0])
