"""The folder of a run that is being trained, for its one writer.

What was saved stays whole through a kill at any moment: a checkpoint is committed by the rename of
its directory, and the run is finished by the rename of its manifest. See `reader` for the layout.
"""

from __future__ import annotations

import json
import os
import shlex
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Self

from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.runs import checkpoints
from sentiment_cli.runs.durable import (
    PARTIAL,
    append_line,
    clear_partials,
    environment_faults,
    make_folder,
    remove_directory,
    replace_file,
)
from sentiment_cli.runs.lock import HOLDER, LOCK, Lock
from sentiment_cli.runs.manifest import LARGEST_WEIGHTS, MANIFEST, encode
from sentiment_cli.runs.reader import (
    CONFIG,
    COVERED,
    HISTORY,
    NGRAMS,
    is_finished,
    is_unfinished,
    require_run,
)
from sentiment_cli.runs.verified import read_text, read_verified


class RunFolder:
    """A run folder and the lock on it; a context manager, which lets the lock go at its end.

    Made by `create` or `resume`. `path` is the folder, `config_yaml` the experiment as it runs.
    """

    def __init__(self, path: Path, lock: Lock, config_yaml: str) -> None:
        self.path = path
        self.config_yaml = config_yaml
        self._lock = lock

    @classmethod
    def create(cls, path: Path, *, config_yaml: str) -> Self:
        """A new run in `path`, which must be absent or empty.

        Raises:
            UsageError: something is there already; nothing was touched.
            EnvironmentFault: another process is writing there, or the machine refuses.
        """
        if not is_unfinished(path):
            _require_vacant(path)
            make_folder(path)
        # Where a training holds the folder, to say so is of more use than that it is not empty.
        lock = Lock(path)
        try:
            _require_vacant(path)
            clear_partials(path)
            replace_file(path / CONFIG, config_yaml.encode())
            make_folder(path / checkpoints.CHECKPOINTS)
        except BaseException:
            lock.release()
            raise
        return cls(path, lock, config_yaml)

    @classmethod
    def resume(cls, path: Path) -> Self:
        """The run in `path`, to go on with; what killed writers left there is cleared.

        A finished run is opened too (see `finished`), and nothing but leftovers changes in it.

        Raises:
            ModelError: it is no run folder, its config.yaml was changed since it began, or it is
                damaged beyond going on.
            EnvironmentFault: another process is writing there, or the machine refuses.
        """
        require_run(path)
        lock = Lock(path)
        try:
            clear_partials(path)
            folder = cls(path, lock, read_text(path / CONFIG))
            if folder.finished:
                folder._remove_checkpoints()
            else:
                _require_unchanged(path, folder.config_yaml)
                make_folder(path / checkpoints.CHECKPOINTS)
        except BaseException:
            lock.release()
            raise
        return folder

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        fault: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the lock go."""
        self._lock.release()

    @property
    def finished(self) -> bool:
        """Whether the run has come to its end."""
        return is_finished(self.path)

    def write_history(self, records: Iterable[Mapping[str, object]]) -> None:
        """Make history.jsonl of `records` alone, one JSON object a line.

        Raises:
            EnvironmentFault: the disk refuses; the old history still stands.
        """
        lines = b"".join(_line(record) + b"\n" for record in records)
        replace_file(self.path / HISTORY, lines)

    def append_history(self, record: Mapping[str, object]) -> None:
        """Add one line to history.jsonl.

        Raises:
            EnvironmentFault: the disk refuses; no part of the line stands.
        """
        append_line(self.path / HISTORY, _line(record))

    def newest_checkpoint(self, *, largest: int = LARGEST_WEIGHTS) -> checkpoints.Checkpoint | None:
        """The newest whole checkpoint; None where none was saved.

        One with a file of more than `largest` bytes counts as damaged.

        Raises:
            ModelError: there are checkpoints and each of them is damaged.
            EnvironmentFault: the machine refuses to read.
        """
        return checkpoints.newest_checkpoint(self.path, largest=largest)

    def save_checkpoint(
        self,
        step: int,
        files: Mapping[str, bytes],
        *,
        best_step: int | None,
        keep: int,
    ) -> None:
        """Save `files`, with config.yaml, as the state after `step` steps.

        Then older checkpoints go, but for the newest `keep` and the one of `best_step`.

        Raises:
            EnvironmentFault: the disk refuses; what was saved before is still there.
        """
        files = self._with_config(files)
        checkpoints.save(self.path, step, files, best_step=best_step, keep=keep)

    def finish(self, files: Mapping[str, bytes]) -> None:
        """Write the final `files`, then the manifest: from then on the run is finished.

        The manifest covers the files in `COVERED`, and NGRAMS where it is given.
        Last, the checkpoints are removed. After a fault it may be called again.

        Raises:
            EnvironmentFault: the disk refuses. Either the run is finished, or its checkpoints are
                still there.
            ModelError: the run is finished with other files.
        """
        files = self._with_config(files)
        names = (*COVERED, NGRAMS) if NGRAMS in files else COVERED
        covered = {name: files[name] for name in names}
        manifest = encode(covered)
        if not self.finished:
            clear_partials(self.path)
            for name, data in files.items():
                replace_file(self.path / name, data)
        elif read_verified(self.path) != covered:
            raise ModelError(f"{self.path} is finished already, with other files")
        replace_file(self.path / MANIFEST, manifest)
        self._remove_checkpoints()

    def _with_config(self, files: Mapping[str, bytes]) -> dict[str, bytes]:
        return {CONFIG: self.config_yaml.encode(), **files}

    def _remove_checkpoints(self) -> None:
        """Remove the checkpoints of a finished run."""
        if os.path.lexists(self.path / checkpoints.CHECKPOINTS):
            read_verified(self.path)  # they are all there is, should the run itself be damaged
            remove_directory(self.path / checkpoints.CHECKPOINTS)


def require_free(path: Path) -> None:
    """Refuse a place that no new run could be made in by now.

    Raises:
        UsageError: something is there already.
        EnvironmentFault: a training is going on there, or the machine refuses.
    """
    if is_unfinished(path):
        Lock(path).release()
    _require_vacant(path)


def clear_leftovers(path: Path) -> None:
    """Remove from a finished run what a kill after its last rename has left.

    Raises:
        EnvironmentFault: another process is at it, or the machine refuses.
    """
    left = [path / checkpoints.CHECKPOINTS, *path.glob(f"{PARTIAL}*")]
    if any(leftover.exists() for leftover in left):
        RunFolder.resume(path).close()


def _line(record: Mapping[str, object]) -> bytes:
    return json.dumps(record, allow_nan=False).encode()


def _require_vacant(path: Path) -> None:
    """Refuse a `path` that holds anything but what a writer leaves that was killed at once."""
    if not os.path.lexists(path):
        return
    with environment_faults("read", path):
        names = [inside.name for inside in path.iterdir()] if path.is_dir() else [path.name]
    if all(name in (LOCK, HOLDER) or name.startswith(PARTIAL) for name in names):
        return
    hint = "name a folder by --out that is absent or empty"
    if is_unfinished(path):
        hint = f"go on with it: sentiment train --resume {shlex.quote(str(path))}; or {hint}"
    raise UsageError(f"{path} is there already; nothing is overwritten", hint=hint)


def _require_unchanged(path: Path, config_yaml: str) -> None:
    """Refuse to go on under another config.yaml than the one that the checkpoints came from."""
    saved = checkpoints.newest_checkpoint(path, [CONFIG])
    if saved is not None and saved.files[CONFIG] != config_yaml.encode():
        raise ModelError(
            f"{path / CONFIG} was changed after the run began",
            hint=f"put back the one that step {saved.step} was saved with, in "
            f"{path / checkpoints.CHECKPOINTS}; or train the changed one into another folder",
        )
