"""Every benchmark runs, on tiny made-up data, and prints its table."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

BENCHMARKS = Path(__file__).parents[1] / "benchmarks"
TABLES = {
    "cold": "sentiment predict",
    "train_step": "optimizer",
    "inference": "bare kernel",
    "growth": "hidden size",
    "prepare": "reviews/s",
    "inspection": "seconds",
    "tokenising": "ratio",
    "saving": "100 steps",
    "flips": "20, of which 0",
    "scale_training": "processes",
    "scale_scoring": "one process",
    "peers": "scikit-learn",
    "few_reviews": "reviews",
}


@pytest.mark.parametrize("name", TABLES)
def test_prints_its_table(name, tmp_path):
    options = ["--cell", "lstm"] if name == "train_step" else []
    found = subprocess.run(
        [sys.executable, BENCHMARKS / f"{name}.py", "--quick", *options],
        capture_output=True, cwd=tmp_path, env=os.environ, timeout=120, text=True, check=False,
    )  # fmt: skip
    assert found.returncode == 0, found.stderr
    assert f"  {TABLES[name]}" in found.stdout
