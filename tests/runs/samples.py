"""Files of a run, as small as they can be."""

from __future__ import annotations

from pathlib import Path

from sentiment_cli.runs.reader import HASHES
from sentiment_cli.runs.store import RunFolder

CONFIG = "seed: 7\n"
STATE = {
    "config.json": b'{"cell": "lstm"}',
    "model.safetensors": b"weights",
    "tokenizer.json": b'{"model": {}}',
    HASHES: b"hashes",
}
FINAL = {
    **STATE,
    "metrics.json": b'{"accuracy": 0.5}',
    "timing.json": b'{"seconds": 2.5}',
    "README.md": b"# a run\n",
}


def unfinished(path: Path, *steps: int) -> Path:
    """A run that stopped after it had saved at `steps`."""
    with RunFolder.create(path, config_yaml=CONFIG) as run:
        for step in steps:
            run.save_checkpoint(step, STATE, best_step=None, keep=len(steps))
    return path


def finished(path: Path) -> Path:
    """A finished run."""
    with RunFolder.create(path, config_yaml=CONFIG) as run:
        run.finish(FINAL)
    return path
