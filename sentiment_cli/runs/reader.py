"""Reading a run folder, finished or still being trained. Readers take no lock and never wait.

config.yaml        the experiment as it ran
config.json  model.safetensors  tokenizer.json  metrics.json      once it is finished
training_hashes.safetensors      hashes of the texts it was trained on
ngrams.safetensors      counts of n-grams, if it reads them
README.md  timing.json  history.jsonl  tensorboard/      for people; no manifest covers them
checkpoints/       until it is finished
manifest.json      covers the first seven; its presence says: finished
"""

from __future__ import annotations

import os
import shlex
from collections.abc import Collection
from contextlib import suppress
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from sentiment_cli.errors import ModelError
from sentiment_cli.runs.checkpoints import newest_checkpoint
from sentiment_cli.runs.durable import environment_faults
from sentiment_cli.runs.manifest import LARGEST_WEIGHTS, MANIFEST
from sentiment_cli.runs.verified import read_verified

CONFIG = "config.yaml"
METRICS = "metrics.json"
TIMING = "timing.json"
HISTORY = "history.jsonl"

HASHES = "training_hashes.safetensors"
NGRAMS = "ngrams.safetensors"

COVERED = (CONFIG, "config.json", "model.safetensors", "tokenizer.json", HASHES, METRICS)
"""The files that a finished run's manifest names, and NGRAMS if the run has it."""


@dataclass(frozen=True)
class Run:
    """What a run folder holds by now, verified.

    `files` are a finished run's files, else those of its newest whole checkpoint; then `step` is
    the checkpoint's step, and `passed_over` says what is wrong with the newer ones, if any.
    """

    path: Path
    files: dict[str, bytes]
    step: int | None = None
    passed_over: tuple[str, ...] = ()

    @property
    def finished(self) -> bool:
        """Whether these are the run's final files."""
        return self.step is None


def is_finished(path: Path) -> bool:
    """Whether the training of the run folder `path` has come to its end."""
    return os.path.lexists(path / MANIFEST)


def is_run(path: Path) -> bool:
    """Whether `path` is a run folder, finished or not."""
    return is_finished(path) or os.path.lexists(path / CONFIG)


def is_unfinished(path: Path) -> bool:
    """Whether `path` is a run folder whose training is running or was stopped."""
    return is_run(path) and not is_finished(path)


def open_run(
    path: Path, names: Collection[str] | None = None, *, largest: int = LARGEST_WEIGHTS
) -> Run:
    """The run in the folder `path`; only the files in `names` are read, where given.

    Raises:
        ModelError: `path` is no run folder, is damaged, holds no checkpoint yet, or a file that
            was asked for has more than `largest` bytes.
        EnvironmentFault: the machine refuses to read.
    """
    require_run(path)
    if is_finished(path):
        wanted, optional = (COVERED, (NGRAMS,)) if names is None else (names, ())
        return Run(path, read_verified(path, wanted, optional=optional, largest=largest))
    saved = newest_checkpoint(path, names, largest=largest)
    if saved is not None:
        return Run(path, saved.files, saved.step, saved.passed_over)
    if is_finished(path):
        # It came to its end while its checkpoints were looked for.
        return open_run(path, names, largest=largest)
    raise ModelError(
        f"{path} is not finished and holds no checkpoint yet",
        hint="wait for its first checkpoint; if its training was stopped, go on with: "
        f"sentiment train --resume {shlex.quote(str(path))}",
    )


def require_run(path: Path) -> None:
    """Refuse a `path` that is no run folder.

    Raises:
        ModelError: nothing is there, or a file, or a folder of something else.
        EnvironmentFault: the machine refuses to look.
    """
    if is_run(path):
        return
    hint = "see the runs that are here with: sentiment runs"
    with environment_faults("read", path):
        try:
            next(path.iterdir(), None)
            what = f"{path} is no run folder: it holds neither {MANIFEST} nor {CONFIG}"
        except FileNotFoundError:
            what = f"there is no run folder {path}"
            hint = _like(path) or hint
        except NotADirectoryError:
            what = f"{path} is a file, not a run folder"
    raise ModelError(what, hint=hint)


def _like(path: Path) -> str | None:
    """Ask whether a run of a similar name was meant, beside `path` or among `runs/` there."""
    found: list[Path] = []
    for folder in (path.parent, path.parent / "runs"):
        with suppress(OSError):
            found += filter(is_run, folder.iterdir())
    runs = {run.name: run for run in reversed(found)}
    near = get_close_matches(path.name, runs, n=1)
    return f"did you mean {shlex.quote(str(runs[near[0]]))}?" if near else None
