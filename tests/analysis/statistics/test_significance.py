"""McNemar's test, beside statsmodels'."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as reference

from sentiment_cli.analysis.statistics.significance import mcnemar


@given(st.integers(0, 60), st.integers(0, 60), st.integers(0, 20), st.integers(1, 20))
def test_mcnemar_is_statsmodels(only_a, only_b, both, neither):
    counts = [only_a, only_b, both, neither]
    a = np.repeat([True, False, True, False], counts)
    b = np.repeat([False, True, True, False], counts)
    expected = reference([[both, only_a], [only_b, neither]], exact=True).pvalue
    assert mcnemar(a, b) == pytest.approx(expected)


def test_classifiers_that_are_right_on_the_same_reviews_do_not_differ():
    right = np.array([True, False, True])
    assert mcnemar(right, right) == 1.0
