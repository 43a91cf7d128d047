"""Scoring a file: `sentiment predict --file` of 20,000 reviews beside the bare kernel.

    python benchmarks/inference.py [--run DIR] [--reviews 20000]

Real tokens a second, padding not counted, in alternating runs: the whole command in a process of
its own, from the file that is read to the file that is written, its start included; and nn.LSTM,
nn.GRU or nn.RNN of the run's sizes, forward over 64 reviews of 256 tokens. The reviews are IMDb's.
Without --run, a stand-in run answers, whose vocabulary was learned from them: bidirectional LSTM,
E = H = 128, reviews cut to 256 tokens. --quick scores made-up reviews.
"""

from __future__ import annotations

import csv
import sys
import tempfile
from itertools import islice
from pathlib import Path

import torch
from made_up import imdb, reviews, write_run
from plain_loop import KERNELS
from timing import Spread, alternate, options, process, ratio, seconds, sentiment, table, verdict

from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.device import pick_device

GOAL = 0.75


def main() -> None:
    """Measure and print the table."""
    parser = options(__doc__, repeats=3)
    parser.add_argument("--run", type=Path, help="a finished run (a stand-in)")
    parser.add_argument("--reviews", type=int, default=20_000, help="rows of the file (20,000)")
    chosen = parser.parse_args()
    pick_device(chosen.device)
    repeats = 0 if chosen.quick else chosen.repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if chosen.quick:
            texts = list(reviews(400, 20, vocabulary=500))
        else:
            texts = list(islice(imdb(), chosen.reviews))
        run = chosen.run
        if run is None:
            run = folder / "run"
            write_run(run, texts, vocabulary=40_000)
        _compare(run, texts, folder, chosen.device, repeats, kernel_runs=1 if chosen.quick else 8)


def _compare(
    run: Path, texts: list[str], folder: Path, device: str, repeats: int, *, kernel_runs: int
) -> None:
    source, scored = folder / "reviews.csv", folder / "scored.csv"
    with source.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text"])
        writer.writerows([text] for text in texts)
    predictor = Predictor.load(run)
    tokens = sum(len(read.ids) for read in predictor.tokenizer.encode(texts))
    architecture = predictor.config.architecture
    command = [*sentiment(), "predict", "--run", run, "--device", device]
    command += ["--file", source, "--out", scored]

    def whole_command() -> float:
        scored.unlink(missing_ok=True)
        ended = process(command)
        if ended.code:
            sys.exit(f"predict --file ended with {ended.code}: {ended.errors[-500:]}")
        return tokens / ended.seconds

    rates = alternate(
        {"command": whole_command, "kernel": lambda: _forward(architecture, device, kernel_runs)},
        repeats,
    )
    share = ratio(rates["command"], rates["kernel"])
    table(
        f"{len(texts):,} reviews, {tokens:,} tokens, {architecture.cell}",
        ["", "tokens/s", "ratio", "goal"],
        [
            [
                "predict --file, whole command",
                Spread.of(rates["command"]).text(),
                share.text(".2f"),
                verdict(share.median, GOAL, at_most=False),
            ],
            ["bare kernel, forward", Spread.of(rates["kernel"]).text(), "1", ""],
        ],
    )
    spent = tokens / Spread.of(rates["command"]).median
    print(f"\n  {len(texts) / spent:,.0f} reviews/s, {spent:.1f} s in all")


def _forward(architecture: Architecture, device: str, runs: int) -> float:
    """Return the tokens a second of the kernel alone."""
    encoder = KERNELS[architecture.cell](
        architecture.embedding_dim,
        architecture.hidden_size,
        architecture.num_layers,
        batch_first=True,
        bidirectional=architecture.bidirectional,
    ).to(device)
    inputs = 0.1 * torch.randn(64, 256, architecture.embedding_dim, device=device)

    def work() -> None:
        with torch.inference_mode():
            for _ in range(runs):
                encoder(inputs)

    return runs * inputs.shape[0] * inputs.shape[1] / seconds(work, device)


if __name__ == "__main__":
    main()
