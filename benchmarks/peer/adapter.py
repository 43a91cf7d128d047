"""What every peer's adapter is to the benchmark: two commands, run by the peer's own Python.

    python ADAPTER train DATA MODEL           reads DATA/training.csv and DATA/validation.csv
    python ADAPTER predict MODEL FILE LABELS  writes a label for each review of FILE, one a line

An adapter needs nothing of sentiment_cli, which its environment does not have.
"""

from __future__ import annotations

import csv
import sys
from collections.abc import Callable, Iterable
from pathlib import Path

TEXT, LABEL = "text", "label"

Train = Callable[[Path, Path], None]
Predict = Callable[[Path, list[str]], Iterable[str]]


def column(file: Path, name: str) -> list[str]:
    """Return a column of a file of reviews."""
    with file.open(encoding="utf-8", newline="") as lines:
        return [row[name] for row in csv.DictReader(lines)]


def main(train: Train, predict: Predict) -> None:
    """Do what the command line asks for."""
    command, *paths = sys.argv[1:]
    if command == "train":
        data, model = map(Path, paths)
        model.mkdir(parents=True, exist_ok=True)
        train(data, model)
        return
    model, file, labels = map(Path, paths)
    lines = "".join(f"{label}\n" for label in predict(model, column(file, TEXT)))
    labels.write_text(lines, encoding="utf-8")
