"""Reviews as token ids, without a corpus and without a tokenizer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from sentiment_cli.reviews.dataset import TokenDataset
from sentiment_cli.training.ngrams import TrainingNgrams, training_ngrams


def dataset(
    reviews: Sequence[ArrayLike], labels: ArrayLike | None = None, hashes: Any = None
) -> TokenDataset:
    """A data set of these token ids; without labels all 0, without hashes no copies among them."""
    sequences = [np.asarray(ids, np.int32) for ids in reviews]
    count = len(sequences)
    return TokenDataset(
        np.concatenate([np.zeros(0, np.int32), *sequences]),
        np.cumsum([0, *map(len, sequences)]),
        np.zeros(count, np.int64) if labels is None else np.asarray(labels, np.int64),
        (np.arange(1, count + 1, dtype=np.uint64) << np.uint64(33)) + np.uint64(1)
        if hashes is None
        else np.asarray(hashes, np.uint64),
    )


def prepared(folder: Path, training: TokenDataset, unlabelled: Any = None, classes: int = 2) -> Any:
    """What `training_ngrams` reads of prepared reviews, with its cache in `folder`."""
    return SimpleNamespace(
        training=training, unlabelled=unlabelled, classes=("",) * classes, cache=folder
    )


def counted(training: TokenDataset, orders: int, classes: int = 2) -> TrainingNgrams:
    """The n-gram inputs of training reviews."""
    with TemporaryDirectory() as folder:
        own = prepared(Path(folder), training, classes=classes)
        return training_ngrams(own, orders, progress=lambda *_: None)
