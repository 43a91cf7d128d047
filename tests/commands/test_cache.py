"""`sentiment cache`."""

from __future__ import annotations

import pytest
from support.cli import sentiment


@pytest.fixture
def filled(here, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(here / "own cache"))
    sentiment("eval", "--set", "data.source=reviews.csv")
    return here


def test_lists_the_sources_and_their_sizes(filled):
    answer = sentiment("cache")
    assert answer.code == 0
    header, line = answer.out.splitlines()
    assert header.split() == ["source", "MB", "used"]
    assert line.startswith("reviews.csv")


def test_json_has_one_object_per_source(filled):
    found = sentiment("cache", "--json").json
    assert found["source"] == "reviews.csv"
    assert found["bytes"] > 1000
    assert found["folder"].startswith(str(filled / "own cache"))
    assert found["removed"] is False


def test_clear_removes_everything(filled):
    assert "removed" in sentiment("cache", "--clear").err
    answer = sentiment("cache")
    assert answer.out == ""
    assert "is empty" in answer.err
