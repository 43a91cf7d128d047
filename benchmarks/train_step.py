"""The training step: real tokens per second, next to the fused kernel and to plain PyTorch.

    python benchmarks/train_step.py [--cell lstm]

Four comparisons, each in alternating runs of one process. 1 and 2 are without n-gram inputs.

1. `training.loop.Loop` on IMDb with the shipped settings but batches of 64 reviews cut to 256
   tokens, and the bare kernel (nn.LSTM, nn.GRU or nn.RNN, bidirectional, 64 reviews of 256 tokens,
   E = H = 128) forward and backward.
2. The same loop on uncut reviews, and the strongest plain PyTorch loop on the same model: random
   batches padded to their longest, bidirectional kernel without packing, fused dense AdamW,
   denormals flushed. The usual packed loop, for the record, in a process of its own.
3. A step with n-gram inputs and without, the shipped settings otherwise.
4. Where a step's time goes, and what the bare kernel needs for the same batches.

Padding is not counted as tokens. --quick reads a few made-up reviews in place of IMDb.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice

import numpy as np
import torch
from made_up import taught, training_loop
from plain_loop import KERNELS, PlainLoop, packed_rate, random_batches, waste
from timing import (
    Spread,
    alternate,
    apart,
    options,
    ratio,
    seconds,
    synchronise,
    table,
    together,
    verdict,
)

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.network.device import pick_device
from sentiment_cli.training.batches import epoch_batches, take
from sentiment_cli.training.loop import Loop, StepRecord
from sentiment_cli.training.loss import cross_entropy

KERNEL_GOAL, PLAIN_GOAL, WASTE_GOAL, NGRAMS_GOAL = 0.85, 1.5, 0.05, 1.05
PLAIN = "model.ngrams=0"
UNCUT = 100_000  # tokens; no review has more


@dataclass(frozen=True)
class Size:
    """How much is done in a round."""

    reviews: int
    tokens: int
    own_steps: int
    plain_steps: int
    kernel_runs: int
    packed_batches: int


FULL = Size(64, 256, own_steps=10, plain_steps=4, kernel_runs=3, packed_batches=2)
QUICK = Size(8, 16, own_steps=2, plain_steps=2, kernel_runs=1, packed_batches=1)


def main() -> None:
    """Measure and print the tables."""
    parser = options(__doc__, repeats=5)
    parser.add_argument("--cell", choices=list(KERNELS), help="this cell alone (all three)")
    chosen = parser.parse_args()
    pick_device(chosen.device)
    size = QUICK if chosen.quick else FULL
    repeats = 0 if chosen.quick else chosen.repeats
    cells = [chosen.cell] if chosen.cell else list(KERNELS)

    against_kernel(cells, size, repeats, chosen.device, quick=chosen.quick)
    against_plain(chosen.cell or "lstm", size, repeats, chosen.device, quick=chosen.quick)
    with_ngrams(cells, size, repeats, chosen.device, quick=chosen.quick)
    parts_of_a_step(cells, size, repeats, chosen.device, quick=chosen.quick)


def against_kernel(cells: list[str], size: Size, repeats: int, device: str, *, quick: bool) -> None:
    """Print the loop's rate beside the kernel's."""
    rows = []
    for cell in cells:
        shapes = (
            PLAIN,
            f"training.batch_size={size.reviews}",
            f"tokenizer.max_tokens={size.tokens}",
        )
        steps = _own_steps(_loop(cell, device, *shapes, quick=quick))
        kernel = _kernel(cell, size.reviews, size.tokens, device)
        rates = alternate(
            {
                "own": lambda steps=steps: _rate(lambda: steps(size.own_steps), device),
                "kernel": lambda kernel=kernel: _rate(
                    lambda: sum(kernel() for _ in range(size.kernel_runs)), device
                ),
            },
            repeats,
        )
        share = ratio(rates["own"], rates["kernel"])
        rows.append([cell, *_rates(rates), verdict(share.median, KERNEL_GOAL, at_most=False)])
    table(
        f"Tokens/s of the training loop and of the bare kernel, {size.reviews} x {size.tokens}",
        ["cell", "loop", "kernel", "ratio", "goal"],
        rows,
    )


def against_plain(cell: str, size: Size, repeats: int, device: str, *, quick: bool) -> None:
    """Print the loop's rate beside plain PyTorch's, on reviews that are not cut."""
    loop = _loop(cell, device, PLAIN, f"tokenizer.max_tokens={UNCUT}", quick=quick)
    steps, lengths = _own_steps(loop), loop.training.lengths
    plain = PlainLoop(loop.model.architecture, loop.training, device)
    rates = alternate(
        {
            "own": lambda: _rate(lambda: steps(size.own_steps), device),
            "plain": lambda: _rate(lambda: plain.run(size.plain_steps), device),
        },
        repeats,
    )
    share = ratio(rates["own"], rates["plain"])
    goal = verdict(share.median, PLAIN_GOAL, at_most=False)

    batch_size = loop.settings.batch_size
    some = list(islice(random_batches(len(lengths), batch_size), size.packed_batches))
    packed = (together if quick else apart)(
        packed_rate,
        loop.model.architecture,
        [[np.array(loop.training[i]) for i in batch] for batch in some],
        [loop.training.labels[batch] for batch in some],
        device,
    )
    times = Spread.of(rates["own"]).median / packed
    table(
        f"Tokens/s on uncut reviews, {cell}",
        ["compared with", "loop", "other", "ratio", "goal"],
        [
            ["plain PyTorch, padded", *_rates(rates), goal],
            ["packed tutorial loop", "", f"{packed:,.0f}", f"{times:.1f}", "for the record"],
        ],
    )
    own = epoch_batches(lengths, batch_size=batch_size, seed=0, epoch=0)
    random = list(islice(random_batches(len(lengths), batch_size), len(own)))
    own_waste = waste(lengths, own)
    goal = verdict(own_waste, WASTE_GOAL, at_most=True)
    print(f"\n  padding: {own_waste:.1%} of what is read ({goal}); {waste(lengths, random):.1%} in")
    print("  random batches")


def with_ngrams(cells: list[str], size: Size, repeats: int, device: str, *, quick: bool) -> None:
    """Print the milliseconds of a step with n-gram inputs and without, over the same batches."""
    rows = []
    for cell in cells:
        loops = {"with": _loop(cell, device, quick=quick)}
        loops["without"] = _loop(cell, device, PLAIN, quick=quick)

        def timed(loop: Loop) -> Callable[[], float]:
            steps = _own_steps(loop)
            work = partial(steps, size.own_steps)
            return lambda: 1e3 * seconds(work, device) / size.own_steps

        times = alternate({name: timed(loop) for name, loop in loops.items()}, repeats)
        both = [Spread.of(times[name]).text(".1f") for name in ("with", "without")]
        share = ratio(times["with"], times["without"])
        goal = verdict(share.median, NGRAMS_GOAL, at_most=True)
        rows.append([cell, *both, share.text(".3f"), goal])
    table(
        "Milliseconds of a step with n-gram inputs and without",
        ["cell", "with", "without", "ratio", "goal"],
        rows,
    )


def parts_of_a_step(
    cells: list[str], size: Size, repeats: int, device: str, *, quick: bool
) -> None:
    """Print where a step's time goes, a column a cell."""
    columns = [_parts(cell, size, repeats, device, quick=quick) for cell in cells]
    names = list(columns[0])
    table(
        "Where a step's time goes: milliseconds (share of the step)",
        ["part", *cells],
        [[name, *(_part(column, name) for column in columns)] for name in names],
    )


