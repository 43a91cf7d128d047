"""A run is found again by what made it, and by nothing else."""

from __future__ import annotations

import pytest

from sentiment_cli.analysis.comparison.store import Store
from sentiment_cli.config.schema import DataConfig, Experiment, ModelConfig, TrainingConfig


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path, "content")


@pytest.mark.parametrize(
    "change",
    [
        {"seed": 1},
        {"device": "cuda"},
        {"model": ModelConfig(hidden_size=7)},
        {"training": TrainingConfig(lr=0.1)},
        {"data": DataConfig(split_seed=1)},
        {"data": DataConfig(limit=50)},
    ],
    ids=lambda change: str(*change),
)
def test_what_makes_another_run_makes_another_place(store, change):
    assert store.run("a", Experiment()) != store.run("a", Experiment(**change))


@pytest.mark.parametrize(
    "change",
    [
        {"data": DataConfig(split_seed=0)},
        {"data": DataConfig(source="elsewhere.csv")},
        {"data": DataConfig(formula_guard=False)},
    ],
    ids=["the split's seed said", "the same content elsewhere", "scored files"],
)
def test_what_makes_the_same_run_finds_it(store, change):
    place = store.run("a", Experiment())
    place.mkdir()
    assert store.run("another name", Experiment(**change)) == place


def test_other_content_is_another_run(store, tmp_path):
    assert store.run("a", Experiment()) != Store(tmp_path, "other").run("a", Experiment())


def test_a_name_becomes_a_folders_name(store):
    place = store.run("guide: gru, hidden_size 64/../x", Experiment())
    assert place.parent == store.folder
    assert place.name.startswith("guide-gru-hidden_size-64-..-x-seed0-")


def test_baselines_know_the_split_alone(store):
    assert store.baselines(Experiment()) == store.baselines(
        Experiment(model=ModelConfig(cell="gru"))
    )
    assert store.baselines(Experiment()) != store.baselines(Experiment(seed=1))
