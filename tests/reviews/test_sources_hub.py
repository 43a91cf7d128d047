"""Data sets that ``datasets`` saved, and those of the hub, of which no test asks the network."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import datasets
import huggingface_hub
import pytest

from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.reviews.sources import Source, hub, open_source

FEATURES = datasets.Features(
    {
        "text": datasets.Value("string"),
        "label": datasets.ClassLabel(names=["neg", "pos"]),
        "stars": datasets.Value("int64"),
    }
)
ROWS = {"text": ["a", "NA", None], "label": [1, 0, -1], "stars": [5, 1, None]}


@pytest.fixture
def dataset() -> datasets.Dataset:
    return datasets.Dataset.from_dict(ROWS, features=FEATURES)


def values(source: Source) -> list[tuple[str, ...]]:
    return [tuple(row.values[column] for column in source.columns) for row in source.rows()]


READ = [("a", "pos", "5"), ("NA", "neg", "1"), ("", "", "")]


def test_a_saved_data_set(dataset: datasets.Dataset, tmp_path: Path) -> None:
    dataset.save_to_disk(str(tmp_path / "saved"))
    source = open_source("saved", base=tmp_path)
    assert source.columns == ["text", "label", "stars"]
    assert values(source) == values(source) == READ
    assert next(row.place for row in source.rows()) == "saved row 1"


def test_of_saved_splits_train_is_read(dataset: datasets.Dataset, tmp_path: Path) -> None:
    splits = {"test": dataset.select([0]), "train": dataset}
    datasets.DatasetDict(splits).save_to_disk(str(tmp_path / "saved"))
    assert values(open_source("saved", base=tmp_path)) == READ
    assert values(open_source("saved/test", base=tmp_path)) == READ[:1]


def test_saved_splits_without_train(dataset: datasets.Dataset, tmp_path: Path) -> None:
    datasets.DatasetDict({"dev": dataset}).save_to_disk(str(tmp_path / "saved"))
    with pytest.raises(DataError, match="no split named train") as caught:
        open_source("saved", base=tmp_path)
    assert "saved/dev" in (caught.value.hint or "")


def test_a_saved_data_set_that_changed(dataset: datasets.Dataset, tmp_path: Path) -> None:
    dataset.save_to_disk(str(tmp_path / "one"))
    dataset.select([0, 1]).save_to_disk(str(tmp_path / "two"))
    one = open_source("one", base=tmp_path).fingerprint()
    assert open_source("one", base=tmp_path).fingerprint() == one
    assert open_source("two", base=tmp_path).fingerprint() != one


def test_half_a_saved_data_set(dataset: datasets.Dataset, tmp_path: Path) -> None:
    dataset.save_to_disk(str(tmp_path / "saved"))
    arrow = next((tmp_path / "saved").glob("*.arrow"))
    arrow.write_bytes(arrow.read_bytes()[:100])
    with pytest.raises(DataError, match="saved is not a whole saved data set"):
        list(open_source("saved", base=tmp_path).rows())


class Hub:
    """The hub as ``datasets`` shows it: one data set with the configs ``plain`` and ``other``."""

    def __init__(self, dataset: datasets.Dataset, monkeypatch: pytest.MonkeyPatch) -> None:
        self.dataset = dataset
        self.asked: list[Any] = []
        self.fault: Exception | None = None
        monkeypatch.setattr(datasets, "load_dataset", self.load)
        monkeypatch.setattr(datasets, "get_dataset_config_names", lambda _: ["plain", "other"])

    def load(self, name: str, config: str | None, *, split: str, **_: Any) -> datasets.Dataset:
        assert not datasets.config.HF_HUB_OFFLINE
        self.asked.append((name, config, split))
        if self.fault:
            raise self.fault
        return self.dataset


@pytest.fixture
def fake_hub(dataset: datasets.Dataset, monkeypatch: pytest.MonkeyPatch) -> Hub:
    return Hub(dataset, monkeypatch)


@pytest.mark.parametrize(
    ("spec", "asked"),
    [
        ("hub:me/mine", ("me/mine", None, "train")),
        ("hub:me/mine:other", ("me/mine", "other", "train")),
        ("hub:me/mine:test", ("me/mine", None, "test")),
        ("hub:me/mine:other:test[:50%]", ("me/mine", "other", "test[:50%]")),
        ("hub:me/mine:train[10:20]", ("me/mine", None, "train[10:20]")),
    ],
)
def test_a_hub_source(fake_hub: Hub, tmp_path: Path, spec: str, asked: tuple[Any, ...]) -> None:
    source = open_source(spec, base=tmp_path)
    assert fake_hub.asked == [asked]
    assert values(source) == READ
    assert source.name == spec
    assert next(source.rows()).place == f"{spec} row 1"


@pytest.mark.parametrize("spec", ["hub:", "hub:a/b:", "hub:a/b:c:d:e"])
def test_what_is_no_hub_source(fake_hub: Hub, tmp_path: Path, spec: str) -> None:
    with pytest.raises(DataError, match="is not a hub source"):
        open_source(spec, base=tmp_path)
    assert not fake_hub.asked


@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (FileNotFoundError("Dataset 'me/mine' doesn't exist on the Hub"), DataError),
        (ValueError('Unknown split "dev".\nShould be one of [train]'), DataError),
        (ConnectionError("Couldn't reach 'me/mine' on the Hub"), EnvironmentFault),
        (OSError(28, "No space left on device"), EnvironmentFault),
    ],
)
def test_a_fault_of_the_hub(
    fake_hub: Hub, tmp_path: Path, fault: Exception, kind: type[Exception]
) -> None:
    fake_hub.fault = fault
    with pytest.raises(kind, match=r"^hub:me/mine: ") as caught:
        open_source("hub:me/mine", base=tmp_path)
    assert "\n" not in str(caught.value)


def test_a_folder_of_that_name_is_not_taken_for_the_hub(
    fake_hub: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "me" / "mine").mkdir(parents=True)
    with pytest.raises(DataError, match="a folder me/mine lies here"):
        open_source("hub:me/mine", base=tmp_path)
    assert not fake_hub.asked


def test_the_libraries_are_offline_unless_the_hub_was_named() -> None:
    hub.import_datasets(online=True)
    hub.import_datasets()
    assert datasets.config.HF_HUB_OFFLINE
    assert huggingface_hub.constants.HF_HUB_OFFLINE


def test_a_users_own_wish_to_stay_offline_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(hub, "_USER_IS_OFFLINE", True)
    hub.import_datasets(online=True)
    assert datasets.config.HF_HUB_OFFLINE


def test_the_libraries_are_imported_offline_and_silent() -> None:
    code = (
        "from sentiment_cli.reviews.sources.hub import import_datasets\n"
        "datasets = import_datasets()\n"
        "from huggingface_hub import constants\n"
        "print(constants.HF_HUB_OFFLINE, datasets.config.HF_HUB_OFFLINE,\n"
        "      constants.HF_HUB_DISABLE_TELEMETRY, datasets.is_progress_bar_enabled(),\n"
        "      datasets.config.HF_UPDATE_DOWNLOAD_COUNTS)"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("HF_")}
    run = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=clean
    )
    assert run.stdout.split() == ["True", "True", "True", "False", "False"]
    assert not run.stderr
