"""The mean over reviews is the figure that `eval` prints."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.entries import entry

from sentiment_cli import metrics
from sentiment_cli.analysis.statistics.figures import FIGURES, review_values


@given(st.integers(0, 2**32 - 1), st.integers(1, 200), st.integers(2, 4))
def test_each_mean_is_the_figure_itself(seed, reviews, classes):
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=reviews)
    probabilities = rng.dirichlet(np.ones(classes), size=reviews)
    values = review_values(labels, probabilities)
    scores = metrics.score(labels, probabilities)
    assert list(values) == list(FIGURES)
    for name in FIGURES:
        assert values[name].shape == (reviews,)
        assert values[name].mean() == pytest.approx(scores[name])


def test_only_accuracies_are_shares():
    samples = entry("a", 0.9).samples
    assert {name for name, sample in samples.items() if sample.is_share} == {
        "accuracy",
        "balanced_accuracy",
    }
