"""In how many words a gradient falls to half."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.analysis.memory.half_life import half_life


def exponential(words, length=60, scale=1.0):
    return scale * 0.5 ** (np.arange(length) / words)


@given(st.floats(0.5, 1000), st.integers(8, 400), st.floats(1e-6, 1e6))
def test_of_an_exact_exponential_is_exact(words, length, scale):
    assert half_life([exponential(words, length, scale)]).words == pytest.approx(words)


def test_is_the_median_of_the_reviews_rates():
    found = half_life([exponential(2), exponential(4), exponential(64)])
    assert found.words == pytest.approx(4)
    low, high = found.interval
    assert low == pytest.approx(2)
    assert high == pytest.approx(64)


def test_what_underflowed_does_not_count():
    norms = exponential(1, 400)
    norms[norms < 1e-38] = 0.0
    assert half_life([norms]).words == pytest.approx(1)


def test_a_gradient_that_does_not_fall_never_halves():
    rising = [exponential(-5), exponential(-6), exponential(-7)]
    assert half_life(rising) == (None, (None, None))


def test_an_interval_may_be_open_to_above():
    found = half_life([exponential(10)] * 6 + [exponential(-10)] * 5)
    assert found.words == pytest.approx(10)
    assert found.interval == (pytest.approx(10), None)


def test_short_reviews_tell_nothing():
    assert half_life([exponential(3, 7)]) == (None, None)
    assert half_life([np.zeros(50)]) == (None, None)


def test_one_review_has_no_interval():
    assert half_life([exponential(3)]).interval is None


def test_interval_covers_what_it_claims():
    rng = np.random.default_rng(0)
    covered = 0
    for _ in range(60):
        rates = rng.normal(0.1, 0.03, 50)
        low, high = half_life([exponential(1 / rate, 10) for rate in rates]).interval
        covered += low <= 10 <= high
    assert covered >= 52
