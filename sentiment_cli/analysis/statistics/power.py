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

    The variances are those that were estimated. Of all pairs that suffice, it is the one with the
    fewest reviews read by all seeds together. Neither is fewer than there are. None where it would
    take more than 1,000 seeds, or the seeds' part is unknown.

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
    left = allowed - of_one_seed / seeds
    seeds, left = seeds[left > 0], left[left > 0]
    if not len(seeds):
        return None
    interaction = float(estimate.shared) * estimate.num_seeds / seeds
    of_reviews = max(float(estimate.reviews - estimate.shared), 0.0) + interaction
    factor = np.maximum(of_reviews / left, 1)
    reviews = np.ceil(factor * estimate.num_reviews).astype(np.int64)
    cheapest = int(np.argmin(seeds * reviews))
    return int(seeds[cheapest]), int(reviews[cheapest])
