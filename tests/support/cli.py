"""The real command line, and small files of reviews."""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
from dataclasses import dataclass

from typer.testing import CliRunner

from sentiment_cli.cli import app

WORDS = {
    "good": ["crunchy", "lovely", "fresh", "delicious", "perfect", "amazing"],
    "bad": ["stale", "awful", "soggy", "bland", "horrible", "tasteless"],
    "mixed": ["average", "ordinary", "so-so", "middling", "passable", "unremarkable"],
}
FILLER = [
    *("this", "box", "of", "cereal", "the", "milk", "and", "my", "kids", "with", "a"),
    *("spoon", "every", "morning", "in", "our", "house"),
]

TINY = """\
data: {source: reviews.csv}
tokenizer: {vocab_size: 200, min_frequency: 1, max_tokens: 20}
model: {embedding_dim: 8, hidden_size: 8, dropout: 0.1, embedding_dropout: 0.0, word_dropout: 0.0}
training: {epochs: 4, batch_size: 8, lr: 0.02, ema_decay: 0.8}
device: cpu
"""
SWEPT = TINY.replace("epochs: 4", "epochs: 1") + "sweep: {model.cell: [rnn, gru]}\n"


@dataclass(frozen=True)
class Answer:
    """What a command left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        """Its only line of stdout, as JSON."""
        return json.loads(self.out)

    @property
    def lines(self):
        """Its lines of stdout, each as JSON."""
        return [json.loads(line) for line in self.out.splitlines()]


def write_reviews(path, classes, rows=120, seed=0):
    chance = random.Random(seed)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["text", "label"])
        for number in range(rows):
            label = classes[number % len(classes)]
            words = chance.choices(FILLER, k=chance.randint(3, 12))
            words += chance.sample(WORDS[label], k=2)
            chance.shuffle(words)
            writer.writerow([f"{' '.join(words)} {number}", label])


def sentiment(*arguments, stdin=None):
    """Run the command line in this process."""
    found = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin, prog_name="sentiment")
    return Answer(found.exit_code, found.stdout, found.stderr)


def compare_cells(*arguments):
    """Compare the cells of the experiment here with two seeds."""
    return sentiment("compare", "cells.yaml", "--seeds", 2, *arguments)


def sentiment_process(*arguments, stdin=b"", cwd=None):
    """Run the command line in a process of its own."""
    found = subprocess.run(
        [sys.executable, "-m", "sentiment_cli", *map(str, arguments)],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env=os.environ,
        timeout=120,
        check=False,
    )
    return Answer(found.returncode, found.stdout.decode(), found.stderr.decode())
