"""The first answer: `sentiment predict` of one review of 200 words, from nothing to the label.

    python benchmarks/cold.py [--run DIR]

`sentiment explain` of the same review stands beside it. Whole processes in alternating runs, each
divided by `python -c 'import torch'`. Without --run, a stand-in run of the default size answers:
40,000 made-up words, bidirectional LSTM, E = H = 128.
Byte code is cached, as an installed package has it: in a temporary folder where the environment
forbids it. fastText's command and a scikit-learn pipeline loaded by joblib stand beside it where
they are installed.
"""

from __future__ import annotations

import importlib.util
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from timing import Ended, Spread, alternate, options, process, ratio, sentiment, table, verdict

GOALS = {"sentiment predict": 0.20, "sentiment --help": 0.15}
MEMORY_GOAL = 110  # MB
WORDS = 200

FIT_LINEAR = """
import sys, joblib
sys.path.insert(0, sys.argv[2])
from made_up import reviews
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
texts = list(reviews(2_000, 100, vocabulary=40_000))
model = make_pipeline(TfidfVectorizer(ngram_range=(1, 2)), LogisticRegression())
joblib.dump(model.fit(texts, [number % 2 for number in range(len(texts))]), sys.argv[1])
"""
ASK_LINEAR = "import joblib, sys; print(joblib.load(sys.argv[1]).predict([sys.argv[2]]))"


def main() -> None:
    """Time the commands and print the table."""
    parser = options(__doc__, repeats=15)
    parser.add_argument("--run", type=Path, help="a finished run (a stand-in)")
    chosen = parser.parse_args()
    repeats = 0 if chosen.quick else chosen.repeats
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        if sys.dont_write_bytecode and not chosen.quick:
            del os.environ["PYTHONDONTWRITEBYTECODE"]
            os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
        run = chosen.run or _stand_in(folder / "run", 1_000 if chosen.quick else 40_000)
        text = _review(run)
        commands = _commands(run.resolve(), text, chosen.device)
        if not chosen.quick:
            commands |= _linear(folder / "linear.joblib", text) | _fasttext(folder, text)
        _show(_measured(commands, repeats))


def _stand_in(path: Path, vocabulary: int) -> Path:
    script = Path(__file__).with_name("made_up.py")
    subprocess.run([sys.executable, script, path, f"--vocabulary={vocabulary}"], check=True)
    return path


def _commands(run: Path, text: str, device: str) -> dict[str, list[str]]:
    # A GPU is asked for by name alone; `predict` of one review does not load torch by itself.
    own = ["--device", device] if device == "cuda" else []
    return {
        "import torch": [sys.executable, "-c", "import torch"],
        "sentiment predict": [*sentiment(), "predict", "--run", str(run), *own, text],
        "sentiment explain": [*sentiment(), "explain", "--run", str(run), text],
        "sentiment --help": [*sentiment(), "--help"],
        "sentiment --version": [*sentiment(), "--version"],
        "import numpy, typer, tokenizers": [
            sys.executable, "-c", "import numpy, typer, tokenizers"
        ],
    }  # fmt: skip


def _review(run: Path) -> str:
    """Return a review of words that the run knows."""
    vocabulary = json.loads((run / "tokenizer.json").read_bytes())["model"]["vocab"]
    known = sorted(word for word in vocabulary if word.isalpha())
    return " ".join(random.Random(0).choices(known, k=WORDS))


def _linear(path: Path, text: str) -> dict[str, list[str]]:
    if not all(map(importlib.util.find_spec, ("joblib", "sklearn"))):
        return {}
    here = str(Path(__file__).parent)
    subprocess.run([sys.executable, "-c", FIT_LINEAR, path, here], check=True)
    return {"joblib, scikit-learn": [sys.executable, "-c", ASK_LINEAR, str(path), text]}


def _fasttext(folder: Path, text: str) -> dict[str, list[str]]:
    command = shutil.which("fasttext")
    if command is None:
        return {}
    lines, asked = folder / "lines.txt", folder / "asked.txt"
    words = text.split()
    lines.write_text("".join(f"__label__{n % 2} {word}\n" for n, word in enumerate(words)))
    asked.write_text(text + "\n")
    subprocess.run(
        [command, "supervised", "-input", lines, "-output", folder / "fast", "-dim", "100"],
        check=True, capture_output=True,
    )  # fmt: skip
    return {"fasttext predict": [command, "predict", str(folder / "fast.bin"), str(asked)]}


def _measured(commands: dict[str, list[str]], repeats: int) -> dict[str, list[Ended]]:
    def job(command: list[str]) -> Ended:
        ended = process(command)
        if ended.code:
            sys.exit(f"{' '.join(command)[:200]} ended with {ended.code}: {ended.errors[-500:]}")
        return ended

    return alternate({name: partial(job, command) for name, command in commands.items()}, repeats)


def _show(ended: dict[str, list[Ended]]) -> None:
    torch = [run.seconds for run in ended["import torch"]]
    rows = []
    for name, runs in ended.items():
        own = [run.seconds for run in runs]
        share = ratio(own, torch)
        goal = GOALS.get(name)
        rows.append(
            [
                name,
                Spread.of(own).text(".3f"),
                share.text(".2f"),
                verdict(share.median, goal, at_most=True) if goal else "",
                f"{max(run.peak_mb for run in runs):.0f}",
            ]
        )
    table(
        "From nothing to the answer: medians (and quartiles)",
        ["command", "seconds", "/ import torch", "goal", "peak MB"],
        rows,
    )
    peak = max(run.peak_mb for run in ended["sentiment predict"])
    print(f"\n  peak memory of predict, MB: {verdict(peak, MEMORY_GOAL, at_most=True)}")
    if shutil.which("fasttext") is None:
        print("  fasttext predict: not measured, the command is not installed here")


if __name__ == "__main__":
    main()
