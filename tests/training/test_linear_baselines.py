"""The linear models of an experiment."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.cli import write_reviews
from support.words import keys_of

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.training.linear import baselines, fitting
from sentiment_cli.training.linear.baselines import linear_baselines


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    write_reviews(tmp_path / "reviews.csv", ["bad", "good"])
    Path("shop.yaml").write_text("data: {source: reviews.csv}\n")
    return read_experiment(Path("shop.yaml"), ()).experiment


def fitted(experiment):
    stages = []
    found = linear_baselines(experiment, progress=lambda *stage: stages.append(stage))
    return found, stages


def test_judges_the_validation_reviews_in_their_order(experiment):
    found, _ = fitted(experiment)
    corpus = open_corpus(experiment)
    labels = np.array([review.label for review in corpus.reviews(Part.VALIDATION)])
    assert found.classes == ("negative", "positive")
    assert (found.validation["nb_weighted"].argmax(axis=1) == labels).mean() > 0.8
    assert found.validation["tf_idf"].shape == (len(labels), 2)


def test_models_are_fitted_once(experiment):
    first, stages = fitted(experiment)
    again, none = fitted(experiment)
    assert stages
    assert not none
    assert again.classes == first.classes
    words = keys_of([["crunchy", "box"], ["stale", "milk"]])
    for name, model in first.models.items():
        assert again.models[name](*words).tolist() == model(*words).tolist()
        assert again.validation[name].tolist() == first.validation[name].tolist()


def test_cache_keeps_whether_a_fit_converged(experiment, monkeypatch):
    monkeypatch.setattr(fitting, "_MAX_ITER", 1)
    fitted(experiment)
    again, stages = fitted(experiment)
    assert not stages
    assert not again.models["tf_idf"].converged


@pytest.mark.parametrize("change", ["seed=1", "data.limit=50", "data.test_fraction=0.3"])
def test_another_split_is_fitted_anew(experiment, change):
    fitted(experiment)
    other = read_experiment(Path("shop.yaml"), [change]).experiment
    assert fitted(other)[1]


@pytest.mark.parametrize("seed", [0, 1])
def test_a_draw_of_reviews_stands_for_very_many(experiment, monkeypatch, seed):
    experiment = read_experiment(Path("shop.yaml"), [f"seed={seed}"]).experiment
    monkeypatch.setattr(baselines, "_MAX_REVIEWS", 40)
    counted = []
    own = baselines.fit_nb

    def fit(reviews, labels, num_classes):
        counted.append(np.bincount(labels))
        return own(reviews, labels, num_classes)

    monkeypatch.setitem(baselines._FITS, "nb_weighted", fit)
    fitted(experiment)
    (of_class,) = counted
    assert 20 < of_class.sum() < 60
    assert of_class.min() > 5  # though good and bad take turns in the file
