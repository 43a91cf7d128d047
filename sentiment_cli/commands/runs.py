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
    """What the list says of a run. Whoever made the folder may have written what they liked."""
    from sentiment_cli.console.tables import local_time
    from sentiment_cli.runs.listing import number

    metrics, timing = run.metrics or {}, run.timing or {}
    return {
        "run": str(run.path),
        "when": local_time(run.when),
        "state": "broken" if run.fault else "finished" if run.finished else "unfinished",
        "cell": _text(metrics.get("cell")),
        "data": _text(metrics.get("source")),
        "validation_accuracy": run.validation_accuracy,
        "seconds": number(timing.get("seconds")),
        "fault": run.fault,
    }


def _text(value: object) -> str | None:
    if isinstance(value, list):  # several sources
        value = ", ".join(map(str, value))
    return value if isinstance(value, str) else None
