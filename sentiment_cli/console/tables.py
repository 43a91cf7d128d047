"""Short lists as a person reads them, without the weight of a table library."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sentiment_cli.console import output

_COLUMNS = ("run", "when", "cell", "data", "validation", "seconds")


def show_runs(records: list[dict[str, Any]]) -> None:
    """Write one line a run to stdout, in columns, the newest first."""
    show_table([_COLUMNS, *map(_cells, records)])


def show_table(rows: Sequence[tuple[str, ...]]) -> None:
    """Write rows to stdout, in columns."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        output.result("  ".join(cells).rstrip())


def local_time(seconds: float) -> str | None:
    """Return the time in ISO 8601; None if the calendar does not reach that far."""
    from datetime import datetime

    try:
        return datetime.fromtimestamp(seconds).astimezone().isoformat(timespec="seconds")
    except (ValueError, OverflowError, OSError):
        return None


def _cells(record: dict[str, Any]) -> tuple[str, ...]:
    accuracy, seconds = record["validation_accuracy"], record["seconds"]
    return (
        output.one_line(record["run"], 40),
        (record["when"] or "-")[:16].replace("T", " "),
        output.one_line(str(record["cell"] or "-"), 8),
        output.one_line(str(record["data"] or "-").rsplit("/", 1)[-1], 24),
        f"{accuracy:.2%}" if isinstance(accuracy, float) else record["state"],
        f"{seconds:.0f}" if isinstance(seconds, int | float) else "-",
    )
