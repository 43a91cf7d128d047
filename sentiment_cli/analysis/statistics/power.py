"""How many seeds and test reviews it would take to tell a difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from sentiment_cli.analysis.statistics.crossed import Estimate

POWER = 0.8
MOST_SEEDS = 1000


def needed(estimate: Estimate, target: float, *, level: float) -> tuple[int, int] | None:
    """Return the seeds and the test reviews that would show a true difference of `target` in four
    comparisons of five.

    The variances are those that were estimated. Seeds are added until their part fits into one half
    of the variance that is allowed, then reviews until all of it fits. Neither gets fewer than
    there are. None where it would take more than 1,000 seeds, or the seeds' part is unknown.

    Args:
        estimate: of a difference, from at least two seeds.
        target: a true difference above zero, in the figure's unit.
        level: below which a p shows a difference.
    """
    if estimate.num_seeds < 2:
        return None
    seeds = np.arange(estimate.num_seeds, MOST_SEEDS + 1)
    df = max(1, estimate.sides) * (seeds - 1)
    allowed = (target / (stats.t.ppf(1 - level / 2, df) + stats.t.ppf(POWER, df))) ** 2
    of_one_seed = max(float(estimate.seeds - estimate.shared), 0.0) * estimate.num_seeds
    fits = of_one_seed / seeds <= allowed / 2
    if not fits.any():
        return None
    first = int(np.argmax(fits))
    interaction = float(estimate.shared) * estimate.num_seeds / seeds[first]
    of_reviews = max(float(estimate.reviews - estimate.shared), 0.0) + interaction
    left = allowed[first] - of_one_seed / seeds[first]
    factor = of_reviews / left
    return int(seeds[first]), max(estimate.num_reviews, int(np.ceil(factor * estimate.num_reviews)))
