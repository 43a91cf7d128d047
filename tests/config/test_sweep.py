"""Several experiments in one file."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.sweep import read_sweep
from sentiment_cli.errors import UsageError


@pytest.fixture
def file(tmp_path: Path):
    """Writes an experiment with a sweep, and returns its path."""

    def write(sweep: str) -> Path:
        path = tmp_path / "many.yaml"
        path.write_text(f"data: {{source: a.csv}}\nmodel:\n  hidden_size: 32\n{sweep}")
        return path

    return write


def test_a_grid_is_every_combination_in_order(file):
    path = file("sweep:\n  model.cell: [rnn, gru]\n  model.hidden_size: [64, 128]\n")
    swept = read_sweep(path)
    models = [loaded.experiment.model for loaded in swept]
    assert [(model.cell, model.hidden_size) for model in models] == [
        ("rnn", 64), ("rnn", 128), ("gru", 64), ("gru", 128),
    ]  # fmt: skip
    assert swept[1].name == "rnn, hidden_size 128"


def test_a_list_is_one_experiment_an_item(file):
    path = file(
        "sweep:\n  - {model.cell: gru}\n  - {model.cell: lstm, training.lr: 1e-3}\n  - {}\n"
    )
    swept = read_sweep(path)
    assert [loaded.name for loaded in swept] == ["gru", "lstm, lr 1e-3", "many"]
    assert swept[1].experiment.training.lr == 1e-3
    assert {loaded.experiment.model.hidden_size for loaded in swept} == {32}


def test_a_file_without_a_sweep_is_one_experiment(file):
    (loaded,) = read_sweep(file(""))
    assert loaded == read_experiment(file(""))
    assert loaded.name == "many"


def test_overrides_hold_for_every_variant(file):
    path = file("sweep: {model.cell: [rnn, gru]}\n")
    swept = read_sweep(path, ["training.epochs=7"])
    assert [loaded.experiment.training.epochs for loaded in swept] == [7, 7]


def test_null_and_lists_are_values_too(file):
    path = file("sweep: {training.clip_norm: [null, 0.5], data.source: [[a.csv, b.csv]]}\n")
    swept = read_sweep(path)
    assert [loaded.experiment.training.clip_norm for loaded in swept] == [None, 0.5]
    assert swept[0].experiment.data.source == tuple(
        str(path.parent / n) for n in ("a.csv", "b.csv")
    )


@pytest.mark.parametrize(
    ("sweep", "what"),
    [
        (
            "sweep: {model.cel: [rnn]}",
            "4: sweep: model.cel: no such setting (did you mean model.ce",
        ),
        ("sweep: {model: [rnn]}", "4: sweep: model: no such setting"),
        ("sweep: {model.cell: rnn}", "4: sweep: model.cell: got rnn, expected a list of values"),
        ("sweep:\n  model.cell: []", "5: sweep: model.cell: got a list, expected"),
        ("sweep:\n  - model.cell: gru\n  - gru", "6: sweep: got gru, expected a mapping"),
        ("sweep:\n  - model.cel: gru", "5: sweep: model.cel: no such setting"),
        ("sweep: 3", "4: sweep: got 3, expected a mapping of settings to lists"),
        ("sweep:", "4: sweep: got nothing, expected"),
        ("sweep: {}", "4: sweep: got a mapping, expected"),
        ("sweep: []", "4: sweep: got a list, expected"),
        ("sweep: {seed: [1, 2]}", "4: sweep: seed: seeds are not swept"),
        ("sweep:\n  model.cell: [rnn, gruu]", "5: model.cell: got gruu, expected rnn, lstm or gru"),
        (
            "sweep: {training.epochs: [1,2,3,4,5,6,7,8,9,10,11], "
            "model.hidden_size: [1,2,3,4,5,6,7,8,9,10]}",
            "4: sweep: 110 experiments, more than 100",
        ),
    ],
)
def test_a_fault_is_told_with_its_line(file, sweep, what):
    path = file(sweep)
    with pytest.raises(UsageError) as caught:
        read_sweep(path)
    assert f"{path}:{what}" in caught.value.what
    assert caught.value.hint


def test_an_override_of_what_is_varied_is_refused(file):
    path = file("sweep:\n  model.cell: [rnn, gru]\n")
    with pytest.raises(UsageError, match=r"--set model.cell=lstm: .*many.yaml:5 varies model.cell"):
        read_sweep(path, ["model.cell=lstm"])


def test_where_one_experiment_is_wanted_a_sweep_leads_to_compare(file):
    path = file("sweep: {model.cell: [rnn, gru]}\n")
    with pytest.raises(UsageError, match=r"many.yaml:4: sweep: ") as caught:
        read_experiment(path)
    assert caught.value.hint == f"sentiment compare {path}"
