"""The experiments that travel with the package."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.sweep import read_sweep
from sentiment_cli.shipped import shipped

CONFIGS = sorted(shipped("configs").glob("*.yaml"))


def test_the_promised_configs_are_there() -> None:
    names = {path.stem for path in CONFIGS}
    assert {"lstm", "gru", "rnn", "quick", "cereal", "best"} <= names


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.name)
def test_every_shipped_config_loads_with_the_overrides_that_its_header_shows(path: Path) -> None:
    swept = path.stem == "guide"
    verb, read = ("compare", read_sweep) if swept else ("train", read_experiment)
    commands = [line for line in path.read_text().splitlines() if f"sentiment {verb}" in line]
    assert commands[0].startswith(f"#   sentiment {verb} configs/{path.name}")
    assert len(commands) > 1
    for command in commands:
        overrides = [part.split()[0] for part in command.split("--set ")[1:]]
        assert read(path, overrides)


@pytest.mark.parametrize("cell", ["gru", "rnn"])
def test_the_cells_configs_are_equal_but_for_the_cell(cell: str) -> None:
    lstm = read_experiment(shipped("configs", "lstm.yaml"), [f"model.cell={cell}"])
    assert read_experiment(shipped("configs", f"{cell}.yaml")).experiment == lstm.experiment


def test_the_guide_is_the_three_cells_configs_without_ngrams() -> None:
    swept = read_sweep(shipped("configs", "guide.yaml"))
    for loaded in swept:
        alone = read_experiment(shipped("configs", f"{loaded.name}.yaml"), ["model.ngrams=0"])
        assert loaded.experiment == alone.experiment
    assert [loaded.name for loaded in swept] == ["rnn", "lstm", "gru"]


@pytest.mark.parametrize("name", ["lstm", "gru", "rnn", "quick", "best"])
def test_imdb_validates_on_two_thousand_of_its_reviews(name: str) -> None:
    data = read_experiment(shipped("configs", f"{name}.yaml")).experiment.data
    assert data.source == "imdb"
    assert data.validation_fraction * 25_000 == 2_000
