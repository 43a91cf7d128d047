"""The experiment file that is proposed for a source, written where a person wants it."""

from __future__ import annotations

import os
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.config.paths import is_name
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.network.architecture import UNK
from sentiment_cli.reviews.proposal import experiment_file, fitting_settings
from sentiment_cli.reviews.sources import ReadOptions, open_source
from sentiment_cli.reviews.tokenizer import ReviewTokenizer, load_tokenizer
from sentiment_cli.runs.bundled import BUNDLED, bundled_run, has_bundled
from sentiment_cli.runs.durable import replace_file
from sentiment_cli.runs.saved import read_saved

if TYPE_CHECKING:
    from sentiment_cli.config.schema import DataConfig
    from sentiment_cli.reviews.quality import Inspection

_LOOKED_AT = 300  # reviews
_KNOWN = 0.8  # of their words: 98% and more of reviews in English, some 40% of those in German


def write_experiment(
    path: Path,
    inspection: Inspection,
    source: str,
    test: str | None,
    *,
    reading: DataConfig,
    command: str,
) -> None:
    """Write the experiment that fits a source, and read it back as `train` will.

    Args:
        path: the file, which is replaced whole.
        inspection: what was found in the source.
        source: as a person named it, from the current folder.
        test: likewise, the source of the test reviews.
        reading: how both were read; what was set in it is written.
        command: that trains on the file.

    Raises:
        DataError: there is nothing to train on in the source.
        EnvironmentFault: the file cannot be written.
    """
    settings = fitting_settings(
        inspection,
        _seen_from(path, source),
        test and _seen_from(path, test),
        start=_start(source, inspection.columns.text.name, reading),
        reading=reading.model_dump(exclude_unset=True),
    )
    replace_file(path, experiment_file(settings, source, command).encode())
    read_experiment(path)


def _start(source: str, text: str, reading: DataConfig) -> str | None:
    """Name the bundled model, where it is here and knows the words of a source."""
    if not has_bundled():
        return None
    saved = read_saved(bundled_run())
    tokenizer = ReviewTokenizer(
        load_tokenizer(saved.tokenizer, place=BUNDLED),
        max_tokens=saved.config.max_tokens,
        keep=saved.config.keep,
    )
    opened = open_source(source, base=Path.cwd(), options=ReadOptions.of(reading))
    texts = [row.values[text] for row in islice(opened.rows(), _LOOKED_AT)]
    ids = np.concatenate([encoded.ids for encoded in tokenizer.encode(texts)])
    return BUNDLED if float((ids != UNK).mean()) >= _KNOWN else None


def _seen_from(config: Path, source: str) -> str:
    """A source as the experiment file has to name it: paths are read from the file's folder."""
    if is_name(source) or Path(source).is_absolute() or source.startswith("~/"):
        return source
    # The system follows links before it goes up by `..`, so the way is that between real folders.
    folder, last = os.path.split(source)
    way = os.path.relpath(os.path.realpath(folder), os.path.realpath(config.parent))
    path = str(Path(way, last))
    return f"./{path}" if is_name(path) or path.startswith("~") else path
