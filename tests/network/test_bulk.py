"""Many reviews through the network at once."""

from __future__ import annotations

import numpy as np
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.network import bulk
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.bulk import classify_all
from sentiment_cli.network.classifier import Classifier

ARCHITECTURE = Architecture(
    cell="lstm", vocab_size=30, embedding_dim=4, hidden_size=3, num_layers=1,
    bidirectional=True, pooling="mean+max", num_classes=3,
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(st.lists(st.integers(1, 40), min_size=1, max_size=30), st.integers(0, 1000))
def test_each_review_gets_the_logits_it_gets_alone(lengths, seed):
    chance = np.random.default_rng(seed)
    torch.manual_seed(0)
    model = Classifier(ARCHITECTURE, dropout=0.5)
    sequences = [chance.integers(1, 30, size=length).astype(np.int32) for length in lengths]
    found = classify_all(model, sequences, np.array(lengths))
    for sequence, logits in zip(sequences, found, strict=True):
        alone = classify_all(model, [sequence], np.array([len(sequence)]))
        assert np.allclose(alone[0], logits, atol=1e-6)


def test_a_batch_holds_no_more_padded_tokens_than_stated():
    lengths = np.random.default_rng(0).integers(1, 900, size=500)
    batches = bulk.batches_by_length(lengths)
    assert sorted(np.concatenate(batches).tolist()) == list(range(500))
    assert all(len(b) * lengths[b].max() <= bulk._TOKENS for b in batches)


def test_a_review_longer_than_a_batch_stands_alone():
    assert [len(b) for b in bulk.batches_by_length(np.array([100_000, 5, 5]))] == [1, 2]
