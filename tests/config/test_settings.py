"""The list of settings for the docs, and completion of `--set`."""

from __future__ import annotations

import pytest

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.settings import completions, settings


def test_every_setting_has_a_type_and_a_meaning() -> None:
    listed = settings()
    assert [setting.key for setting in listed if not setting.allowed] == []
    assert [setting.key for setting in listed if not setting.meaning] == []


def test_a_default_written_behind_its_key_changes_nothing() -> None:
    overrides = [f"{setting.key}={setting.default}" for setting in settings()]
    assert read_experiment(None, overrides).experiment == Experiment()


def test_a_setting_is_told_as_one_writes_it() -> None:
    (cell,) = (setting for setting in settings() if setting.key == "model.cell")
    assert (cell.allowed, cell.default) == ("rnn, lstm or gru", "lstm")


@pytest.mark.parametrize(
    ("prefix", "offered"),
    [
        ("model.c", ["model.cell="]),
        ("model.cell=", ["model.cell=rnn", "model.cell=lstm", "model.cell=gru"]),
        ("model.cell=l", ["model.cell=lstm"]),
        ("training.epochs=", []),
        ("nothing", []),
    ],
)
def test_keys_and_choices_are_completed(prefix: str, offered: list[str]) -> None:
    assert [text for text, _ in completions(prefix)] == offered


def test_nothing_typed_offers_every_key() -> None:
    assert len(completions("")) == len(settings())
