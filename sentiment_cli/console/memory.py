"""Short-term memory as a person reads it."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from sentiment_cli.console import output
from sentiment_cli.console.charts import Curve, chart

_NAME = 18  # columns of a run's name
_DISTANCES = (0, 25, 100)  # at which the gradient is told in figures
_DECADES = 12  # of the gradient that are drawn
_WIDEST = 100  # columns of a chart
_BELOW = "words before the end"


def show_memory(runs: list[dict[str, Any]]) -> None:
    """Write the tables and charts of several runs' reports to stdout."""
    console = output.tables()
    width = min(_WIDEST, console.width)
    names = _names(runs)
    console.print(_gradients(runs, names))
    curves = [
        _gradient_curve(name, run)
        for name, run in zip(names, runs, strict=True)
        if any(at["median"] > 0 for at in run["gradient"])
    ]
    if curves:
        high = math.ceil(max(max(curve.y) for curve in curves))
        decades = high - min(min(curve.y) for curve in curves)
        # In fours, so that the labels stand at whole decades.
        low = high - min(_DECADES, 4 * max(1, math.ceil(decades / 4)))
        for line in chart(curves, width=width, low=low, high=high, label=_power, below=_BELOW):
            console.print(line)
        console.print()
    decided = [(name, run) for name, run in zip(names, runs, strict=True) if run["planted"]]
    if decided:
        console.print(_planted(decided))
        curves = [
            Curve(name, [at["words"] for at in run["planted"]],
                  [at["judged"] for at in run["planted"]])
            for name, run in decided
        ]  # fmt: skip
        for line in chart(
            curves, width=width, low=0.0, high=1.0, label="{:.0%}".format, below=_BELOW
        ):
            console.print(line)
        console.print()
    for name, run in zip(names, runs, strict=True):
        console.print(_surgery(name, run))


def _names(runs: list[dict[str, Any]]) -> list[str]:
    """Return the runs' own names, or their paths where two bear the same."""
    names = [Path(run["run"]).name for run in runs]
    if len(set(names)) < len(names):
        names = [run["run"] for run in runs]
    return [output.one_line(name, _NAME) for name in names]


def _gradient_curve(name: str, run: dict[str, Any]) -> Curve:
    """Return the decimal logarithms of the medians, as far as there is anything to take it of."""
    found = [at for at in run["gradient"] if at["median"] > 0]
    return Curve(name, [at["words"] for at in found], [math.log10(at["median"]) for at in found])


def _gradients(runs: list[dict[str, Any]], names: list[str]) -> Table:
    table = _table("d(last state) / d(word k words before the end): median norm")
    table.add_column("run")
    table.add_column("half-life in words")
    table.add_column("untrained", justify="right")
    for distance in _DISTANCES:
        table.add_column(f"k = {distance}", justify="right")
    for name, run in zip(names, runs, strict=True):
        medians = {at["words"]: at["median"] for at in run["gradient"]}
        start = run["start_half_life"] if run["start_gradient"] else math.nan
        table.add_row(
            Text(name),
            _half_life(run["half_life"], run["half_life_interval"]),
            "-" if start != start else _words(start),
            *(f"{medians[k]:.1e}" if k in medians else "-" for k in _DISTANCES),
        )
    return table


def _planted(decided: list[tuple[str, dict[str, Any]]]) -> Table:
    distances = sorted({at["words"] for _, run in decided for at in run["planted"]})
    table = _table("share still judged by a phrase k words before the end")
    table.add_column("run")
    table.add_column("half at", justify="right")
    for distance in distances:
        table.add_column(f"{distance}", justify="right")
    for name, run in decided:
        judged = {at["words"]: at["judged"] for at in run["planted"]}
        half = run["planted_half"]
        never = f"> {max(judged)}" if judged[0] else "-"
        table.add_row(
            Text(name),
            never if half is None else f"{half:.0f}",
            *(f"{judged[k]:.0%}" if k in judged else "" for k in distances),
        )
    return table


def _surgery(name: str, run: dict[str, Any]) -> Table:
    table = _table(f"{name}: accuracy on {run['reviews']} test reviews with a gate held")
    table.add_column("")
    table.add_column("accuracy", justify="right")
    table.add_column("points (95% interval)", justify="right")
    for one in run["surgery"].values():
        points = ""
        if "difference" in one:
            low, high = one["difference_interval"]
            points = f"{100 * one['difference']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
        table.add_row(one["what"], f"{one['accuracy']:.1%}", points)
        if one.get("overflows"):
            table.add_row(f"  {one['overflows']} answers are no number", "", "", style="dim")
        if one.get("largest_state") is not None:
            table.add_row(f"  largest state value {one['largest_state']:.1e}", "", "", style="dim")
    return table


def _table(title: str) -> Table:
    return Table(
        title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD, pad_edge=False
    )


def _half_life(words: float | None, interval: tuple[float | None, float | None] | None) -> str:
    if interval is None:
        return "too few words" if words is None else _words(words)
    return f"{_words(words)} ({_words(interval[0])} to {_words(interval[1])})"


def _words(words: float | None) -> str:
    return "never" if words is None else f"{words:.1f}" if words < 1000 else f"{words:.1e}"


def _power(decade: float) -> str:
    return f"1e{decade:+.0f}"
