"""Which network reads faster in training, beyond the noise of the machine?"""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.comparison.entry import Entry


def speeds(entries: Sequence[Entry]) -> list[dict[str, Any]]:
    """Return for each pair of networks how many times as many tokens a second one reads.

    The interval is Welch's, on the logarithms of the runs' speeds. Runs that were resumed tell
    nothing here; a pair needs two runs each.
    """
    known = [(entry.name, _logs(entry)) for entry in entries if entry.kind == "network"]
    known = [(name, logs) for name, logs in known if len(logs) > 1]
    found = []
    for one, other in combinations(known, 2):
        (a, fast), (b, slow) = sorted((one, other), key=lambda own: -np.mean(own[1]))
        welch = stats.ttest_ind(fast, slow, equal_var=False)
        low, high = welch.confidence_interval(0.95)
        if not np.isfinite([low, high]).all():
            continue
        ratio, interval = float(np.exp(np.mean(fast) - np.mean(slow))), np.exp([low, high])
        found.append({"a": a, "b": b, "ratio": ratio, "interval": interval.tolist()})
    return found


def sentence(speed: dict[str, Any]) -> str:
    """Return one of `speeds` in words."""
    low, high = speed["interval"]
    if low <= 1:
        # Two runs a network, unlike each other, make an interval of many orders of magnitude.
        found = f"{low:.2f} to {high:.2f} times" if high < 10 else "too few runs to tell"
        return f"no difference of speed shown between {speed['a']} and {speed['b']} ({found})"
    return (
        f"{speed['a']} trains {speed['ratio']:.2f} times as fast as {speed['b']} "
        f"(95% interval {low:.2f} to {high:.2f})"
    )


def _logs(entry: Entry) -> list[float]:
    timing = [run.timing() for run in entry.runs]
    return [float(np.log(own["tokens_per_second"])) for own in timing if own]
