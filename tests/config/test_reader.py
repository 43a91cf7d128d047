"""From a file and overrides to an experiment."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli.config.overrides import OVERRIDE_HINT
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.yaml import MAX_BYTES
from sentiment_cli.errors import EnvironmentFault, UsageError
from sentiment_cli.shipped import shipped


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty current folder."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    return folder


def write(folder: Path, text: str, name: str = "shop.yaml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_settings_come_from_the_file_and_else_from_the_defaults(here: Path) -> None:
    loaded = read_experiment(write(here, "model:\n  cell: gru\ntraining:\n  lr: 1e-3\n"))
    assert loaded.experiment.model.cell == "gru"
    assert loaded.experiment.training.lr == 0.001
    assert loaded.experiment.data == Experiment().data
    assert (loaded.name, loaded.path) == ("shop", here / "shop.yaml")


@pytest.mark.parametrize("text", ["", "# nothing\n", "model:\n", "model: {}\n"])
def test_an_empty_file_or_section_means_the_defaults(here: Path, text: str) -> None:
    assert read_experiment(write(here, text)).experiment == Experiment()


def test_overrides_hold_over_the_file_and_the_later_over_the_earlier(here: Path) -> None:
    path = write(here, "seed: 1\nmodel: {cell: gru, hidden_size: 32}\n")
    overrides = ["seed=2", "model.cell=rnn", "seed=3"]
    experiment = read_experiment(path, overrides).experiment
    assert experiment.seed == 3
    assert (experiment.model.cell, experiment.model.hidden_size) == ("rnn", 32)


def test_an_override_of_a_section_puts_its_other_settings_back_to_the_defaults(here: Path) -> None:
    path = write(here, "model: {cell: gru, hidden_size: 32}\n")
    assert (
        read_experiment(path, ["model={cell: rnn}"]).experiment
        == read_experiment(write(here, "model: {cell: rnn}"), []).experiment
    )


def test_labels_are_kept_as_they_were_written(here: Path) -> None:
    path = write(here, "data:\n  label_map: {01: no, 1: 1, true: off}\n")
    assert read_experiment(path).experiment.data.label_map == {"01": "no", "1": "1", "true": "off"}
    replaced = read_experiment(path, ["data.label_map={1: negative}", "data.label_map.2=positive"])
    assert replaced.experiment.data.label_map == {"1": "negative", "2": "positive"}


def test_paths_in_the_file_are_read_from_its_folder(here: Path) -> None:
    (here.parent / "there").mkdir()
    path = write(here.parent / "there", "data:\n  source: [a.csv, imdb, 'hub:a/b']\n")
    loaded = read_experiment(Path("../there/shop.yaml"))
    assert loaded.experiment.data.source == (f"{here}/../there/a.csv", "imdb", "hub:a/b")
    assert read_experiment(path).experiment.data.source[0] == f"{path.parent}/a.csv"


def test_paths_in_an_override_are_read_from_the_current_folder(here: Path) -> None:
    (here.parent / "there").mkdir()
    path = write(here.parent / "there", "data:\n  source: a.csv\n")
    source = read_experiment(path, ["data.source=b.csv"]).experiment.data.source
    assert source == f"{here}/b.csv"


def test_no_path_means_the_shipped_default(here: Path) -> None:
    assert read_experiment(None).path == shipped("configs", "lstm.yaml")
    assert read_experiment(None).name == "lstm"


@pytest.mark.parametrize("name", ["quick", "quick.yaml", "configs/quick.yaml", "./quick.yaml"])
def test_a_shipped_config_is_found_by_name_in_any_folder(here: Path, name: str) -> None:
    loaded = read_experiment(Path(name))
    assert loaded.path == shipped("configs", "quick.yaml")
    assert loaded.name == "quick"


def test_a_file_of_ones_own_goes_before_a_shipped_one(here: Path) -> None:
    write(here, "seed: 7\n", "quick.yaml")
    assert read_experiment(Path("quick.yaml")).experiment.seed == 7


def test_a_folder_does_not_hide_a_shipped_config(here: Path) -> None:
    (here / "quick").mkdir()
    assert read_experiment(Path("quick")).path == shipped("configs", "quick.yaml")


def test_a_file_of_reviews_is_no_experiment(tmp_path):
    (tmp_path / "shop.csv").write_text("text,label\nGood,1\n", encoding="utf-8")
    with pytest.raises(UsageError, match="a file of reviews") as raised:
        read_experiment(tmp_path / "shop.csv")
    assert (raised.value.hint or "").endswith("--write-config shop.yaml")


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("configs/quik.yaml", "did you mean quick?"),
        ("shp.yaml", "did you mean shop.yaml?"),
        ("other/quick.yaml", "did you mean quick?"),
        ("zzzzzz", "shipped ones: best, bundled, cereal, gru, guide, guide-gru"),
        ("shop.yaml/x", "shipped ones:"),
    ],
)
def test_a_missing_file_is_told_with_what_was_meant(here: Path, name: str, meant: str) -> None:
    write(here, "")
    with pytest.raises(UsageError, match="no such experiment file") as raised:
        read_experiment(Path(name))
    assert raised.value.what.startswith(f"{name}: ")
    assert meant in str(raised.value.hint)


def test_a_folder_is_told_from_a_file(here: Path) -> None:
    with pytest.raises(UsageError, match="is a folder"):
        read_experiment(here)


def test_a_file_that_cannot_be_opened_is_the_machines_fault(here: Path) -> None:
    with pytest.raises(EnvironmentFault, match="cannot be read"):
        read_experiment(Path("x" * 5000))


def test_a_large_file_is_refused_without_being_read_whole(here: Path) -> None:
    path = here / "huge.yaml"
    with path.open("wb") as file:
        file.truncate(100 * MAX_BYTES)
    with pytest.raises(UsageError, match="too large for an experiment"):
        read_experiment(path)


def test_a_file_without_sections_is_refused(here: Path) -> None:
    with pytest.raises(UsageError, match=r"shop.yaml:1: got a list, expected sections"):
        read_experiment(write(here, "- 1\n"))


def test_faults_of_file_and_override_are_told_in_one_error(here: Path) -> None:
    path = write(here, "seed: -1\n\nmodell: {}\n")
    with pytest.raises(UsageError) as raised:
        read_experiment(path, ["training.epochs=ten"])
    assert raised.value.what.splitlines() == [
        "--set training.epochs=ten: got ten, expected a whole number from 1 to 100000",
        f"{path}:1: seed: got -1, expected a whole number from 0 to 4294967295",
        f"{path}:3: modell: no such setting (did you mean model?)",
    ]


def test_the_example_in_the_hint_is_valid(here: Path) -> None:
    assert read_experiment(None, [OVERRIDE_HINT.rpartition("--set ")[2]])
