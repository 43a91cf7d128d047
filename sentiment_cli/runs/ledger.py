"""How often a test set was looked at: each look is one that the next choice may have learned from.

A file with a JSON object a line: the hash of the test set, whose answers were measured on it, and
when. Lines are added by one write each, so that several processes may share the file.
"""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sentiment_cli.runs.durable import append_line, environment_faults, make_folder

if TYPE_CHECKING:
    from pathlib import Path

LEDGER = "ledger.jsonl"


def add_look(path: Path, test_set: str, run: str) -> None:
    """Add one look to the ledger at `path`.

    Args:
        path: of the file; it and its folder need not be there.
        test_set: hash of the reviews.
        run: what was measured on them.

    Raises:
        EnvironmentFault: the machine refuses.
    """
    make_folder(path.parent)
    now = datetime.now(UTC).isoformat(timespec="seconds")
    append_line(path, json.dumps({"test_set": test_set, "run": run, "time": now}).encode())


def count_looks(path: Path, test_set: str) -> tuple[int, int]:
    """Return how often a test set was looked at, and how many lines are no looks at all.

    Raises:
        EnvironmentFault: the machine refuses to read.
    """
    looks = broken = 0
    with environment_faults("read", path):
        if not path.is_file():
            return 0, 0
        with path.open("rb") as file:
            for line in file:
                try:
                    looks += json.loads(line)["test_set"] == test_set
                except (ValueError, TypeError, KeyError, RecursionError):
                    broken += 1
    return looks, broken
