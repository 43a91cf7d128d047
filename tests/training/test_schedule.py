"""The learning rate of each step."""

from __future__ import annotations

import pytest

from sentiment_cli.training.schedule import learning_rate


def rates(schedule, warmup_ratio=0.1, total=100):
    return [
        learning_rate(step, total=total, peak=2.0, warmup_ratio=warmup_ratio, schedule=schedule)
        for step in range(total)
    ]


@pytest.mark.parametrize("schedule", ["cosine", "linear", "constant"])
def test_rises_to_the_peak_and_never_above(schedule):
    found = rates(schedule)
    assert found[:10] == pytest.approx([0.2 * (step + 1) for step in range(10)])
    assert max(found) == pytest.approx(2.0)


def test_cosine_ends_near_a_hundredth():
    assert rates("cosine")[-1] == pytest.approx(0.02, rel=0.1)


def test_linear_ends_near_zero():
    assert rates("linear")[-1] == pytest.approx(2.0 / 90)


def test_constant_stays():
    assert set(rates("constant", warmup_ratio=0.0)) == {2.0}
