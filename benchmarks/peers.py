"""sentiment beside its peers: the same reviews of IMDb in, the same test reviews judged.

    python benchmarks/peers.py [--only NAME]... [--minutes M] [--folder DIR]

Training, validation and test reviews are those of configs/lstm.yaml. Each peer has an environment
of its own under DIR, made by pip the first time (scikit-learn has that of sentiment), and an
adapter in benchmarks/peer/, which says how it is set. One runs at a time:

- training: seconds of the whole process, from files of reviews to a model on the disk;
- one answer: seconds of a whole process that loads the model and judges one review, the median and
  the quartiles of --repeats;
- accuracy: of the labels that it prints for the test reviews, with Wilson's 95% interval;
- size: of all files of the model.

A peer that cannot be installed, or is not done within M minutes, is told with the reason. --quick
reads 200 made-up reviews and measures nothing; without --only, of sentiment and scikit-learn alone.
"""

from __future__ import annotations

import csv
import os
import shutil
import signal
import subprocess
import sys
import time
import venv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from made_up import reviews
from statsmodels.stats.proportion import proportion_confint
from timing import Spread, options, sentiment, table

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.schema import Experiment
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.shipped import shipped

ADAPTERS = Path(__file__).with_name("peer")
PARTS = {"training": Part.TRAINING, "validation": Part.VALIDATION, "test": Part.TEST}
TORCH = "torch==2.13.0"
QUICK = """\
data: {source: quick.csv}
model: {embedding_dim: 8, hidden_size: 8}
training: {epochs: 1}
"""


@dataclass(frozen=True)
class Peer:
    """A library, by its adapter and what pip installs for it; nothing, where it is here already."""

    adapter: str
    packages: tuple[str, ...] = ()


PEERS = {
    "scikit-learn": Peer("scikit_bigrams"),
    "fastText": Peer("fasttext_bigrams", ("fasttext-wheel==0.9.2", "numpy<2")),
    "spaCy": Peer("spacy_textcat", ("spacy==3.8.18",)),
    "Flair": Peer("flair_lstm", (TORCH, "flair==0.15.1")),
    "Ludwig": Peer("ludwig_lstm", (TORCH, "ludwig==0.11.0")),
}
OWN = "sentiment"


class UnableError(Exception):
    """Why a peer has no figures."""


@dataclass(frozen=True)
class Limits:
    """How long each step may take, and how often the single answer is timed."""

    minutes: float
    repeats: int


@dataclass(frozen=True)
class Commands:
    """How one of the classifiers is called, and what it leaves behind."""

    train: list[str]
    predict: list[str]
    once: list[str]
    model: Path
    answers: Path


def main() -> None:
    """Measure one peer after the other, and print the table."""
    parser = options(__doc__, repeats=5)
    parser.add_argument("--only", action="append", choices=[OWN, *PEERS], metavar="NAME")
    parser.add_argument("--minutes", type=float, default=60, help="limit of each step (60)")
    parser.add_argument("--folder", type=Path, default=Path("build/peers"))
    chosen = parser.parse_args()
    names = chosen.only or ([OWN, "scikit-learn"] if chosen.quick else [OWN, *PEERS])
    limits = Limits(chosen.minutes, 1 if chosen.quick else chosen.repeats)
    folder = chosen.folder.resolve()
    data, runs = folder / "data", folder / "models"
    for stale in (data, runs):
        shutil.rmtree(stale, ignore_errors=True)
        stale.mkdir(parents=True)
    os.environ["SENTIMENT_CACHE"] = str(data / "cache")  # nothing is ready before it is timed
    config = _quick(data) if chosen.quick else shipped("configs", "lstm.yaml")
    counts = _write(read_experiment(config).experiment, data)
    rows = []
    for name in names:
        print(f"{name}: begun", file=sys.stderr)
        try:
            commands = _commands(name, config, data, runs / name, folder)
            rows.append([name, *_measured(commands, data, limits)])
        except UnableError as reason:
            rows.append([name, f"no figures: {reason}"])
    told = ", ".join(f"{count:,} {part}" for part, count in counts.items())
    head = ["", "test accuracy", "training, s", "one answer, s", "MB"]
    figures, others = [row for row in rows if len(row) > 2], [row for row in rows if len(row) == 2]
    table(f"On the same reviews: {told}", head, figures)
    for name, reason in others:
        print(f"  {name}: {reason}")


def _quick(data: Path) -> Path:
    """Write an experiment and its 200 made-up reviews."""
    texts = reviews(200, 20, vocabulary=300)
    rows = [(text, ("negative", "positive")[n % 2]) for n, text in enumerate(texts)]
    _save(data / "quick.csv", rows)
    (data / "quick.yaml").write_text(QUICK, encoding="utf-8")
    return data / "quick.yaml"


