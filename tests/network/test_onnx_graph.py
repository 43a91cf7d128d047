"""The classifier as an ONNX graph against the same classifier in NumPy."""

from __future__ import annotations

import numpy as np
import onnx
import onnxruntime
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import POOLING_WIDTHS
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.classifier import state_to_arrays
from sentiment_cli.network.onnx_graph import IDS, LENGTHS, NGRAMS, onnx_graph

from .samples import (
    architecture,
    architectures,
    batches_of_reviews,
    classifier,
    ngram_table,
    padded,
    replayed,
    softmax,
)

TEMPERATURE = 0.7


def graph_of(model, **told):
    return onnx_graph(model.architecture, state_to_arrays(model), TEMPERATURE, told)


def answers(data, sequences, table=None, filler=0):
    """Probabilities of a batch with `filler` behind each review."""
    ids, ngrams, lengths = padded(sequences, table, filler)
    inputs = {IDS: ids.numpy(), LENGTHS: lengths.numpy()}
    if table is not None:
        inputs[NGRAMS] = ngrams.numpy()
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    return session.run(None, inputs)[0]


def expected(model, sequences, table=None):
    logits = replayed(model, table)([np.array(ids) for ids in sequences])
    return softmax(logits.astype(float) / TEMPERATURE)


@settings(deadline=None, max_examples=40)
@given(architectures(), st.integers(0, 2**32 - 1), batches_of_reviews(), st.integers(0, 29))
def test_probabilities_equal_the_replays_whatever_stands_behind(shape, seed, sequences, filler):
    model = classifier(shape, seed)
    table = ngram_table(shape, sequences, seed)
    found = answers(graph_of(model), sequences, table, filler)
    np.testing.assert_allclose(found, expected(model, sequences, table), atol=1e-5)


@pytest.mark.parametrize("ngrams", [0, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("pooling", sorted(POOLING_WIDTHS))
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_every_cell_pooling_depth_and_direction(cell, pooling, num_layers, bidirectional, ngrams):
    shape = architecture(
        cell=cell, pooling=pooling, num_layers=num_layers, bidirectional=bidirectional,
        ngrams=ngrams,
    )  # fmt: skip
    model = classifier(shape)
    data = graph_of(model)
    onnx.checker.check_model(onnx.load_from_string(data), full_check=True)
    for sequences in ([[3, 7, 4], [2], list(range(1, 20))], [[5]]):
        table = ngram_table(shape, sequences)
        found = answers(data, sequences, table, filler=9)
        np.testing.assert_allclose(found, expected(model, sequences, table), atol=1e-5)


@pytest.mark.parametrize("pooling", sorted(POOLING_WIDTHS))
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_nan_behind_a_review_has_no_effect(cell, pooling):
    model = classifier(architecture(cell=cell, pooling=pooling, num_layers=2, ngrams=2))
    sequences = [[3, 7, 4], list(range(1, 20))]
    table = ngram_table(model.architecture, sequences)
    ids, ngrams, lengths = (part.numpy() for part in padded(sequences, table))
    ngrams[0, 3:] = np.nan
    session = onnxruntime.InferenceSession(graph_of(model), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {IDS: ids, NGRAMS: ngrams, LENGTHS: lengths})
    np.testing.assert_allclose(found, expected(model, sequences, table), atol=1e-5)


def test_without_ngrams_the_graph_asks_for_none():
    plain, wide = (graph_of(classifier(architecture(ngrams=n))) for n in (0, 1))
    inputs = [[i.name for i in onnx.load_from_string(data).graph.input] for data in (plain, wide)]
    assert inputs == [[IDS, LENGTHS], [IDS, NGRAMS, LENGTHS]]


def test_equal_weights_give_equal_bytes_and_it_says_what_it_was_told():
    model = classifier(architecture())
    data = graph_of(model, labels='["a", "b", "c"]')
    assert data == graph_of(model, labels='["a", "b", "c"]')
    (prop,) = onnx.load_from_string(data).metadata_props
    assert (prop.key, prop.value) == ("labels", '["a", "b", "c"]')


def test_a_network_that_no_such_file_holds_is_refused():
    huge = architecture(vocab_size=1_000_000, embedding_dim=600)
    with pytest.raises(ModelError, match="an ONNX file holds"):
        onnx_graph(huge, {}, TEMPERATURE, {})
