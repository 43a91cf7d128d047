"""`sentiment runs`: what was trained here."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_cli.commands.options import RUNS, Json
from sentiment_cli.console import output

if TYPE_CHECKING:
    from sentiment_cli.runs.listing import RunSummary


def command(json: Json = False) -> None:
    """List the runs under runs/, the newest first."""
    from sentiment_cli.runs.listing import list_runs

    found = list_runs(RUNS)
    if json:
        for run in found:
            output.json_line(_record(run))
        return
    if not found:
        output.note(f"there is no run under {RUNS}/ yet; begin with: sentiment train")
        return
    from sentiment_cli.console.tables import show_runs

    show_runs([_record(run) for run in found])


def _record(run: RunSummary) -> dict[str, Any]:
    from datetime import datetime

    metrics, timing = run.metrics or {}, run.timing or {}
    validation = metrics.get("validation")
    return {
        "run": str(run.path),
        "when": datetime.fromtimestamp(run.when).astimezone().isoformat(timespec="seconds"),
        "state": "broken" if run.fault else "finished" if run.finished else "unfinished",
        "cell": metrics.get("cell"),
        "data": metrics.get("source"),
        "validation_accuracy": validation.get("accuracy") if isinstance(validation, dict) else None,
        "seconds": timing.get("seconds"),
        "fault": run.fault,
    }
