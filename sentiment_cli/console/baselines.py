"""Linear models as a person reads of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sentiment_cli.metrics import LEVEL
from sentiment_cli.network.linear import KINDS, title

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


def linear_accuracies(accuracies: Mapping[str, float]) -> str:
    """Return one line with the accuracy of each linear model."""
    return ", ".join(f"{KINDS[name].title} {value:.2%}" for name, value in accuracies.items())


def beside_linear(baseline: Mapping[str, Any]) -> Iterator[str]:
    """Yield a line for each linear model: its accuracy, and who is ahead by how much."""
    for name, figures in baseline.items():
        yield f"{title(name, figures)} {figures['accuracy']:.2%}: {verdict(figures)}"


def verdict(figures: Mapping[str, Any], prefix: str = "") -> str:
    """Return who is ahead by how many points, and whether that is beyond doubt.

    Args:
        figures: of a linear model, as `metrics.beside` returns them.
        prefix: of the keys of a figure: "" for accuracy, "balanced_" for balanced accuracy.
    """
    low, high = figures[f"{prefix}accuracy_difference_interval"]
    if figures[f"{prefix}p_adjusted"] >= LEVEL:
        why = "" if low <= 0 <= high else " after Holm's correction"
        return f"no difference shown{why} ({100 * low:+.1f} to {100 * high:+.1f} points)"
    word, sign = ("ahead", 1) if low > 0 else ("behind", -1)
    low, high = sorted((100 * abs(low), 100 * abs(high)))
    points = 100 * sign * figures[f"{prefix}accuracy_difference"]
    return f"{word} by {points:.1f} points ({low:.1f} to {high:.1f})"
