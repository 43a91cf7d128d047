"""A page with the curves of several runs' memory, and the tables that say the same in words."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import takewhile
from pathlib import Path
from typing import Any

from sentiment_cli import __version__
from sentiment_cli.analysis.memory.figures import Axes, Line, Tick
from sentiment_cli.analysis.memory.planted import DISTANCES
from sentiment_cli.analysis.page import render_page

Report = dict[str, Any]

_DECADES = 12  # of the gradient that are drawn


def memory_page(runs: Sequence[Report]) -> bytes:
    """Return the page of several runs' reports: one file that needs no other."""
    names = [Path(run["run"]).name for run in runs]
    if len(set(names)) < len(names):
        names = [run["run"] for run in runs]
    return render_page(
        "memory",
        version=__version__,
        run=f"memory of {', '.join(names)}",
        names=names,
        runs=runs,
        reviews=[run["reviews"] for run in runs],
        gradient=_gradient(runs),
        gradient_rows=_gradient_rows(runs),
        planted=_planted(runs),
        planted_rows=_planted_rows(runs),
    )


def _gradient(runs: Sequence[Report]) -> dict[str, Any]:
    """Return the curves before and after training on a logarithmic axis, with their quartiles."""
    medians = [at["median"] for run in runs for at in run["gradient"] + run["start_gradient"]]
    positive = [math.log10(median) for median in medians if median > 0] or [0.0]
    high = math.ceil(max(positive) + 0.2)
    low = max(high - _DECADES, math.floor(min(positive)))
    step = max(1, (high - low) // 6)
    axes = Axes(_largest(run["gradient"] for run in runs), low, high)
    lines: list[Line] = []
    for style, run in enumerate(runs):
        start, trained = _above(run["start_gradient"], low), _above(run["gradient"], low)
        if start:
            lines.append(axes.line(_logs(start, "median"), style, before=True))
        band = _logs(trained, "low"), _logs(trained, "high")
        lines.append(axes.line(_logs(trained, "median"), style, band=band))
    down = [Tick(axes.y(decade), f"1e{decade}") for decade in range(high, low - 1, -step)]
    return {"lines": lines, "across": axes.across(), "down": down}


def _planted(runs: Sequence[Report]) -> dict[str, Any]:
    axes = Axes(_largest(run["planted"] for run in runs), 0.0, 1.0)
    lines = [
        axes.line([(at["words"], at["judged"]) for at in run["planted"]], style)
        for style, run in enumerate(runs)
    ]
    down = [Tick(axes.y(share / 4), f"{25 * share}%") for share in range(5)]
    return {"lines": lines, "across": axes.across(), "down": down}


def _gradient_rows(runs: Sequence[Report]) -> list[list[str]]:
    """Return for each distance its words, and each run's median before and after training."""
    curves = [
        {at["words"]: f"{at['median']:.1e}" for at in curve}
        for run in runs
        for curve in (run["start_gradient"], run["gradient"])
    ]
    return [
        [str(words), *(curve.get(words, "–") for curve in curves)]
        for words in DISTANCES
        if any(words in curve for curve in curves)
    ]


def _planted_rows(runs: Sequence[Report]) -> list[list[str]]:
    curves = [{at["words"]: f"{at['judged']:.0%}" for at in run["planted"]} for run in runs]
    distances = sorted(set().union(*curves))
    return [[str(words), *(curve.get(words, "–") for curve in curves)] for words in distances]


def _above(curve: list[dict[str, Any]], low: float) -> list[dict[str, Any]]:
    """Return the curve up to where its median leaves the drawing, which ends at 10^low."""
    return list(takewhile(lambda at: at["median"] >= 10.0**low, curve))


def _logs(curve: list[dict[str, Any]], which: str) -> list[tuple[float, float]]:
    """Return the decimal logarithms; what is 0 lies below any edge."""
    return [(at["words"], math.log10(at[which]) if at[which] else -math.inf) for at in curve]


def _largest(curves: Any) -> float:
    return float(max((at["words"] for curve in curves for at in curve), default=0)) or 1.0
