"""What may be tuned."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.space import Range, read_space
from sentiment_cli.config.sweep import read_sweep
from sentiment_cli.errors import UsageError


@pytest.fixture
def file(tmp_path: Path):
    """Writes an experiment with a search space, and returns its path."""

    def write(tune: str) -> Path:
        path = tmp_path / "shop.yaml"
        path.write_text(f"data: {{source: a.csv}}\nmodel:\n  hidden_size: 32\n{tune}")
        return path

    return write


SPACE = """\
tune:
  training.lr: {low: 1e-4, high: 1, log: true}
  model.num_layers: {low: 1, high: 3}
  model.hidden_size: [16, 32]
  training.clip_norm: [null, 0.5]
"""


def test_ranges_and_choices(file):
    space = read_space(file(SPACE))
    assert space.dimensions["training.lr"] == Range(1e-4, 1, log=True, whole=False)
    assert space.dimensions["model.num_layers"] == Range(1, 3, log=False, whole=True)
    assert list(space.dimensions["training.clip_norm"]) == ["null", "0.5"]
    assert space.described()["model.hidden_size"] == ["16", "32"]


def test_values_that_begin_alike_are_told_apart(file):
    long = [f"/vectors/of-all-that-was-ever-written/{n}.txt" for n in (50, 100)]
    space = read_space(file(f"tune: {{model.vectors: [{long[0]}, {long[1]}]}}"))
    assert space.described()["model.vectors"] == long


def test_a_choice_becomes_an_experiment(file):
    space = read_space(file(SPACE))
    found = space.experiment(
        {"training.lr": 1e-05, "model.num_layers": 2, "training.clip_norm": "null"}
    )
    assert found.training.lr == 1e-5
    assert found.training.clip_norm is None
    assert (found.model.num_layers, found.model.hidden_size) == (2, 32)
    assert found.data == space.loaded.experiment.data


def test_the_start_is_found_where_it_lies_in_the_space(file):
    assert read_space(file(SPACE)).start() == {}  # clip_norm is 1.0
    space = read_space(file(SPACE), ["training.clip_norm=0.5"])
    assert space.start() == {
        "training.lr": 2e-3, "model.num_layers": 1, "model.hidden_size": "32",
        "training.clip_norm": "0.5",
    }  # fmt: skip
    assert space.experiment(space.start()) == space.loaded.experiment


@pytest.mark.parametrize(
    "overrides", [[], ["training.lr=1000"], ["model.hidden_size=1"], ["model.dropout=0.95"]]
)
def test_a_file_without_a_space_has_one_around_its_experiment(file, overrides):
    space = read_space(file(""), overrides)
    assert space.dimensions.keys() == {
        "training.lr", "model.dropout", "model.embedding_dropout", "model.word_dropout",
        "model.hidden_size",
    }  # fmt: skip
    assert space.experiment(space.start()) == space.loaded.experiment


def test_other_commands_pass_it_over(file):
    path = file(SPACE)
    assert read_experiment(path).experiment.model.hidden_size == 32
    assert read_sweep(path) == [read_experiment(path)]


@pytest.mark.parametrize(
    ("tune", "what"),
    [
        (
            "tune: {model.cel: [rnn, gru]}",
            "4: tune: model.cel: no such setting (did you",
        ),
        ("tune: {model: [rnn, gru]}", "4: tune: model: no such setting"),
        ("tune:", "4: tune: got nothing, expected a mapping of settings"),
        ("tune: [a]", "4: tune: got a list, expected a mapping"),
        ("tune: {}", "4: tune: got a mapping, expected a mapping of settings"),
        ("tune:\n  model.cell: gru", "5: tune: model.cell: got gru, expected a list of two"),
        ("tune:\n  model.cell: [gru]", "5: tune: model.cell: got a list, expected a list of two"),
        ("tune:\n  model.cell: [gru, gru]", "5: tune: model.cell: a value stands here twice"),
        ("tune:\n  model.cell: [rnn, gruu]", "5: model.cell: got gruu, expected rnn, lstm or gru"),
        ("tune: {seed: [1, 2]}", "4: tune: seed: it is no choice"),
        ("tune: {data.limit: [10, 20]}", "4: tune: data.limit: it is no choice"),
        ("tune: {training.lr: {low: 1}}", "4: tune: training.lr: a range has a low and a high"),
        ("tune: {training.lr: {low: 1, hi: 2}}", "4: tune: training.lr: hi: expected low, high"),
        ("tune: {training.lr: {low: 2, high: 1}}", "4: tune: training.lr: low is 2 and high is 1"),
        (
            "tune:\n  training.lr:\n    low: 1\n    high: 2000",
            "7: training.lr: got 2000, expected a number above 0 and at most 1000",
        ),
        (
            "tune: {model.dropout: {low: 0, high: 0.5, log: true}}",
            "4: tune: model.dropout: low is 0, which has no logarithm",
        ),
        ("tune: {model.dropout: {low: 0, high: 0.5, log: 1}}", "log: got 1, expected true or"),
        (
            "tune: {model.cell: {low: rnn, high: gru}}",
            "4: tune: model.cell: low: got rnn",
        ),
        (
            "tune: {model.hidden_size: {low: 8, high: 16.5}}",
            "4: model.hidden_size: got 16.5, expected a whole number",
        ),
    ],
)
def test_a_fault_is_told_with_its_line(file, tune, what):
    path = file(tune)
    with pytest.raises(UsageError) as caught:
        read_space(path)
    assert str(path) in caught.value.what
    assert what in caught.value.what
    assert caught.value.hint


def test_a_sweep_is_for_compare(file):
    with pytest.raises(UsageError, match="several experiments"):
        read_space(file("sweep: {model.cell: [rnn, gru]}\n"))


def test_the_space_itself_is_not_overridden(file):
    with pytest.raises(UsageError, match="tune"):
        read_space(file(SPACE), ["tune.lr=3"])
