"""The test ledger, as commands that open test reviews keep it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_cli.commands.options import RUNS
from sentiment_cli.console import output

if TYPE_CHECKING:
    from collections.abc import Sequence

_TIMES = {1: "once", 2: "twice"}


def tell_looks(test_set: str, runs: Sequence[str]) -> None:
    """Count a look at a test set for each run, and say on stderr how many there were by now.

    A ledger that cannot be kept is a warning, and keeps nothing from its result.
    """
    from sentiment_cli.errors import EnvironmentFault
    from sentiment_cli.runs.ledger import LEDGER, add_look, count_looks

    path = RUNS / LEDGER
    try:
        for run in runs:
            add_look(path, test_set, run)
        looks, broken = count_looks(path, test_set)
    except EnvironmentFault as fault:
        output.note(f"warning: looks at the test set are not counted: {fault.what}")
        return
    if broken:
        output.note(f"warning: {path} has {broken} broken lines, which are not counted")
    if looks:
        times = _TIMES.get(looks, f"{looks} times")
        each = ", counting every model that was judged by it" if looks > 1 else ""
        output.note(f"this test set has been looked at {times}{each}")
