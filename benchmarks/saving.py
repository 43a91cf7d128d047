"""What checkpoints cost: the share of a training's time that goes into saving.

    python benchmarks/saving.py

The default experiment's network and reviews of IMDb's lengths; steps and saves alternate. A save
takes the whole state off the device, writes it, flushes it to the disk and removes the one before.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path
from types import SimpleNamespace

import numpy as np
from made_up import counted, tokens, training_loop
from timing import Spread, alternate, options, seconds, table, verdict

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.runs.reader import NGRAMS
from sentiment_cli.runs.store import RunFolder
from sentiment_cli.training.checkpoint import checkpoint_files
from sentiment_cli.training.loop import Loop, StepRecord
from sentiment_cli.training.ngrams import NgramSources

GOAL = 0.02
REVIEWS, VOCABULARY, MEAN_LENGTH = 18_000, 40_000, 215
STEPS = 10
"""Steps that are timed together."""


def main() -> None:
    """Measure and print the table."""
    chosen = options(__doc__, repeats=7).parse_args()
    repeats = 0 if chosen.quick else chosen.repeats
    reviews, vocabulary = (320, 500) if chosen.quick else (REVIEWS, VOCABULARY)
    experiment = read_experiment(None).experiment
    rng = np.random.default_rng(0)
    longest = experiment.tokenizer.max_tokens
    lengths = np.minimum(1 + rng.gamma(2.5, MEAN_LENGTH / 2.5, reviews).astype(int), longest)
    training, validation = (tokens(part, vocabulary=vocabulary) for part in (lengths, lengths[:50]))
    with tempfile.TemporaryDirectory() as name:
        prepared = SimpleNamespace(
            training=training, unlabelled=None, classes=("bad", "good"), cache=Path(name)
        )
        ngrams = counted(prepared, experiment)
        assert ngrams is not None
        loop = training_loop(
            experiment,
            training,
            validation,
            vocabulary=vocabulary,
            device=chosen.device,
            ngrams=ngrams,
        )
        folder = RunFolder.create(Path(name) / "run", config_yaml=dump_experiment(experiment))
        with folder:
            steps, number = _steps(loop), count()

            def save() -> float:
                def written() -> None:
                    files = checkpoint_files(loop, NgramSources(), "reviews")
                    files[NGRAMS] = dump_weights(ngrams.table.tensors())
                    folder.save_checkpoint(next(number), files, best_step=None, keep=1)

                return seconds(written, chosen.device)

            figures = alternate(
                {
                    "step": lambda: seconds(lambda: [next(steps) for _ in range(STEPS)]) / STEPS,
                    "save": save,
                },
                repeats,
            )
    step, saved = Spread.of(figures["step"]), Spread.of(figures["save"])
    epoch = -(-reviews // experiment.training.batch_size)
    rows = []
    for every, label in ((epoch, "epoch, the default"), (100, "100 steps")):
        share = saved.median / (saved.median + every * step.median)
        rows.append([label, saved.text(".3f"), step.text(".3f"), f"{share:.2%}"])
        if every == epoch:
            rows[-1].append(verdict(share, GOAL, at_most=True))
        else:
            rows[-1].append("")
    table("Saving", ["checkpoint.every", "a save, s", "a step, s", "share", "goal"], rows)


def _steps(loop: Loop) -> Iterator[StepRecord]:
    return (record for record in loop.run() if isinstance(record, StepRecord))


if __name__ == "__main__":
    main()
