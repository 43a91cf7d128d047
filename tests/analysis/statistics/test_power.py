"""What is said to be needed is enough."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from sentiment_cli.analysis.statistics.crossed import Estimate, Sample, difference
from sentiment_cli.analysis.statistics.power import needed


def estimate(**changes):
    known = {"seeds": 4e-6, "reviews": 9e-6, "shared": 1e-6, "num_seeds": 3}
    return Estimate(value=0.001, df=10.0, sides=2, num_reviews=5000, **known | changes)


@pytest.mark.parametrize("target", [0.002, 0.005, 0.01, 0.05])
def test_what_is_needed_shows_the_target_in_four_of_five_comparisons(target):
    found = estimate()
    seeds, reviews = needed(found, target, level=0.05)
    of_seed = (found.seeds - found.shared) * 3 / seeds
    of_review = (found.reviews - found.shared) + found.shared * 3 / seeds
    sd = np.sqrt(of_seed + of_review * 5000 / reviews)
    df = 2 * (seeds - 1)
    power = stats.nct.sf(stats.t.ppf(0.975, df), df, target / sd)
    assert power >= 0.79


def test_a_smaller_difference_needs_no_less():
    many = [needed(estimate(), target, level=0.05) for target in (0.05, 0.01, 0.003, 0.002)]
    assert many == sorted(many)
    assert many[0] < many[-1]


def test_one_more_seed_is_preferred_to_twice_the_reviews():
    found = estimate(seeds=1e-6, num_seeds=2)
    assert needed(found, 0.01, level=0.05) == (3, 5989)


def test_never_fewer_than_there_are():
    assert needed(estimate(), 0.9, level=0.05) == (3, 5000)


def test_where_no_number_of_seeds_would_do_none_is_named():
    assert needed(estimate(seeds=1.0), 0.001, level=0.05) is None


def test_one_seed_tells_nothing_of_seeds():
    rng = np.random.default_rng(0)
    a, b = (Sample(rng.random((1, 100)) < 0.9) for _ in range(2))
    assert needed(difference(a, b), 0.01, level=0.05) is None


def test_more_pairs_or_a_side_without_seeds_ask_for_more():
    plain = needed(estimate(), 0.005, level=0.05)
    assert needed(estimate(), 0.005, level=0.05 / 9) > plain
    fixed = Estimate(0.001, 4e-6, 9e-6, 1e-6, 10.0, num_seeds=3, sides=1, num_reviews=5000)
    assert needed(fixed, 0.005, level=0.05) > plain
