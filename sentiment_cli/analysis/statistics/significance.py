"""Is a difference one? The test of two trained classifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from scipy import stats

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


def mcnemar(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Return the exact p of McNemar's test (1947): are two trained classifiers equally often right?

    Only reviews on which one alone is right tell. It says nothing of other seeds.

    Args:
        a: whether one classifier is right on each review, (n,).
        b: whether the other one is, (n,).
    """
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    if only_a + only_b == 0:
        return 1.0
    return float(stats.binomtest(only_a, only_a + only_b).pvalue)
