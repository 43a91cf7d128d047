"""The network as it was before its first step."""

from __future__ import annotations

import numpy as np
import pytest
from support.cli import write_reviews
from support.trainings import begun, tiny

from sentiment_cli.analysis.memory.start import network_at_start
from sentiment_cli.errors import DataError
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.classifier import state_to_arrays

# So slow that the weights which are kept are those that training began with.
UNMOVED = ("training.lr=1e-12", "training.weight_decay=0", "training.ema_decay=0", "seed=7")


@pytest.fixture
def trained(tmp_path, monkeypatch):
    """Train with the settings that are given; return the run and its predictor."""
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)

    def train(*settings):
        begun(tiny(tmp_path, *UNMOVED, *settings), tmp_path / "run")
        return tmp_path / "run", Predictor.load(tmp_path / "run", device="cpu")

    return train


@pytest.mark.parametrize("vectors", ["null", "counted"])
def test_is_what_training_began_with(trained, vectors):
    run, predictor = trained(f"model.vectors={vectors}")
    began = state_to_arrays(network_at_start(run, predictor.config))
    assert began.keys() == predictor.engine.weights.keys()
    for name, array in predictor.engine.weights.items():
        np.testing.assert_allclose(began[name], array, atol=1e-6, err_msg=name)


def test_counted_vectors_are_not_those_of_other_reviews(trained, tmp_path):
    run, predictor = trained("model.vectors=counted")
    write_reviews(tmp_path / "reviews.csv", ["bad", "good"], seed=3)
    with pytest.raises(DataError, match="no longer holds the reviews"):
        network_at_start(run, predictor.config)


def test_drawn_vectors_need_no_reviews(trained, tmp_path):
    run, predictor = trained("model.vectors=null")
    (tmp_path / "reviews.csv").unlink()
    assert network_at_start(run, predictor.config).architecture == predictor.config.architecture
