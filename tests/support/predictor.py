"""A small classifier that never was trained: its answers are arbitrary, but they are answers."""

from __future__ import annotations

import numpy as np

from sentiment_cli.inference.engine import Engine
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.ngram_inputs import NO_KEY, NgramTable, ngram_keys
from sentiment_cli.reviews.tokenizer import ReviewTokenizer
from sentiment_cli.runs.prediction_config import PredictionConfig
from support.tokenizer import learned

WORDS = ["crunchy", "stale", "box", "milk", "spoon", "a", "the", "good", "bad", "!", "."]


def predictor(classes=("bad", "good", "so-so"), device="cpu", **shape):
    """A predictor that knows WORDS and reads at most 12 tokens; `shape` changes its network."""
    trained = learned(iter(WORDS), kind="word", vocab_size=100, min_frequency=1, lowercase=True)
    tokenizer = ReviewTokenizer(trained, max_tokens=12, keep="head+tail")
    architecture = Architecture(
        **{
            "cell": "gru",
            "vocab_size": tokenizer.vocab_size,
            "embedding_dim": 6,
            "ngrams": 2,
            "hidden_size": 5,
            "num_layers": 1,
            "bidirectional": True,
            "pooling": "mean+max",
            "num_classes": len(classes),
        }
        | shape
    )
    rng = np.random.default_rng(0)
    weights = {
        name: rng.normal(0, 0.7, shape).astype(np.float32)
        for name, shape in architecture.weight_shapes().items()
    }
    table = ngram_table(rng, architecture)
    config = PredictionConfig(
        architecture=architecture,
        classes=tuple(classes),
        values={name: name for name in classes},
        partial=False,
        max_tokens=12,
        keep="head+tail",
        tokenizer_sha256="",
        num_ngrams=0 if table is None else len(table.keys),
        num_hashes=0,
        temperature=0.7,
    )
    return Predictor(config, tokenizer, Engine(architecture, weights, table, device))


def ngram_table(rng, architecture):
    """Counts drawn at random, of the n-grams of three reviews; None without n-gram inputs."""
    if not architecture.ngrams:
        return None
    ids = rng.integers(2, architecture.vocab_size, 60)
    keys = np.unique(ngram_keys(ids, np.array([20, 20, 20]), architecture.ngrams))
    keys = keys[keys != NO_KEY]
    counts = rng.integers(3, 40, (len(keys), architecture.num_classes)).astype(np.float32)
    totals = np.full(architecture.num_classes, 50, np.float32)
    return NgramTable(keys, counts, totals, architecture.ngrams)
