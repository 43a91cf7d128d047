"""What a step of each training objective costs, beside that of the cross-entropy.

    python benchmarks/objectives.py

`training.loop.Loop` on IMDb with the shipped settings, in alternating runs of one process over the
same batches. --quick reads a few made-up reviews in place of IMDb.
"""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice

from made_up import taught, training_loop
from timing import Spread, alternate, options, ratio, seconds, table

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.network.device import pick_device
from sentiment_cli.training.loop import Loop, StepRecord
from sentiment_cli.training.objectives.adversarial import Adversarial
from sentiment_cli.training.objectives.cross_entropy import CrossEntropy
from sentiment_cli.training.objectives.objective import Objective

OBJECTIVES: dict[str, Objective] = {
    "cross-entropy": CrossEntropy(None),
    "adversarial": Adversarial(1.0, None),
}
STEPS = 10


def main() -> None:
    """Measure and print the table."""
    parser = options(__doc__, repeats=7)
    chosen = parser.parse_args()
    pick_device(chosen.device)
    steps, repeats = (2, 0) if chosen.quick else (STEPS, chosen.repeats)
    experiment = read_experiment(None).experiment
    reviews = taught(experiment, quick=chosen.quick)

    def timed(objective: Objective) -> Callable[[], float]:
        loop = training_loop(
            experiment, **reviews._asdict(), device=chosen.device, objective=objective,
        )  # fmt: skip
        run = _steps(loop)
        return lambda: seconds(lambda: run(steps), chosen.device) / steps

    times = alternate({name: timed(own) for name, own in OBJECTIVES.items()}, repeats)
    rows = [
        [
            name,
            Spread.of([1e3 * value for value in own]).text(".0f"),
            ratio(own, times["cross-entropy"]).text(".2f"),
        ]
        for name, own in times.items()
    ]
    table("A step of the training loop", ["objective", "ms", "/ cross-entropy"], rows)


def _steps(loop: Loop) -> Callable[[int], int]:
    """Return a function that trains so many steps."""
    records = (record for record in loop.run() if isinstance(record, StepRecord))
    return lambda steps: len(list(islice(records, steps)))


if __name__ == "__main__":
    main()
