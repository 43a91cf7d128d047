"""`sentiment runs`, as a user types it."""

from __future__ import annotations

from support.cli import sentiment


def test_shows_when_cell_data_accuracy_and_seconds(here):
    answer = sentiment("runs")
    assert answer.code == 0
    assert "runs/tiny" in answer.out
    assert "lstm" in answer.out
    assert "reviews.csv" in answer.out


def test_json_is_an_object_a_run(here):
    found = sentiment("runs", "--json").json
    assert found["cell"] == "lstm"
    assert found["state"] == "finished"
    assert 0 <= found["validation_accuracy"] <= 1


def test_without_runs_it_says_how_to_begin(here):
    (here / "runs").unlink()
    answer = sentiment("runs")
    assert answer.code == 0
    assert "sentiment train" in answer.err
