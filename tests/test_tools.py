"""The way from reviews of many kinds to the model that travels with the package."""

from __future__ import annotations

import csv
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.cli import TINY, sentiment, write_reviews

from sentiment_cli.inference.predictor import Predictor

TOOLS = Path(__file__).parents[1] / "tools"
WITHOUT = ("--without", "imdb", "--without", "amazon_stars")


def tool(name, *arguments):
    return subprocess.run(
        [sys.executable, TOOLS / f"{name}.py", *map(str, arguments)],
        capture_output=True, env=os.environ, timeout=120, text=True, check=False,
    )  # fmt: skip


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with stars under one pair of columns, 0 and 1 under another."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    write_reviews(tmp_path / "all.csv", ["bad", "good"], rows=120)
    with (tmp_path / "all.csv").open() as file:
        rows = list(csv.DictReader(file))
    stars = [(row["text"], "summary", 1 if row["label"] == "bad" else 5) for row in rows[:80]]
    stars += [("neither good nor bad", "summary", 3), (rows[0]["text"].upper(), "again", 1)]
    phrases = [(row["text"], int(row["label"] == "good")) for row in rows[60:]]
    for name, columns, written in (
        ("foods.csv", ["Text", "Summary", "Score"], stars),
        ("sst2.csv", ["sentence", "label"], phrases),
    ):
        with (tmp_path / name).open("w", newline="") as file:
            csv.writer(file).writerows([columns, *written])
    return tmp_path


def gathered(*arguments):
    sources = ("fine_foods=foods.csv", "sst2=sst2.csv", "--out", "build/out.jsonl")
    found = tool("bundled_data", *sources, *WITHOUT, *arguments)
    assert found.returncode == 0, found.stderr
    return [json.loads(line) for line in Path("build/out.jsonl").read_text().splitlines()]


def test_each_text_is_taken_once_and_half_of_each_class(here):
    rows = gathered()
    assert len({row["text"].casefold() for row in rows}) == len(rows) == 120
    assert [row["source"] for row in rows].count("sst2") == 40
    for source in ("fine_foods", "sst2"):
        own = [row["label"] for row in rows if row["source"] == source]
        assert own.count("positive") == own.count("negative") == len(own) / 2


def test_a_source_may_be_left_out_and_each_be_cut(here):
    assert {row["source"] for row in gathered("--without", "fine_foods")} == {"sst2"}
    assert len(gathered("--most", 10)) == 20


def test_a_source_that_tells_nothing_of_good_and_bad_is_refused(here):
    write_reviews(here / "sst2.csv", ["good", "mixed"])
    found = tool("bundled_data", "fine_foods=foods.csv", "sst2=sst2.csv", *WITHOUT)
    assert found.returncode == 1
    assert "error: sst2.csv: expected negative and positive" in found.stderr


def test_a_run_becomes_a_model_that_tells_nothing_of_where_it_was_made(here):
    gathered()
    (here / "tiny.yaml").write_text(TINY.replace("reviews.csv", "build/out.jsonl"))
    assert sentiment("train", "tiny.yaml", "--out", "run").code == 0
    found = tool("bundle", "run", "--out", "small", "--most-points", 100)
    assert found.returncode == 0, found.stderr
    assert "compact" in found.stdout
    assert (
        Predictor.load("small")(["lovely"])[0].label == Predictor.load("run")(["lovely"])[0].label
    )
    for file in (here / "small").iterdir():
        assert str(here).encode() not in file.read_bytes(), file.name
    assert "imdb, fine_foods" in (here / "small" / "README.md").read_text()
    (here / "small" / "README.md").write_text("a card")
    assert tool("bundle", "run", "--out", "small", "--most-points", 100).returncode == 0
    assert (here / "small" / "README.md").read_text() == "a card"


def test_a_training_on_what_taught_the_model_is_refused(here):
    gathered()
    (here / "tiny.yaml").write_text(TINY.replace("reviews.csv", "build/out.jsonl"))
    assert sentiment("train", "tiny.yaml", "--out", "run").code == 0
    assert tool("bundle", "run", "--out", "small", "--most-points", 100).returncode == 0
    options = ("--set", "model.init=small", "--set", "data.test_fraction=0.3")
    answer = sentiment("train", "--set", "model.vectors=null", *options, "--out", "other")
    assert answer.code == 2
    assert "reviews that steer or test here taught it" in answer.err


def test_a_model_that_is_too_large_is_not_written(here):
    gathered()
    (here / "tiny.yaml").write_text(TINY.replace("reviews.csv", "build/out.jsonl"))
    assert sentiment("train", "tiny.yaml", "--out", "run").code == 0
    found = tool("bundle", "run", "--out", "small", "--most-points", 100, "--most-mb", 0.001)
    assert found.returncode == 1
    assert "MB are too large" in found.stderr
    assert not (here / "small").exists()
