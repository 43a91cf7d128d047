"""Small networks with weights that leave no part of them idle."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st

from sentiment_cli.network import bulk
from sentiment_cli.network.architecture import PAD, POOLING_WIDTHS, Architecture
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.classifier import Classifier, state_to_arrays
from sentiment_cli.network.ngram_inputs import NO_KEY, NgramTable, flat_ids, ngram_keys
from sentiment_cli.network.replay import Replay

VOCABULARY = 30


def architecture(**changes):
    """An LSTM of one layer and two directions without n-gram inputs, but for the changes."""
    return Architecture(
        **{
            "cell": "lstm",
            "vocab_size": VOCABULARY,
            "embedding_dim": 6,
            "hidden_size": 5,
            "num_layers": 1,
            "bidirectional": True,
            "pooling": "mean+max",
            "num_classes": 3,
            "ngrams": 0,
        }
        | changes
    )


def classifier(shape, seed=0, **dropouts):
    """A classifier in evaluation mode; every weight is random, the biases and the query too."""
    torch.manual_seed(seed)
    model = Classifier(shape, **dropouts)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter.normal_(std=0.5)
        model.embedding.weight[PAD] = 0.0
    return model.eval()


def replayed(model, table=None, kind=Replay):
    """The same classifier in NumPy."""
    return kind(model.architecture, state_to_arrays(model), table)


def ngram_table(shape, sequences, seed=0, share=0.8):
    """Random counts of a share of the n-grams in the reviews; None without n-gram inputs."""
    if not shape.ngrams:
        return None
    chance = np.random.default_rng(seed)
    keys = np.unique(ngram_keys(*flat_ids([np.asarray(ids) for ids in sequences]), shape.ngrams))
    keys = keys[(keys != NO_KEY) & (chance.random(len(keys)) < share)]
    counts = chance.integers(0, 20, (len(keys), shape.num_classes)).astype(np.float32)
    totals = chance.integers(50, 100, shape.num_classes).astype(np.float32)
    return NgramTable(keys, counts, totals, shape.ngrams)


def padded(sequences, table=None, filler=PAD):
    """A batch: ids (N, L), n-gram inputs (N, L, F), lengths (N,); `filler` behind each review."""
    sequences = [np.asarray(ids) for ids in sequences]
    batch = bulk.padded(sequences, table and table.inputs(*flat_ids(sequences)))
    behind = torch.arange(batch.ids.shape[1]) >= batch.lengths[:, None]  # (N, L)
    return batch._replace(
        ids=batch.ids.masked_fill(behind, filler),
        ngrams=batch.ngrams.masked_fill(behind[:, :, None], filler),
    )


def architectures():
    """Every cell, pooling and direction, and n-grams of every length, in small sizes."""
    return st.builds(
        Architecture,
        cell=st.sampled_from(sorted(CELLS)),
        vocab_size=st.just(VOCABULARY),
        embedding_dim=st.integers(1, 8),
        hidden_size=st.integers(1, 8),
        num_layers=st.integers(1, 3),
        bidirectional=st.booleans(),
        pooling=st.sampled_from(sorted(POOLING_WIDTHS)),
        num_classes=st.integers(2, 5),
        ngrams=st.integers(0, 5),
    )


def batches_of_reviews():
    """Up to five reviews of up to twelve token ids."""
    return st.lists(
        st.lists(st.integers(1, VOCABULARY - 1), min_size=1, max_size=12), min_size=1, max_size=5
    )


def softmax(logits):
    """Probabilities of the logits (N, C)."""
    shares = np.exp(logits - logits.max(axis=1, keepdims=True))
    return shares / shares.sum(axis=1, keepdims=True)
