"""Training on 1 and 2 processes: real tokens a second, one thread each, under torchrun.

    python benchmarks/scale_training.py [--processes 2]

`training.loop.Loop` on IMDb with the shipped settings, the same batches of 64 reviews dealt out to
as many processes, in alternating runs of `torchrun`; each run warms up before it is timed. Beside
it stands what a step sends: the gradients of all weights. --quick reads a few made-up reviews in
place of IMDb.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from itertools import islice

from made_up import taught, training_loop
from timing import Spread, alternate, options, ratio, seconds, table, verdict

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.network.device import pick_device
from sentiment_cli.training.loop import Loop, StepRecord
from sentiment_cli.training.torchrun import joining
from sentiment_cli.training.world import World

GOAL = 1.6  # of two processes, beside one
BATCH = 64
WARM_UP, STEPS = 5, 30


def main() -> None:
    """Measure and print the table; under torchrun, be one of the processes that are measured."""
    parser = options(__doc__, repeats=5)
    parser.add_argument("--processes", type=int, default=2, help="beside one (2)")
    parser.add_argument("--rank", action="store_true", help="for torchrun's use")
    chosen = parser.parse_args()
    if chosen.rank:
        _one_rank(chosen.device, quick=chosen.quick)
        return
    sizes = (1, chosen.processes)
    given = [arg for arg in sys.argv[1:] if arg == "--quick" or "cuda" in arg or arg == "--device"]
    told: dict[int, dict[str, float]] = {}

    def rate(size: int) -> float:
        told[size] = _launched(size, given)
        return told[size]["tokens_per_second"]

    jobs: dict[str, Callable[[], float]] = {str(size): partial(rate, size) for size in sizes}
    rates = alternate(jobs, 0 if chosen.quick else chosen.repeats)
    alone, together = (rates[str(size)] for size in sizes)
    share = ratio(together, alone)
    goal = verdict(share.median, GOAL, at_most=False) if chosen.processes == 2 else ""
    table(
        f"Training on {sizes[1]} processes, one thread each",
        ["processes", "tokens/s", "ratio", "goal"],
        [
            ["1", Spread.of(alone).text(), "1", ""],
            [str(sizes[1]), Spread.of(together).text(), share.text(".2f"), goal],
        ],
    )
    sent = told[sizes[1]]["bytes"]
    print(f"\n  a step sends the gradients of {sent / 4:,.0f} numbers: {sent / 2**20:.2f} MiB")


def _launched(size: int, given: list[str]) -> dict[str, float]:
    """Return what rank 0 of so many processes prints."""
    command = [sys.executable, "-m", "torch.distributed.run", "--standalone"]
    command += [f"--nproc-per-node={size}", __file__, "--rank", *given]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=False)
    if ended.returncode:
        sys.exit(f"torchrun ended with {ended.returncode}: {ended.stderr}")
    figures: dict[str, float] = json.loads(ended.stdout.splitlines()[-1])
    return figures


def _one_rank(device: str, *, quick: bool) -> None:
    with joining(lambda: False) as world:
        world.device("cuda" if device == "cuda" else "cpu")
        loop = _loop(device, world, quick=quick)
        warm_up, steps = (1, 2) if quick else (WARM_UP, STEPS)
        records = (record.tokens for record in loop.run() if isinstance(record, StepRecord))
        sum(islice(records, warm_up))
        done: list[int] = []
        spent = seconds(lambda: done.append(sum(islice(records, steps))), device)
        if world.rank == 0:
            print(json.dumps({"tokens_per_second": done[0] / spent, "bytes": _bytes(loop)}))


def _bytes(loop: Loop) -> int:
    """Return how many bytes a step's gradients have."""
    return 4 * sum(weight.numel() for weight in loop.model.parameters())


def _loop(device: str, world: World, *, quick: bool) -> Loop:
    pick_device("cuda" if device == "cuda" else "cpu")
    experiment = read_experiment(None, [f"training.batch_size={BATCH}"]).experiment
    training, validation, vocabulary = taught(experiment, quick=quick)
    loop = training_loop(experiment, training, validation, vocabulary=vocabulary, device=device)
    loop.world = world
    return loop


if __name__ == "__main__":
    main()
