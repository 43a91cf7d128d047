"""McNemar's and Holm's tests, beside statsmodels'."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.contingency_tables import mcnemar as reference
from statsmodels.stats.multitest import multipletests

from sentiment_cli.analysis.statistics.significance import holm, mcnemar


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


@settings(max_examples=20)  # the other one takes a tenth of a second each time
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_holm_is_statsmodels(p):
    assert holm(p) == pytest.approx(multipletests(p, method="holm")[1].tolist())
