"""The reviews that a run is measured on."""

from __future__ import annotations

import pytest
from support.trainings import begun, tiny

from sentiment_cli.inference.labelled import chosen_reviews
from sentiment_cli.inference.predictor import Predictor


@pytest.fixture
def texts(tmp_path, monkeypatch):
    """Trains a run by settings, and returns the texts of its test reviews."""
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))

    def read(name, *settings):
        run = tmp_path / name
        begun(tiny(tmp_path, "training.epochs=1", *settings), run)
        reviews = chosen_reviews(run, Predictor.load(run).config, None, tell=print)
        return [review.text for review in reviews]

    return read


def test_a_seed_of_its_own_for_the_split_keeps_the_test_reviews(texts):
    first = texts("first", "seed=0")
    assert texts("same", "seed=5", "data.split_seed=0") == first
    assert texts("other", "seed=5") != first
