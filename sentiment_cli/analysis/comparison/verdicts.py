"""One sentence a pair: is one better, or is no difference shown, and what would show it?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations, product
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.analysis.statistics.crossed import difference
from sentiment_cli.analysis.statistics.power import needed
from sentiment_cli.analysis.statistics.significance import mcnemar
from sentiment_cli.metrics import LEVEL, holm

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.analysis.comparison.entry import Entry

_SMALLEST = 0.001  # a difference of accuracy below which nobody asks


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the test reviews say of a pair, by accuracy.

    Args:
        a: name of the one that was right more often.
        b: name of the other one.
        difference: of their accuracies, a minus b.
        interval: of the difference, at 95%, for this pair alone.
        p_alone: for this pair alone.
        p: adjusted for all pairs of the comparison.
        pairs: how many these are.
        seeds: of a network.
        needed: the difference that was asked about, and the seeds and test reviews that would show
            it; None where it is shown already, or cannot be told.
    """

    a: str
    b: str
    difference: float
    interval: tuple[float, float]
    p_alone: float
    p: float
    pairs: int
    seeds: int
    needed: tuple[float, int, int] | None

    @property
    def shown(self) -> bool:
        """Whether there is a difference beyond doubt."""
        return self.p < LEVEL

    def sentence(self) -> str:
        """Return the verdict in words, in percentage points."""
        low, high = (f"{100 * end:.1f}" for end in self.interval)
        if self.shown:
            said = f"{self.a} is better than {self.b} by {100 * self.difference:.1f} points "
            said += f"(95% interval {low} to {high})"
        else:
            said = f"no difference shown between {self.a} and {self.b} ({low} to {high})"
            if self.p_alone < LEVEL:
                said += f", though this pair alone would show one: {self.pairs} were looked at"
        if self.needed is None:
            return said
        target, seeds, reviews = self.needed
        return (
            f"{said}; telling {100 * target:.1f} points apart would need about {_rounded(seeds)} "
            f"seeds and {_rounded(reviews)} test reviews"
        )

    def record(self) -> dict[str, Any]:
        """Return the verdict by its stable names."""
        return {
            "a": self.a,
            "b": self.b,
            "difference": self.difference,
            "interval": list(self.interval),
            "p_adjusted": self.p,
            "verdict": "better" if self.shown else "no difference shown",
            "needed": (
                dict(zip(("difference", "seeds", "reviews"), self.needed, strict=True))
                if self.needed
                else None
            ),
            "sentence": self.sentence(),
        }


def verdicts(entries: Sequence[Entry]) -> list[Verdict]:
    """Return a verdict for each pair of networks, and for each network beside each linear model."""
    networks = [entry for entry in entries if entry.kind == "network"]
    linear = [entry for entry in entries if entry.kind == "linear"]
    pairs = [*combinations(networks, 2), *product(networks, linear)]
    pairs = [(a, b) if _accuracy(a) >= _accuracy(b) else (b, a) for a, b in pairs]
    alone = [_p(a, b) for a, b in pairs]
    return [
        _verdict(a, b, p_alone, p, len(pairs))
        for (a, b), p_alone, p in zip(pairs, alone, holm(alone), strict=True)
    ]


def summary(found: Sequence[Verdict], entries: Sequence[Entry]) -> list[str]:
    """Return what the verdicts come to: whether any network has earned its minutes."""
    said = [
        f"{entry.name} answers all reviews alike, under {stuck} of {len(entry.scores)} seeds: it "
        "has not learned to tell them apart; give it more epochs, or a lower training.ema_decay"
        for entry in entries
        if entry.kind == "network" and (stuck := _stuck(entry))
    ]
    networks = [entry.name for entry in entries if entry.kind == "network"]
    for linear in (entry.name for entry in entries if entry.kind == "linear"):
        winners = [one.a for one in found if one.b == linear and one.shown]
        if not winners:
            said.append(f"no network beats {linear} beyond doubt")
        else:
            said.append(f"{_listed(winners)} beat{'s' * (len(winners) == 1)} {linear}")
    for name in networks:
        others = [one for one in found if name in (one.a, one.b)]
        others = [one for one in others if {one.a, one.b} <= set(networks)]
        if others and all(one.shown and one.a == name for one in others):
            said.append(f"{name} is the best of the {len(networks)} networks")
    if any(one.seeds == 1 for one in found):
        said.append("one seed each: other seeds may say otherwise")
    return said


def _stuck(entry: Entry) -> int:
    """Return under how many seeds it gave one and the same class to all reviews of several."""
    return sum(
        len(np.unique(own.labels)) > 1 and len(np.unique(own.probabilities.argmax(axis=1))) == 1
        for own in entry.scores
    )


def _verdict(a: Entry, b: Entry, p_alone: float, p: float, pairs: int) -> Verdict:
    estimate = difference(a.samples["accuracy"], b.samples["accuracy"])
    low, high = estimate.interval
    # What was seen; of near equals, half of what would have been shown here.
    target = max(_SMALLEST, round(max(float(estimate.value), float(high - low) / 4), 3))
    would = None if p < LEVEL else needed(estimate, target, level=LEVEL / pairs)
    return Verdict(
        a=a.name,
        b=b.name,
        difference=float(estimate.value),
        interval=(float(low), float(high)),
        p_alone=p_alone,
        p=p,
        pairs=pairs,
        seeds=estimate.num_seeds,
        needed=None if would is None else (target, *would),
    )


def _p(a: Entry, b: Entry) -> float:
    """Of single runs by McNemar's test, which is exact; of several seeds from their interval."""
    if len(a.right) == len(b.right) == 1:
        return mcnemar(a.right[0], b.right[0])
    return float(difference(a.samples["accuracy"], b.samples["accuracy"]).p)


def _accuracy(entry: Entry) -> float:
    return float(entry.samples["accuracy"].values.mean())


def _listed(names: Sequence[str]) -> str:
    *most, last = names
    return f"{', '.join(most)} and {last}" if most else last


def _rounded(count: int) -> str:
    """A count to two digits: what is estimated is no more exact."""
    return f"{int(float(f'{count:.1e}')):,}"
