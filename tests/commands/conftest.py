"""Folders with a file of reviews and a run trained on it, or a comparison."""

from __future__ import annotations

import shutil
from collections import Counter

import pytest
from support.cli import SWEPT, TINY, compare_cells, sentiment, write_reviews

from sentiment_cli.analysis.comparison import measure
from sentiment_cli.runs import bundled
from sentiment_cli.training import experiment as training


@pytest.fixture(autouse=True)
def _no_bundled_model(tmp_path, monkeypatch):
    """Whether the checkout has one makes no difference."""
    monkeypatch.setattr(bundled, "FOLDER", tmp_path / "none")


@pytest.fixture(scope="session")
def shop(tmp_path_factory):
    """A folder with reviews.csv, tiny.yaml and the finished run `runs/tiny`."""
    folder = tmp_path_factory.mktemp("shop")
    write_reviews(folder / "reviews.csv", ["bad", "good"])
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        answer = sentiment("train", "tiny.yaml")
        assert answer.code == 0, answer.err
        yield folder


@pytest.fixture
def here(shop, monkeypatch, tmp_path):
    """Stand in an empty folder, with the shop's reviews, config and run at hand."""
    monkeypatch.chdir(tmp_path)
    for name in ("reviews.csv", "tiny.yaml", "runs"):
        (tmp_path / name).symlink_to(shop / name)
    return tmp_path


@pytest.fixture
def swept(here, monkeypatch):
    """An empty folder with an experiment of two cells; nobody waits for a process of its own."""
    monkeypatch.setattr(measure, "cold_ms", lambda run: 123.0)
    (here / "runs").unlink()
    (here / "cells.yaml").write_text(SWEPT, encoding="utf-8")
    return here


@pytest.fixture(scope="session")
def compared(shop, tmp_path_factory):
    """A folder where the two cells were compared once, and the answer."""
    folder = tmp_path_factory.mktemp("compared")
    (folder / "cells.yaml").write_text(SWEPT, encoding="utf-8")
    (folder / "reviews.csv").symlink_to(shop / "reviews.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setattr(measure, "cold_ms", lambda run: 123.0)
        answer = compare_cells("--json")
    assert answer.code == 0, answer.err
    return folder, answer


@pytest.fixture
def kept(swept, compared):
    """The folder of `swept` with the runs of `compared`, which are for the test to change."""
    shutil.copytree(compared[0] / "runs" / "compare", swept / "runs" / "compare")
    return swept


@pytest.fixture
def trainings(monkeypatch):
    """Counts trainings that begin, and those that go on."""
    counted: Counter[str] = Counter()

    def counting(name):
        own = getattr(training, name)

        def counted_one(*arguments, **options):
            counted[name] += 1
            return own(*arguments, **options)

        monkeypatch.setattr(training, name, counted_one)

    counting("start")
    counting("resume")
    return counted
