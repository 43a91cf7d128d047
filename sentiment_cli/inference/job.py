"""The folder of scored shards: what is there, what is missing, and what job it belongs to.

A shard is written beside the others, under `_job/`, and moved in whole by one rename. So each that
bears its name is complete, whoever was killed, and a second call goes on with the others.
"""

from __future__ import annotations

import json
import os
from hashlib import sha256
from typing import TYPE_CHECKING, Self

import numpy as np

from sentiment_cli.errors import UsageError
from sentiment_cli.runs.durable import environment_faults, make_folder, replace_file
from sentiment_cli.runs.lock import HOLDER, LOCK, Lock

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.inference.shards import Shard

FOLDER = "_job"
"""In the folder of shards: all that is no shard."""

_ACCOUNT = "job.json"


class Job:
    """The folder of shards, which is this process's own until `close`.

    Args:
        out: the folder; it is made, or holds shards of the very same job.
        shards: all that are to be there in the end.
        account: what the answers depend on.

    Raises:
        UsageError: `out` is something else, or holds shards of another job.
        EnvironmentFault: another process is at it, or the machine refuses.
    """

    def __init__(self, out: Path, shards: Sequence[Shard], account: str) -> None:
        self.out = out
        self.inside = out / FOLDER
        _require_ours(out)
        make_folder(self.inside)
        self._lock = Lock(self.inside)
        try:
            self._take_up(account)
            with environment_faults("read", out):
                there = {path.name for path in out.iterdir()}
            self.missing = [shard for shard in shards if shard.name not in there]
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Let others go on with it."""
        self._lock.release()

    def _take_up(self, account: str) -> None:
        path = self.inside / _ACCOUNT
        with environment_faults("read", path):
            before = path.read_text(encoding="utf-8") if path.exists() else None
        if before not in (None, account):
            raise UsageError(
                f"{self.out} holds shards of another run, of other reviews or of another column",
                hint="name another --out, or remove that folder",
            )
        with environment_faults("write to", self.inside):
            for left in self.inside.iterdir():  # by workers that were killed
                if left.name not in (_ACCOUNT, LOCK, HOLDER):
                    left.unlink()
        replace_file(path, account.encode())


def account_of(
    predictor: Predictor, shards: Sequence[Shard], columns: Sequence[str], text: str
) -> str:
    """Return what tells one job from another, as JSON: the classifier, the files, the column."""
    model = sha256(predictor.config.to_json() + predictor.tokenizer.to_json())
    for name, array in sorted(predictor.engine.weights.items()):
        model.update(name.encode())
        model.update(np.ascontiguousarray(array).tobytes())
    files = {(file, file.path.stat()) for file in {shard.file for shard in shards}}
    seen = sorted(
        (file.name, repr(file.options), stat.st_size, stat.st_mtime_ns) for file, stat in files
    )
    content = {"model": model.hexdigest(), "text": text, "columns": list(columns), "files": seen}
    return json.dumps(content, indent=1) + "\n"


def _require_ours(out: Path) -> None:
    """Refuse a place where something else is."""
    if not os.path.lexists(out):
        return
    with environment_faults("read", out):
        if not out.is_dir() or (any(out.iterdir()) and not (out / FOLDER).is_dir()):
            raise UsageError(
                f"{out} is there already and holds no scored shards",
                hint="name an --out that is absent or empty",
            )
