"""What is measured: IMDb's reviews, or made-up reviews, tokens and runs, and loops over them."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator
from dataclasses import fields
from hashlib import sha256
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.reviews.dataset import TokenDataset
from sentiment_cli.reviews.sources import open_source
from sentiment_cli.reviews.tokenizer import ReviewTokenizer, train_tokenizer
from sentiment_cli.reviews.word_numbers import WordNumbers
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.runs.reader import HASHES
from sentiment_cli.runs.store import RunFolder

if TYPE_CHECKING:
    from sentiment_cli.training.loop import Loop
    from sentiment_cli.training.ngrams import TrainingNgrams

_SYLLABLES = [a + b for a, b in product("bdfgklmnprstvz", "aeiou")]


def words(count: int) -> list[str]:
    """Return so many different words, the frequent ones short as in any language."""
    found: list[str] = []
    for syllables in range(1, 5):
        found += map("".join, product(_SYLLABLES, repeat=syllables))
        if len(found) >= count:
            break
    return found[:count]


def reviews(count: int, length: int, *, vocabulary: int, seed: int = 0) -> Iterator[str]:
    """Yield reviews of `length` words, each word as frequent as its rank says (Zipf)."""
    rng = np.random.default_rng(seed)
    known = np.array(words(vocabulary))
    shares = 1 / (np.arange(vocabulary) + 3)
    shares = np.cumsum(shares / shares.sum())
    for _ in range(count):
        yield " ".join(known[np.searchsorted(shares[:-1], rng.random(length))])


def imdb() -> Iterator[str]:
    """Yield IMDb's reviews, in the order of their file."""
    return (row.values["text"] for row in open_source("imdb", base=Path()).rows())


def tokens(lengths: np.ndarray, *, vocabulary: int, seed: int = 0) -> TokenDataset:
    """Return reviews of these lengths as token ids, of two classes that nothing tells apart."""
    rng = np.random.default_rng(seed)
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    ids = np.minimum(2 + rng.pareto(0.7, offsets[-1]), vocabulary - 1).astype(np.int32)
    hashes = np.arange(len(lengths), dtype=np.uint64)
    return TokenDataset(ids, offsets, rng.integers(0, 2, len(lengths)), hashes)


def write_run(
    path: Path, texts: Iterable[str], *, cell: str = "lstm", size: int = 128, vocabulary: int
) -> None:
    """Write a finished run with a vocabulary learned from the texts and weights drawn at random."""
    experiment = Experiment()
    settings = experiment.tokenizer
    numbers = WordNumbers("word", lowercase=True)
    ids, _ = numbers(list(texts))
    trained = train_tokenizer(
        list(numbers.words),
        np.bincount(ids).tolist(),
        kind="word",
        vocab_size=vocabulary,
        min_frequency=1,
        lowercase=True,
    )
    tokenizer = ReviewTokenizer(trained, max_tokens=256, keep=settings.keep)
    architecture = Architecture(
        cell=cell,
        vocab_size=tokenizer.vocab_size,
        embedding_dim=size,
        ngrams=0,
        hidden_size=size,
        num_layers=1,
        bidirectional=True,
        pooling="mean+max",
        num_classes=2,
    )
    rng = np.random.default_rng(0)
    weights = {
        name: rng.uniform(-0.1, 0.1, shape).astype(np.float32)
        for name, shape in architecture.weight_shapes().items()
    }
    config = PredictionConfig(
        architecture=architecture,
        classes=("negative", "positive"),
        values={"negative": "negative", "positive": "positive"},
        partial=False,
        max_tokens=tokenizer.max_tokens,
        keep=tokenizer.keep,
        tokenizer_sha256=sha256(tokenizer.to_json()).hexdigest(),
        num_ngrams=0,
        num_hashes=0,
    )
    with RunFolder.create(path, config_yaml=dump_experiment(experiment)) as folder:
        folder.finish(
            {
                "config.json": config.to_json(),
                "model.safetensors": dump_weights(weights),
                "tokenizer.json": tokenizer.to_json(),
                HASHES: dump_weights({"hashes": np.zeros(0, np.uint64)}),
                "metrics.json": b"{}\n",
            }
        )


class Taught(NamedTuple):
    """What a training reads.

    Args:
        training: training reviews.
        validation: validation reviews.
        vocabulary: size of the vocabulary.
        ngrams: n-gram inputs of the training reviews; None without.
    """

    training: TokenDataset
    validation: TokenDataset
    vocabulary: int
    ngrams: TrainingNgrams | None


def taught(experiment: Experiment, *, quick: bool) -> Taught:
    """Return an experiment's reviews, or a few made-up ones if it must be quick."""
    if quick:
        lengths = np.random.default_rng(0).integers(4, 40, 400)
        training, validation = (tokens(own, vocabulary=500) for own in (lengths, lengths[:40]))
        with TemporaryDirectory() as folder:
            own = SimpleNamespace(training=training, classes=("", ""), cache=Path(folder))
            return Taught(training, validation, 500, counted(own, experiment))
    from sentiment_cli.reviews.prepare import prepare

    prepared = prepare(experiment, progress=lambda *_: None)
    ngrams = counted(prepared, experiment)
    return Taught(prepared.training, prepared.validation, prepared.tokenizer.vocab_size, ngrams)


def counted(prepared: Any, experiment: Experiment) -> TrainingNgrams | None:
    """Return the n-gram inputs of prepared training reviews; None without `model.ngrams`."""
    from sentiment_cli.training import ngrams

    orders = experiment.model.ngrams
    return ngrams.training_ngrams(prepared, orders, progress=lambda *_: None) if orders else None


def training_loop(
    experiment: Experiment,
    training: TokenDataset,
    validation: TokenDataset,
    *,
    vocabulary: int,
    device: str,
    ngrams: TrainingNgrams | None = None,
) -> Loop:
    """Return the package's training loop before its first step, over two classes.

    Without `ngrams` the network has no n-gram inputs.
    """
    import torch

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.network.device import pick_device
    from sentiment_cli.training.loop import Loop
    from sentiment_cli.training.optimizer import Optimizer

    chosen = pick_device("cuda" if device == "cuda" else "cpu")
    torch.manual_seed(experiment.seed)
    settings, own = experiment.model, experiment.training
    dropouts = settings.model_dump(include={"dropout", "embedding_dropout", "word_dropout"})
    sizes = settings.model_dump(include={field.name for field in fields(Architecture)})
    sizes["ngrams"] = 0 if ngrams is None else ngrams.table.orders
    architecture = Architecture(**sizes, vocab_size=vocabulary, num_classes=2)
    model = Classifier(architecture, **dropouts).to(chosen)
    optimizer = Optimizer(
        model,
        kind=own.optimizer,
        weight_decay=own.weight_decay,
        clip_norm=own.clip_norm,
        ema_decay=own.ema_decay,
    )
    return Loop(
        model,
        optimizer,
        training=training,
        validation=validation,
        ngrams=ngrams,
        settings=own,
        class_weights=None,
        seed=experiment.seed,
    )


def main() -> None:
    """Write a stand-in run: a vocabulary of made-up words and random weights."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--vocabulary", type=int, default=40_000)
    chosen = parser.parse_args()
    write_run(chosen.path, words(chosen.vocabulary - 2), vocabulary=chosen.vocabulary)


if __name__ == "__main__":
    main()
