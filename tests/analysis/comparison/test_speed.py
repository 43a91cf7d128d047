"""How many times as fast."""

from __future__ import annotations

import numpy as np
import pytest
from support.entries import timed

from sentiment_cli.analysis.comparison.speed import sentence, speeds


def test_the_faster_one_comes_first_with_the_ratio_of_geometric_means(tmp_path):
    slow, fast = timed("lstm", tmp_path, 900, 1000, 1100), timed("gru", tmp_path, 1900, 2000, 2100)
    (found,) = speeds([slow, fast])
    assert (found["a"], found["b"]) == ("gru", "lstm")
    expected = np.cbrt(1900 * 2000 * 2100) / np.cbrt(900 * 1000 * 1100)
    assert found["ratio"] == pytest.approx(expected)
    low, high = found["interval"]
    assert 1 < low < found["ratio"] < high
    assert sentence(found).startswith("gru trains 2.01 times as fast as lstm")


def test_noise_is_no_difference(tmp_path):
    (found,) = speeds([timed("a", tmp_path, 500, 2000), timed("b", tmp_path, 600, 1500)])
    assert sentence(found).startswith("no difference of speed shown between")
    assert sentence(found).endswith("(too few runs to tell)")
    (found,) = speeds([timed("c", tmp_path, 99, 100, 101), timed("d", tmp_path, 98, 100, 101)])
    assert sentence(found).endswith(" times)")


def test_resumed_runs_and_single_ones_tell_nothing(tmp_path):
    whole = timed("a", tmp_path, 900, 1000)
    assert speeds([whole, timed("b", tmp_path, 800, 900, resumed_at=7)]) == []
    assert speeds([whole, timed("c", tmp_path, 800)]) == []
