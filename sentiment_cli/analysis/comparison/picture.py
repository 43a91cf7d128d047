"""Where things stand in the pictures of a comparison, in percent of their width and height."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from sentiment_cli.analysis.comparison.entry import Entry

_STEPS = (1, 2, 5, 10)
_TICKS = 5  # at most


class Scale:
    """An axis that holds some values, with ticks at round ones.

    Args:
        values: all that must fit.
        unit: what a value is multiplied with to be shown.
    """

    def __init__(self, values: Iterable[float], unit: float = 1.0) -> None:
        shown = [unit * value for value in values]
        low, high = min(shown), max(shown)
        rough = max(high - low, 1e-3) / (_TICKS - 1)
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(own * power for own in _STEPS if own * power >= rough)
        first, last = math.floor(low / step), math.ceil(high / step)
        last = max(last, first + 1)
        self._low, self._width, self._unit = first * step, (last - first) * step, unit
        digits = max(0, -math.floor(math.log10(step)))
        ticks = [number * step for number in range(first, last + 1)]
        self.ticks = [(self._at(tick), f"{tick:.{digits}f}") for tick in ticks]

    def at(self, value: float) -> float:
        """Return where a value stands, in percent."""
        return self._at(self._unit * value)

    def _at(self, shown: float) -> float:
        return round(100 * (shown - self._low) / self._width, 2)


def accuracies(table: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the picture of each row's accuracy: a mark and its interval, in percent points."""
    scale = Scale((end for row in table for end in row["accuracy_interval"]), 100)
    rows = [
        _mark(scale, row["accuracy"], row["accuracy_interval"]) | {"name": row["name"]}
        for row in table
    ]
    return {"ticks": scale.ticks, "rows": rows}


def differences(verdicts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return the picture of each pair's difference, with the place of no difference."""
    ends = [end for verdict in verdicts for end in verdict["interval"]]
    scale = Scale([0.0, *ends], 100)
    rows = [
        _mark(scale, verdict["difference"], verdict["interval"])
        | {
            "name": f"{verdict['a']} minus {verdict['b']}",
            "shown": verdict["verdict"] == "better",
            "p_adjusted": verdict["p_adjusted"],
        }
        for verdict in verdicts
    ]
    return {"ticks": scale.ticks, "zero": scale.at(0.0), "rows": rows}


def curves(entries: Sequence[Entry]) -> dict[str, Any] | None:
    """Return each run's validation accuracy by epoch, as points of lines; None without any."""
    networks = [entry for entry in entries if entry.kind == "network"]
    histories = [[run.history() for run in entry.runs] for entry in networks]
    records = [record for runs in histories for run in runs for record in run]
    if not records:
        return None
    scale = Scale((record["validation_accuracy"] for record in records), 100)
    last = max(record["epoch"] for record in records)
    lines = [
        {"name": entry.name, "runs": [_points(run, scale, last) for run in runs if run]}
        for entry, runs in zip(networks, histories, strict=True)
    ]
    return {"ticks": scale.ticks, "epochs": last, "lines": lines}


def _mark(scale: Scale, value: float, interval: Sequence[float]) -> dict[str, Any]:
    low, high = interval
    return {
        "value": 100 * value,
        "low": 100 * low,
        "high": 100 * high,
        "at": scale.at(value),
        "from": scale.at(low),
        "to": scale.at(high),
    }


def _points(history: Sequence[dict[str, Any]], scale: Scale, last: int) -> str:
    """Points of a line in a square of 100, y downward; one epoch is a dash as wide as a tenth."""
    if len(history) == 1:
        y = 100 - scale.at(history[0]["validation_accuracy"])
        return f"0,{y:.2f} 10,{y:.2f}"
    width = max(1, last - 1)
    return " ".join(
        f"{100 * (record['epoch'] - 1) / width:.2f},"
        f"{100 - scale.at(record['validation_accuracy']):.2f}"
        for record in history
    )
