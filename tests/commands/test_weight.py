"""What a command loads before it can answer."""

from __future__ import annotations

import subprocess
import sys

import pytest

HEAVY = {
    "torch", "datasets", "pandas", "sklearn", "scipy", "pydantic", "pyarrow", "huggingface_hub",
    "ruamel", "platformdirs", "jinja2", "optuna", "onnx", "onnxruntime", "ray",
}  # fmt: skip
SCRIPT = """
import sys
sys.argv = ["sentiment", *sys.argv[1:]]
from sentiment_cli.__main__ import main
try:
    main()
except SystemExit:
    pass
sys.stderr.write("LOADED " + " ".join({name.split(".")[0] for name in sys.modules}))
"""


def loaded(cwd, *arguments):
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT, *arguments],
        capture_output=True, cwd=cwd, timeout=60, check=True, text=True,
    )  # fmt: skip
    return set(found.stderr.rpartition("LOADED ")[2].split())


@pytest.mark.parametrize(
    "arguments",
    [
        ("--help",),
        ("train", "--help"),
        ("tune", "--help"),
        ("predict",),
        ("predict", "--file", "reviews.csv"),
        ("predict", "--file", "reviews.csv", "--out", "scored.xlsx"),
        ("train", "--epochs", "3"),
        ("nonsense",),
        ("memory", "--html", "reviews.csv"),
        ("export", "--onnx", "reviews.csv"),
        ("runs",),
        ("runs", "--json"),
        ("predict", "crunchy and fresh"),
        ("predict", "--json", "one", "two", "three"),
    ],
)
def test_loads_nothing_heavy(shop, arguments):
    assert not loaded(shop, *arguments) & HEAVY


def test_scoring_a_file_here_loads_no_ray(shop, tmp_path):
    out = str(tmp_path / "scored.csv")
    assert "ray" not in loaded(shop, "predict", "--file", "reviews.csv", "--out", out)
