"""Small networks with weights that leave no part of them idle."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import strategies as st

from sentiment_cli.network.architecture import PAD, POOLING_WIDTHS, Architecture
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.classifier import Classifier

VOCABULARY = 30


def architecture(**changes):
    """An LSTM of one layer and two directions, but for the changes."""
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


def padded(sequences, filler=PAD):
    """Ids (N, L) and lengths (N,) of reviews, `filler` behind the shorter ones."""
    lengths = torch.tensor([len(ids) for ids in sequences])
    ids = torch.full((len(sequences), int(lengths.max())), filler)
    for row, sequence in zip(ids, sequences, strict=True):
        row[: len(sequence)] = torch.tensor(sequence)
    return ids, lengths


def architectures():
    """Every cell, pooling and direction, in small sizes."""
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
