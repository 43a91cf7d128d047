"""The interval of a mean, or of a difference of two, over seeds and test reviews at once.

Every seed of a network meets the same test reviews: a crossed design with two random factors, and
the rest, their interaction. Its variance is estimated by the components of a two-way analysis of
variance, and its degrees of freedom by Satterthwaite (1946), as Welch (1947) does for two samples:
docs/comparison.md has the formulas.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from scipy import stats

if TYPE_CHECKING:
    from numpy.typing import NDArray

_Array = Any  # a float, or an array of as many axes as there are leading ones

_EXTRA_REVIEWS = 2
"""Reviews added to the variance of shares, one that each side wins. A difference of zero on few
reviews then still has a width (Bonett and Price 2012). Their differences are 1 and -1, which only
means something for shares: a continuous value such as log loss depends on its unit."""


@dataclass(frozen=True, slots=True)
class Sample:
    """One classifier's values of a figure on each test review.

    Args:
        values: their mean over reviews is the figure of a seed, (..., S, n).
        fixed: no seed has a part in the classifier: another training would give the same.
        is_share: Whether the figure is a share of right answers; False for continuous values.
    """

    values: NDArray[np.floating[Any]]
    fixed: bool = False
    is_share: bool = True


@dataclass(frozen=True, slots=True)
class Estimate:
    """A mean or a difference, its variance by source, and its 95% interval.

    Args:
        value: of the figure itself.
        seeds: variance that comes from the choice of seeds.
        reviews: variance that comes from the choice of test reviews.
        shared: what both of them count, the interaction's part.
        df: degrees of freedom of the whole variance.
        num_seeds: S; 1 leaves the seeds' part unknown.
        sides: how many of the two have seeds.
        num_reviews: n.
    """

    value: _Array
    seeds: _Array
    reviews: _Array
    shared: _Array
    df: _Array
    num_seeds: int
    sides: int
    num_reviews: int

    @property
    def variance(self) -> _Array:
        """Of `value`, never below what the reviews alone make."""
        return np.maximum(self.seeds + self.reviews - self.shared, self.reviews)

    @property
    def interval(self) -> tuple[_Array, _Array]:
        """Lower and upper end, at 95%."""
        reach = stats.t.ppf(0.975, self.df) * np.sqrt(self.variance)
        return self.value - reach, self.value + reach

    @property
    def p(self) -> _Array:
        """Two-sided probability of a value as far from zero, were the true one zero."""
        with np.errstate(divide="ignore", invalid="ignore"):  # equal values have no variance
            p = 2 * stats.t.sf(np.abs(self.value) / np.sqrt(self.variance), self.df)
        return np.where(np.equal(self.value, 0), 1.0, p)


def mean(sample: Sample) -> Estimate:
    """Return the mean of a figure over seeds and reviews."""
    return difference(sample, Sample(np.zeros_like(sample.values[..., :1, :]), fixed=True))


def difference(a: Sample, b: Sample) -> Estimate:
    """Return the difference of a figure's means, a minus b, on the same test reviews.

    The seeds of the two sides are taken as drawn apart: sharing a number gives two networks of
    different shape nothing in common.
    """
    num_reviews = a.values.shape[-1]
    (mean_a, seeds_a, shared_a), (mean_b, seeds_b, shared_b) = _seeds_part(a), _seeds_part(b)
    spread = (mean_a - mean_b).var(axis=-1, ddof=1)
    reviews = spread / num_reviews + a.is_share * _EXTRA_REVIEWS / num_reviews**2
    seeds, shared = seeds_a + seeds_b, shared_a + shared_b
    squares = reviews**2 / (num_reviews - 1)
    fewest = num_reviews - 1
    for sample, part in ((a, seeds_a), (b, seeds_b)):
        own = sample.values.shape[-2] - 1
        if own and not sample.fixed:
            squares = squares + part**2 / own
            fewest = min(fewest, own)
    whole = np.maximum(seeds + reviews - shared, reviews)
    return Estimate(
        value=mean_a.mean(axis=-1) - mean_b.mean(axis=-1),
        seeds=seeds,
        reviews=reviews,
        shared=shared,
        df=np.maximum(
            np.divide(whole**2, squares, out=np.zeros_like(whole), where=squares > 0), fewest
        ),
        num_seeds=max(a.values.shape[-2], b.values.shape[-2]),
        sides=(not a.fixed) + (not b.fixed),
        num_reviews=num_reviews,
    )


def _seeds_part(sample: Sample) -> tuple[_Array, _Array, _Array]:
    """Return each review's mean, (..., n), the seeds' part of the variance, and the interaction's
    in it; zero for a single seed."""
    values = sample.values.astype(np.float64, copy=False)  # (..., S, n)
    num_seeds, num_reviews = values.shape[-2:]
    of_review, of_seed = values.mean(axis=-2), values.mean(axis=-1)
    if sample.fixed or num_seeds == 1:
        nothing = np.zeros(values.shape[:-2])
        return of_review, nothing, nothing
    seeds = of_seed.var(axis=-1, ddof=1) / num_seeds
    # Sums of squares: all = seeds + reviews + interaction.
    whole = values.var(axis=(-2, -1)) - of_seed.var(axis=-1) - of_review.var(axis=-1)
    shared = np.maximum(whole, 0.0) / ((num_seeds - 1) * (num_reviews - 1))
    return of_review, seeds, shared
