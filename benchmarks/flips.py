"""Flips bits of a network's weights, one at a time, and counts how often the run still opens.

    python benchmarks/flips.py --flips 10000

The run is of the default experiment's size, 20 MB; tests/faults/test_damage.py flips every byte of
a small one. The untouched copy must open, before and after. The exit code is 1 if it does not, or
if a damaged one does.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from pathlib import Path

from made_up import reviews, write_run

from sentiment_cli.errors import ModelError
from sentiment_cli.runs.reader import open_run

READ = ("config.json", "model.safetensors", "tokenizer.json")


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--flips", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--quick", action="store_true", help="a small run: seconds, no figures")
    options = parser.parse_args()
    chance, opened = random.Random(options.seed), 0
    flips, vocabulary = (20, 500) if options.quick else (options.flips, 40_000)
    with tempfile.TemporaryDirectory() as name:
        run = Path(name) / "run"
        texts = reviews(4 * vocabulary, 20, vocabulary=vocabulary)
        write_run(run, texts, vocabulary=vocabulary)
        open_run(run, READ)
        weights = os.open(run / "model.safetensors", os.O_RDWR)
        size = os.fstat(weights).st_size
        for _ in range(flips):
            at = chance.randrange(size)
            (whole,) = os.pread(weights, 1, at)
            os.pwrite(weights, bytes([whole ^ 1 << chance.randrange(8)]), at)
            try:
                open_run(run, READ)
                opened += 1
            except ModelError:
                pass
            os.pwrite(weights, bytes([whole]), at)
        os.close(weights)
        open_run(run, READ)
    print(f"weights    {size:,} bytes; the untouched copy opened, before and after")
    print(f"flips      {flips:,}, of which {opened} were not noticed")
    return int(opened > 0)


if __name__ == "__main__":
    sys.exit(main())
