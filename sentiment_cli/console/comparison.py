"""A comparison as a person reads it: how good, how costly, and a sentence a pair."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rich import box
from rich.table import Table
from rich.text import Text

from sentiment_cli.console import output

if TYPE_CHECKING:
    from collections.abc import Callable

_FIGURES = ("accuracy", "balanced_accuracy", "log_loss", "calibration_error")
_COSTS: dict[str, tuple[str, Callable[[float], str]]] = {
    "parameters": ("parameters", "{:,.0f}".format),
    "seconds": ("training s", "{:,.0f}".format),
    "tokens_per_second": ("tokens/s", "{:,.0f}".format),
    "cold_ms": ("cold predict ms", "{:,.0f}".format),
    "file_bytes": ("size MB", lambda size: f"{size / 1e6:,.{1 if size >= 1e5 else 3}f}"),
}


def show_comparison(report: dict[str, Any]) -> None:
    """Write the tables and the sentences of a comparison to stdout.

    Args:
        report: by its stable names.
    """
    console = output.tables()
    console.print(_figures(report))
    costs = _costs(report)
    if costs.row_count:
        console.print(costs)
    for sentence in sentences(report):
        console.print(output.spelled(sentence))


def sentences(report: dict[str, Any]) -> list[str]:
    """Return what a comparison says in words, the pairs first and what they come to last."""
    said = [verdict["sentence"] for verdict in report["verdicts"]]
    said += [speed["sentence"] for speed in report["speeds"]]
    return said + list(report["summary"])


def _figures(report: dict[str, Any]) -> Table:
    several = len({run["seed"] for run in report["runs"]}) > 1
    over = "over them and seeds" if several else "over them alone"
    table = _table(f"{report['reviews']:,} test reviews, with 95% intervals {over}")
    table.add_column("")
    for name in _FIGURES:
        table.add_column(name.replace("_", "\n"), justify="right", no_wrap=True)
    for row in report["table"]:
        cells = []
        for name in _FIGURES:
            value, (low, high) = row[name], row[f"{name}_interval"]
            if name == "log_loss":
                cells.append(f"{value:.4f}\n{low:.3f} to {high:.3f}")
            else:
                cells.append(f"{value:.2%}\n{100 * low:.1f} to {100 * high:.1f}")
        table.add_row(_label(row), *cells)
    return table


def _costs(report: dict[str, Any]) -> Table:
    table = _table("what it costs, the mean of the seeds")
    table.add_column("")
    for title, _ in _COSTS.values():
        table.add_column(title, justify="right")
    for row in report["table"]:
        known = {name: row[name] for name in _COSTS}
        if any(value is not None for value in known.values()):
            cells = ["-" if known[key] is None else _COSTS[key][1](known[key]) for key in _COSTS]
            table.add_row(_label(row), *cells)
    return table


def _label(row: dict[str, Any]) -> Text:
    name = output.one_line(row["name"], 40)
    seeds = row["seeds"]
    return Text(f"{name}\n{seeds} seed{'s' * (seeds > 1)}" if seeds else name)


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )
