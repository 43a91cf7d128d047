"""The interval over seeds and reviews covers what it claims."""

from __future__ import annotations

import itertools
import sys
from collections.abc import Callable
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays
from scipy import stats

from sentiment_cli.analysis.statistics.crossed import Sample, difference, mean

DRAWS, REVIEWS = 2000, 500
REVIEW_SD, OWN_SD, NOISE_SD = 1.2, 0.5, 0.5
SPREAD = np.sqrt(REVIEW_SD**2 + OWN_SD**2 + NOISE_SD**2)
BASE = 1.8  # about 90% right
NODES, WEIGHTS = np.polynomial.hermite_e.hermegauss(200)


class Figure(NamedTuple):
    """A figure of reviews with a normal margin: how far the true class is ahead.

    Args:
        name: in what is printed.
        of: its value at a margin.
        expected: its mean over margins of a mean and a standard deviation.
        disagreed: variance of the difference between two networks on one review.
        is_share: as `Sample` has it.
    """

    name: str
    of: Callable
    expected: Callable
    disagreed: float
    is_share: bool


def log_loss(margin):
    """-log p of the true class, in nats, where the logit is twice the margin."""
    return np.logaddexp(0, -2 * margin)


def expected_log_loss(mean, sd):
    return WEIGHTS @ log_loss(mean + sd * NODES) / WEIGHTS.sum()


ACCURACY = Figure(
    "accuracy", lambda margin: margin > 0, lambda mean, sd: stats.norm.cdf(mean / sd), 0.12, True
)
LOG_LOSS = Figure("log loss", log_loss, expected_log_loss, 0.25, False)


def networks(rng, draws, seeds, ratio, shifts=(0.0, 0.0), one_sided=False, figure=ACCURACY):
    """Answers of two networks, (draws, S, n) each, and the true difference of a figure.

    A review has a difficulty for all, one for each network, and one for each seed of it. A seed
    moves all of its answers, so that its figure varies `ratio` times as much as a difference
    between two networks does by the choice of reviews.
    """
    common = rng.standard_normal((draws, 1, REVIEWS), dtype=np.float32) * REVIEW_SD
    found, truth = [], []
    for side, shift in enumerate(shifts):
        level = BASE + shift
        ends = (figure.expected(level + step, SPREAD) for step in (1e-4, -1e-4))
        slope = abs(np.subtract(*ends)) / 2e-4
        own_ratio = ratio * (2 * side if one_sided else 1)
        seed_sd = np.sqrt(own_ratio * figure.disagreed / REVIEWS) / slope
        latent = level + common
        for shape, sd in (
            ((draws, 1, REVIEWS), OWN_SD),
            ((draws, seeds, REVIEWS), NOISE_SD),
            ((draws, seeds, 1), seed_sd),
        ):
            latent = latent + rng.standard_normal(shape, dtype=np.float32) * np.float32(sd)
        found.append(Sample(figure.of(latent), is_share=figure.is_share))
        truth.append(figure.expected(level, np.hypot(SPREAD, seed_sd)))
    return found[0], found[1], truth[0] - truth[1]


def coverage(seeds, ratio, shift, **how):
    a, b, truth = networks(np.random.default_rng(1), DRAWS, seeds, ratio, (shift, 0.0), **how)
    low, high = difference(a, b).interval
    covered = float(((low <= truth) & (truth <= high)).mean())
    told = ", one network's alone" if "one_sided" in how else ""
    told += f", {how['figure'].name}" if "figure" in how else ""
    sys.stdout.write(f"{seeds} seeds, ratio {ratio:g}{told}, {truth:+.4f}: {covered:.2%} covered\n")
    return covered


@pytest.mark.parametrize(
    ("seeds", "ratio", "shift"),
    [*itertools.product((3, 5), (0.1, 1.0, 10.0), (0.0, 0.15))],
)
def test_covers_the_true_difference(seeds, ratio, shift):
    assert 0.93 <= coverage(seeds, ratio, shift) <= 0.99


@pytest.mark.parametrize(
    ("seeds", "ratio", "shift"),
    [*itertools.product((3, 5), (0.1, 1.0, 10.0), (0.0, 0.15)), (1, 0.0, 0.0), (1, 0.0, 0.15)],
)
def test_interval_covers_the_true_difference_of_log_loss(seeds, ratio, shift):
    assert 0.93 <= coverage(seeds, ratio, shift, figure=LOG_LOSS) <= 0.99


@pytest.mark.parametrize("seeds", [3, 5])
def test_covers_where_only_one_network_depends_on_its_seed(seeds):
    assert 0.93 <= coverage(seeds, 1.0, 0.0, one_sided=True) <= 0.99


@pytest.mark.parametrize("seeds", [3, 5])
def test_covers_where_no_seed_matters(seeds):
    assert 0.93 <= coverage(seeds, 0.0, 0.15) <= 0.99


@pytest.mark.parametrize("seeds", [3, 5])
def test_covers_the_figure_of_one_network(seeds):
    rng = np.random.default_rng(2)
    seed_sd = 0.1
    latent = BASE + sum(
        rng.standard_normal(shape) * sd
        for shape, sd in (
            ((DRAWS, 1, REVIEWS), np.hypot(REVIEW_SD, OWN_SD)),
            ((DRAWS, seeds, REVIEWS), NOISE_SD),
            ((DRAWS, seeds, 1), seed_sd),
        )
    )
    low, high = mean(Sample(latent > 0)).interval
    truth = stats.norm.cdf(BASE / np.hypot(SPREAD, seed_sd))
    assert 0.93 <= ((low <= truth) & (truth <= high)).mean() <= 0.99


def test_a_network_against_itself_differs_in_at_most_8_of_100():
    a, b, _ = networks(np.random.default_rng(3), 200, 3, 1.0)
    found = float((difference(a, b).p < 0.05).mean())
    sys.stdout.write(f"a network against itself: a difference found in {found:.1%}\n")
    assert found <= 0.08


def test_an_interval_over_reviews_alone_would_cover_too_little():
    """The reason for all of this."""
    a, b, truth = networks(np.random.default_rng(1), DRAWS, 3, 10.0)
    found = difference(a, b)
    reach = 1.96 * np.sqrt(found.reviews)
    assert (np.abs(found.value - truth) <= reach).mean() < 0.75


def test_p_is_below_five_percent_where_the_interval_leaves_zero_out():
    a, b, _ = networks(np.random.default_rng(4), 500, 3, 1.0, (0.3, 0.0))
    found = difference(a, b)
    low, high = found.interval
    outside = (low > 0) | (high < 0)
    assert 0 < outside.sum() < 500
    assert np.array_equal(outside, found.p < 0.05)


def test_many_reviews_and_few_seeds_leave_welch():
    """Where reviews tell nothing apart, it is Welch's t test on the seeds' accuracies."""
    rng = np.random.default_rng(5)
    a, b = (np.repeat(rng.normal(0.9, sd, (4, 1)), 100_000, axis=1) for sd in (0.01, 0.03))
    found = difference(Sample(a), Sample(b))
    expected = stats.ttest_ind(a[:, 0], b[:, 0], equal_var=False)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-3)
    assert found.df == pytest.approx(expected.df, rel=1e-3)


def test_one_seed_leaves_the_paired_t_test_over_reviews():
    rng = np.random.default_rng(6)
    a, b = rng.normal(0.3, 1, (1, 5000)), rng.normal(0.28, 1, (1, 5000))
    found = difference(Sample(a), Sample(b))
    assert found.p == pytest.approx(stats.ttest_rel(a[0], b[0]).pvalue, rel=1e-2)
    assert found.seeds == 0


def test_a_fixed_side_adds_no_seeds_of_its_own():
    rng = np.random.default_rng(7)
    a, linear = rng.random((3, 400)) < 0.9, rng.random((1, 400)) < 0.9
    found = difference(Sample(a), Sample(linear, fixed=True))
    assert found.seeds == pytest.approx(a.mean(axis=1).var(ddof=1) / 3)
    assert found.num_seeds == 3


def test_no_difference_on_few_reviews_still_has_a_width():
    same = Sample(np.ones((3, 20)))
    low, high = difference(same, same).interval
    assert low < -0.05 < 0.05 < high


@pytest.mark.parametrize("unit", [0.25, 1 / np.log(2), 1024])
def test_p_of_log_loss_does_not_depend_on_its_unit(unit):
    rng = np.random.default_rng(8)
    sides = rng.exponential(0.3, (3, 40)), rng.exponential(0.5, (3, 40))
    nats = difference(*(Sample(side, is_share=False) for side in sides))
    other = difference(*(Sample(unit * side, is_share=False) for side in sides))
    assert 0.001 < nats.p < 0.999
    assert other.p == pytest.approx(nats.p, rel=1e-9)
    assert other.interval == pytest.approx([unit * end for end in nats.interval], rel=1e-9)


def test_equal_losses_are_no_difference():
    same = Sample(np.full((3, 20), 0.5), is_share=False)
    found = difference(same, same)
    assert found.p == 1
    assert found.interval == (0, 0)


ANSWERS = st.tuples(st.integers(2, 5), st.integers(3, 30)).flatmap(
    lambda shape: st.tuples(arrays.arrays(bool, shape), arrays.arrays(bool, shape))
)


@given(ANSWERS)
def test_swapping_the_sides_mirrors_the_interval(answers):
    a, b = map(Sample, answers)
    there, back = difference(a, b), difference(b, a)
    assert there.interval == pytest.approx(tuple(-end for end in back.interval[::-1]))
    assert there.p == pytest.approx(back.p)


@given(ANSWERS)
def test_the_variance_is_never_below_that_of_the_reviews(answers):
    found = difference(*map(Sample, answers))
    assert found.variance >= found.reviews > 0
    low, high = found.interval
    assert low <= found.value <= high


@given(st.integers(0, 1000))
def test_no_interval_is_wider_than_the_fewest_degrees_of_freedom_make_it(seed):
    """On the same answers the reviews' part all but vanishes, and the seeds' part may be taken off
    as shared: nothing must be left that divides by it."""
    same = Sample(np.random.default_rng(seed).random((3, 200)) < 0.9)
    found = difference(same, same)
    assert found.df >= 2
    assert found.interval[1] <= 4.303 * np.sqrt(found.variance)