def _write(experiment: Experiment, data: Path) -> dict[str, int]:
    """Write each part of the experiment's reviews as a file, and return how many they are."""
    corpus = open_corpus(experiment)
    counts = {}
    for name, part in PARTS.items():
        rows = [(own.text, corpus.labels.classes[own.label]) for own in corpus.reviews(part)]
        _save(data / f"{name}.csv", rows)
        counts[name] = len(rows)
    _save(data / "one.csv", rows[:1])
    return counts


def _save(file: Path, rows: Sequence[tuple[str, str]]) -> None:
    with file.open("w", encoding="utf-8", newline="") as lines:
        writer = csv.writer(lines)
        writer.writerow(["text", "label"])
        writer.writerows(rows)


def _rows(file: Path) -> Iterator[tuple[str, str]]:
    with file.open(encoding="utf-8", newline="") as lines:
        for row in csv.DictReader(lines):
            yield row["text"], row["label"]


def _commands(name: str, config: Path, data: Path, model: Path, folder: Path) -> Commands:
    test, one = data / "test.csv", data / "one.csv"
    if name == OWN:
        review, _ = next(_rows(one))
        scored = data / "scored.csv"
        ask = [*sentiment(), "predict", "--run", str(model)]
        return Commands(
            [*sentiment(), "train", str(config), "--out", str(model)],
            [*ask, "--file", str(test), "--out", str(scored), "--force"],
            [*ask, review], model, scored,
        )  # fmt: skip
    peer, labels = PEERS[name], data / "labels.txt"
    call = [_python(peer, folder / name), str(ADAPTERS / f"{peer.adapter}.py")]
    ask = [*call, "predict", str(model)]
    return Commands(
        [*call, "train", str(data), str(model)],
        [*ask, str(test), str(labels)],
        [*ask, str(one), str(data / "label.txt")], model, labels,
    )  # fmt: skip


def _python(peer: Peer, folder: Path) -> str:
    """Return the Python of a peer's environment, which is made where it is not there.

    Raises:
        UnableError: pip cannot install it.
    """
    if not peer.packages:
        return sys.executable
    python, ready = folder / "bin" / "python", folder / ".ready"
    wanted = " ".join(peer.packages)
    if not ready.exists() or ready.read_text(encoding="utf-8") != wanted:
        venv.create(folder, clear=True, with_pip=True)
        pip = [str(python), "-m", "pip", "install", "--quiet", *peer.packages]
        _run(pip, 60, "pip install")
        ready.write_text(wanted, encoding="utf-8")
    return str(python)


def _measured(commands: Commands, data: Path, limits: Limits) -> list[str]:
    training = _run(commands.train, limits.minutes, "training")
    _run(commands.predict, limits.minutes, "prediction")
    # A table that `sentiment predict` wrote, or a label a line.
    is_table = commands.answers.suffix == ".csv"
    lines = commands.answers.read_text(encoding="utf-8").splitlines()
    found = [label for _, label in _rows(commands.answers)] if is_table else lines
    truth = [label for _, label in _rows(data / "test.csv")]
    right = sum(own == true for own, true in zip(found, truth, strict=True))
    low, high = proportion_confint(right, len(truth), method="wilson")
    _run(commands.once, limits.minutes, "prediction")  # reads from a cold disk: not counted
    answers = [_run(commands.once, limits.minutes, "prediction") for _ in range(limits.repeats)]
    size = sum(path.stat().st_size for path in commands.model.rglob("*") if path.is_file())
    return [
        f"{right / len(truth):.2%} ({low:.2%} to {high:.2%})",
        f"{training:,.0f}",
        Spread.of(answers).text(".2f"),
        f"{size / 1e6:,.1f}",
    ]


def _run(command: list[str], minutes: float, what: str) -> float:
    """Run a command to its end, and return its seconds.

    It stands in a folder of its own, for some leave files wherever they are.

    Raises:
        UnableError: it fails, or is not done in time.
    """
    with TemporaryDirectory() as here:
        start = time.perf_counter()
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, start_new_session=True, cwd=here, env=os.environ | {"HF_HUB_OFFLINE": "1"},
        )  # fmt: skip
        try:
            told, _ = process.communicate(timeout=minutes * 60)
        except subprocess.TimeoutExpired as late:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate()
            raise UnableError(f"{what} was not done in {minutes:g} minutes") from late
        seconds = time.perf_counter() - start
    if process.returncode:
        last = " ".join(told.strip().splitlines()[-1:])
        raise UnableError(f"{what} ended with {process.returncode}: {last[:200]}")
    return seconds


if __name__ == "__main__":
    main()
