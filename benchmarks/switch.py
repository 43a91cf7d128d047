"""When torch pays: the saved classifier in NumPy against torch's import, first call and speed.

Prints the number of tokens at which both take as long, for each cell; the constant SWITCH_TOKENS
of sentiment_cli/inference/engine.py is the default cell's.

    python benchmarks/switch.py
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np
from timing import Spread, alternate, apart, options, seconds, table

from sentiment_cli.inference.engine import SWITCH_TOKENS, Engine
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.replay import Replay

_LENGTH = 200  # tokens a review
_COUNTS = (1, 8, 64)  # reviews at once


def network(cell: str, size: int) -> tuple[Architecture, dict[str, np.ndarray]]:
    """Return the default architecture with weights drawn at random."""
    architecture = Architecture(
        cell=cell,
        vocab_size=40_000,
        embedding_dim=size,
        ngrams=0,
        hidden_size=size,
        num_layers=1,
        bidirectional=True,
        pooling="mean+max",
        num_classes=2,
    )
    rng = np.random.default_rng(0)
    weights = {
        name: rng.uniform(-0.1, 0.1, shape).astype(np.float32)
        for name, shape in architecture.weight_shapes().items()
    }
    return architecture, weights


def reviews(count: int) -> list[np.ndarray]:
    """Return so many reviews of `_LENGTH` token ids."""
    rng = np.random.default_rng(count)
    return list(rng.integers(2, 40_000, (count, _LENGTH)).astype(np.int32))


def torch_times(cell: str, size: int) -> tuple[float, float]:
    """Return the seconds until torch has answered one review, and those a token afterwards.

    To be called in a process that has not loaded torch.
    """
    own = Engine(*network(cell, size), None, "cpu")

    def start() -> None:
        own.use_torch()
        own.logits(reviews(1))

    first = seconds(start)
    many = reviews(_COUNTS[-1])
    own.logits(many)
    return first, seconds(lambda: own.logits(many)) / (len(many) * _LENGTH)


def replay_times(cell: str, size: int) -> list[float]:
    """Return the seconds a token in NumPy, for each number of reviews at once."""
    replay = Replay(*network(cell, size))
    replay(reviews(1))
    return [seconds(partial(replay, reviews(n))) / (n * _LENGTH) for n in _COUNTS]


def crossing(start: float, torch_token: float, replay_token: float) -> float:
    """Return how many tokens take as long in NumPy as torch takes with its start."""
    gain = replay_token - torch_token
    return start / gain if gain > 0 else float("inf")


def row(cell: str, figures: Sequence[tuple[float, float, list[float]]]) -> list[str]:
    """Return a cell's line of the table."""
    starts, torch_tokens, replays = zip(*figures, strict=True)
    crossings = [
        crossing(start, own, by_count[1])
        for start, own, by_count in zip(starts, torch_tokens, replays, strict=True)
    ]
    micro = [Spread.of(values).median * 1e6 for values in zip(*replays, strict=True)]
    return [
        cell,
        Spread.of(starts).text(".2f"),
        f"{Spread.of(torch_tokens).median * 1e6:.1f}",
        *(f"{figure:.1f}" for figure in micro),
        Spread.of(crossings).text(",.0f"),
    ]


def main() -> None:
    """Measure every cell and print where torch begins to pay."""
    chosen = options(__doc__ or "", repeats=5).parse_args()
    size = 16 if chosen.quick else 128
    rows = []
    for cell in CELLS:
        jobs = {
            "torch": lambda cell=cell: apart(torch_times, cell, size),
            "replay": lambda cell=cell: apart(replay_times, cell, size),
        }
        found = alternate(jobs, 1 if chosen.quick else chosen.repeats)
        both = zip(found["torch"], found["replay"], strict=True)
        rows.append(row(cell, [(*torch, replay) for torch, replay in both]))
    table(
        f"Reviews of {_LENGTH} tokens, E = H = {size}, bidirectional; torch starts once, both read "
        "on.\nThe crossing is that of 8 reviews at once, in tokens.",
        ["cell", "torch start s", "then us/token",
         *(f"NumPy us/token, {n} at once" for n in _COUNTS), "crossing"],
        rows,
    )  # fmt: skip
    print(f"\nSWITCH_TOKENS is {SWITCH_TOKENS:,}")


if __name__ == "__main__":
    main()
