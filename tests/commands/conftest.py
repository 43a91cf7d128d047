"""A folder with a file of reviews and a run trained on it."""

from __future__ import annotations

from collections import Counter

import pytest
from support.cli import TINY, sentiment, write_reviews

from sentiment_cli.training import experiment as training


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
