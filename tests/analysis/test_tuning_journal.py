"""A study's lines."""

from __future__ import annotations

import pytest

from sentiment_cli.analysis.tuning.journal import STUDY, Journal
from sentiment_cli.errors import ModelError


@pytest.fixture
def folder(tmp_path):
    """A study of a complete trial and one that is running."""
    journal = Journal(tmp_path / "study")
    journal.begin({"training.lr": 0.1, "model.cell": "gru"})
    journal.look(1, 0.5)
    journal.end("complete", 0.4, 3.5)
    journal.begin({"training.lr": 0.2})
    journal.look(1, 0.6)
    return tmp_path / "study"


def test_a_study_is_read_back_as_it_was(folder):
    journal = Journal(folder)
    first, second = journal.trials
    assert (first.state, first.loss, first.seconds, first.looks) == ("complete", 0.4, 3.5, {1: 0.5})
    assert first.settings == {"training.lr": 0.1, "model.cell": "gru"}
    assert journal.running is second
    assert second.looks == {1: 0.6}


def test_the_best_comes_first(folder):
    journal = Journal(folder)
    journal.end("complete", 0.3)
    journal.begin({})
    journal.end("pruned")
    assert [trial.number for trial in journal.complete] == [1, 0]
    assert journal.running is None


def test_a_last_line_that_a_kill_broke_is_dropped(folder):
    whole = (folder / STUDY).read_bytes()
    with (folder / STUDY).open("ab") as file:
        file.write(b'{"look": 2, "lo')
    journal = Journal(folder)
    assert (folder / STUDY).read_bytes() == whole
    journal.look(2, 0.5)
    assert Journal(folder).trials[1].looks == {1: 0.6, 2: 0.5}


def test_a_line_that_is_damaged_otherwise_is_told(folder):
    lines = (folder / STUDY).read_text().splitlines()
    (folder / STUDY).write_text("\n".join([lines[0], "{nonsense", *lines[2:]]) + "\n")
    with pytest.raises(ModelError, match=r"study.jsonl:2 is damaged"):
        Journal(folder)