def _part(column: dict[str, float], name: str) -> str:
    return f"{column[name] * 1e3:.1f} ({column[name] / column['whole step']:.0%})"


def _parts(cell: str, size: Size, repeats: int, device: str, *, quick: bool) -> dict[str, float]:
    """Return the seconds of each part of a step, the mean over some batches."""
    loop = _loop(cell, device, quick=quick)
    batches = epoch_batches(
        loop.training.lengths, batch_size=loop.settings.batch_size, seed=0, epoch=0
    )[: 1 + max(1, repeats) * size.own_steps]
    watch = _Watch(device)
    loop.model.train()
    loop.model.pooling.register_forward_pre_hook(lambda *_: watch.mark("encoder, forward"))
    loop.model.head.register_forward_pre_hook(lambda *_: watch.mark("pooling"))
    for number, indices in enumerate(batches):
        if number == 1:
            watch.seconds.clear()  # the first step warms up
        watch.begin()
        batch = take(loop.training, indices, loop.ngrams).to(torch.device(device))
        watch.mark("data")
        embedded = loop.model.embed(batch.ids, batch.ngrams)
        watch.mark("embedding")
        logits = loop.model.classify(embedded, batch.lengths)
        loss = cross_entropy(logits, batch.labels, None, batch.whole)
        watch.mark("head and loss")
        loss.backward()
        watch.mark("backward, all of it")
        loop.optimizer.step(loop.lr)
        watch.mark("optimizer")
        kernel = _kernel(cell, *batch.ids.shape, device)
        watch.begin()
        kernel()
        watch.mark("bare kernel, both ways")
    steps = len(batches) - 1
    parts = {name: spent / steps for name, spent in watch.seconds.items()}
    kernel_alone = parts.pop("bare kernel, both ways")
    return {**parts, "whole step": sum(parts.values()), "bare kernel, both ways": kernel_alone}


class _Watch:
    """Adds up the time between marks, with the device's work done at each."""

    def __init__(self, device: str) -> None:
        self.device = device
        self.seconds: dict[str, float] = {}
        self.begin()

    def begin(self) -> None:
        synchronise(self.device)
        self.last = time.perf_counter()

    def mark(self, name: str) -> None:
        synchronise(self.device)
        now = time.perf_counter()
        self.seconds[name] = self.seconds.get(name, 0.0) + now - self.last
        self.last = now


def _loop(cell: str, device: str, *overrides: str, quick: bool) -> Loop:
    """Return the package's loop before its first step, on IMDb or, quick, on made-up reviews."""
    experiment = read_experiment(None, [f"model.cell={cell}", *overrides]).experiment
    return training_loop(experiment, **taught(experiment, quick=quick)._asdict(), device=device)


def _own_steps(loop: Loop) -> Callable[[int], int]:
    """Return a function that trains so many steps and returns their tokens."""
    records: Iterator[int] = (
        record.tokens for record in loop.run() if isinstance(record, StepRecord)
    )
    return lambda steps: sum(islice(records, steps))


def _kernel(cell: str, reviews: int, steps: int, device: str) -> Callable[[], int]:
    """Return a function that runs the bare kernel both ways and returns its tokens."""
    size = 128
    kernel = KERNELS[cell](size, size, batch_first=True, bidirectional=True).to(device)
    inputs = (0.1 * torch.randn(reviews, steps, size, device=device)).requires_grad_()

    def run() -> int:
        kernel(inputs)[0].sum().backward()
        return reviews * steps

    return run


def _rate(work: Callable[[], int], device: str) -> float:
    """Return the tokens a second of work that returns its tokens."""
    done: list[int] = []
    spent = seconds(lambda: done.append(work()), device)
    return sum(done) / spent


def _rates(rates: dict[str, list[float]]) -> list[str]:
    own, other = rates.values()
    return [Spread.of(own).text(), Spread.of(other).text(), ratio(own, other).text(".2f")]


if __name__ == "__main__":
    main()
