"""A run folder that would like to take much memory is refused in little."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.folders import forge, sound_files, with_config, with_tokenizer

from sentiment_cli.runs.reader import NGRAMS

from .test_hostile_folder import entry, sealed

MEMORY = 300 * 2**20
SPARSE = 2**34

# A process's peak begins with that of the one which starts it: a small one stands between.
_LAUNCHER = """
import resource, subprocess, sys
code = subprocess.call([sys.executable, "-m", "sentiment_cli", *sys.argv[1:]], stdout=sys.stderr)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
"""


def sparse(path: Path, name: str, size: int) -> None:
    """Make `name` a file of `size` zeros that takes no space, and say so in the manifest."""
    os.truncate(path / name, size)
    entries = {each: entry(content) for each, content in sound_files().items()}
    entries[name] = {"sha256": "0" * 64, "size": size}
    (path / "manifest.json").write_bytes(sealed(entries))


def many(text: bytes, size: int) -> bytes:
    return b"[" + text * (size // len(text)) + text.rstrip(b",") + b"]"


def made(path: Path, how: str) -> str:
    """Make a folder that would like to take much memory; returns the file to be named."""
    forge(path, sound_files())
    match how:
        case "sparse weights":
            sparse(path, "model.safetensors", SPARSE)
            return "model.safetensors"
        case "sparse n-grams":
            sparse(path, NGRAMS, 2**31)
            return NGRAMS
        case "number of n-grams":
            forge(path, with_config(num_ngrams=2**27))
            return NGRAMS
        case "sparse config":
            sparse(path, "config.json", 2**27)
            return "config.json"
        case "sparse tokenizer":
            sparse(path, "tokenizer.json", 2**27)
            return "tokenizer.json"
        case "nested config":
            forge(path, {**sound_files(), "config.json": many(b"[],", 2**20 - 9)})
            return "config.json"
        case "nested tokenizer":
            forge(path, with_tokenizer(many(b"[],", 2**24)))
            return "tokenizer.json"
        case "sizes":
            forge(path, with_config(architecture={"hidden_size": 8_000, "num_layers": 1}))
            return "model.safetensors"
    raise AssertionError(how)


@pytest.mark.parametrize(
    "how",
    [
        "sparse weights",
        "sparse n-grams",
        "number of n-grams",
        "sparse config",
        "sparse tokenizer",
        "nested config",
        "nested tokenizer",
        "sizes",
    ],
)
def test_what_would_take_much_memory_is_refused_in_little(how: str, disk: Path) -> None:
    name = made(disk / "run", how)
    process = subprocess.run(
        [sys.executable, "-c", _LAUNCHER, "predict", "--run", disk / "run", "x"],
        capture_output=True,
        text=True,
        check=False,
    )
    said = process.stderr
    assert process.returncode == 4, said
    assert name in said
    assert "Traceback" not in said
    assert int(process.stdout) * (1 if sys.platform == "darwin" else 1024) < MEMORY
