"""Who may be compared with whom."""

from __future__ import annotations

import pytest

from sentiment_cli.analysis.comparison.contest import contestants
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.sweep import read_sweep
from sentiment_cli.errors import UsageError


@pytest.fixture
def files(tmp_path):
    """Reads experiments written as YAML, a file each."""

    def read(**contents):
        found = []
        for name, content in contents.items():
            (tmp_path / f"{name}.yaml").write_text(content)
            found.append(read_sweep(tmp_path / f"{name}.yaml"))
        return found

    return read


def test_a_sweep_alone_lends_its_names(files):
    (guide,) = files(guide="sweep: {model.cell: [rnn, gru]}")
    assert [own.name for own in contestants([guide])] == ["rnn", "gru"]


def test_among_several_files_a_sweeps_names_are_told_apart(files):
    read = files(guide="sweep: {model.cell: [rnn]}", wide="model: {hidden_size: 512}")
    assert [own.name for own in contestants(read)] == ["guide: rnn", "wide"]


def test_two_files_of_one_name_are_told_apart(files, tmp_path):
    (first,) = files(same="model: {cell: rnn}")
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "same.yaml").write_text("model: {cell: gru}")
    second = [read_experiment(tmp_path / "other" / "same.yaml")]
    assert [own.name for own in contestants([first, second])] == ["same", "same-2"]


@pytest.mark.parametrize(
    ("other", "key"),
    [
        ("data: {limit: 500}\nmodel: {cell: gru}", "data.limit"),
        ("data: {source: cereal}", "data.source"),
        ("data: {test_fraction: 0.3}", "data.test_fraction"),
        ("data: {split_seed: 4}", "seed 0 and 4"),
        ("seed: 3", "seed 0 and 3"),
    ],
)
def test_different_reviews_are_refused(files, other, key):
    with pytest.raises(UsageError) as caught:
        contestants(files(one="model: {cell: rnn}", other=other))
    assert key in caught.value.what


def test_the_same_experiment_is_refused(files):
    with pytest.raises(UsageError, match="one and twin are the same experiment"):
        contestants(files(one="model: {cell: rnn}", twin="model:\n  cell: rnn\n"))


def test_seeds_follow_the_experiments_own_and_share_its_split(files):
    ((one,),) = [contestants(files(one="seed: 4294967295"))]
    seeded = [one.with_seed(number) for number in range(2)]
    assert [own.seed for own in seeded] == [4294967295, 0]
    assert {own.split_seed for own in seeded} == {4294967295}
