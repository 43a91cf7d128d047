"""What a shell offers behind a command: experiment files and run folders."""

from __future__ import annotations

import glob
from collections.abc import Iterator
from pathlib import Path

_ENDINGS = (".yaml", ".yml")


def config_files(incomplete: str) -> list[str]:
    """Experiment files here and one folder below, and the names of those that travel along."""
    from sentiment_cli.runs.reader import CONFIG
    from sentiment_cli.shipped import shipped

    found = [
        str(path)
        for path in _below(incomplete)
        if path.suffix in _ENDINGS and path.name != CONFIG  # a run's own is for nobody to train
    ]
    ours = [path.stem for path in shipped("configs").glob("*.yaml")]
    return sorted({*found, *(name for name in ours if name.startswith(incomplete))})


def run_folders(incomplete: str) -> list[str]:
    """Run folders here and one folder below, `runs/` above all, and `bundled`."""
    from sentiment_cli.runs.bundled import BUNDLED, has_bundled
    from sentiment_cli.runs.reader import is_run

    found = [str(path) for path in _below(incomplete) if is_run(path)]
    named = [BUNDLED] if has_bundled() and BUNDLED.startswith(incomplete) else []
    return sorted({*found, *named})


def unfinished_runs(incomplete: str) -> list[str]:
    """Run folders whose training was stopped, or is going on."""
    from sentiment_cli.runs.reader import is_unfinished

    return sorted(str(path) for path in _below(incomplete) if is_unfinished(path))


def _below(incomplete: str) -> Iterator[Path]:
    """What lies where a path that was begun may lead, and what lies in folders that it names."""
    start = glob.escape(incomplete)
    for pattern in (f"{start}*", f"{start}*/*"):
        yield from map(Path, glob.iglob(pattern))  # noqa: PTH207
