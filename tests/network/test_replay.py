"""The saved classifier in NumPy against the same classifier in torch."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

from sentiment_cli.network.architecture import POOLING_WIDTHS
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.classifier import state_to_arrays
from sentiment_cli.network.replay import Replay

from .samples import (
    VOCABULARY,
    architecture,
    architectures,
    batches_of_reviews,
    classifier,
    ngram_table,
    padded,
    replayed,
    softmax,
)

TORCH_CELLS = {"rnn": nn.RNNCell, "lstm": nn.LSTMCell, "gru": nn.GRUCell}


def reviews(seed=0, longest=30, number=12):
    rng = np.random.default_rng(seed)
    return [rng.integers(1, VOCABULARY, rng.integers(1, longest + 1)) for _ in range(number)]


@settings(deadline=None, max_examples=60)
@given(architectures(), st.integers(0, 2**32 - 1), batches_of_reviews())
def test_probabilities_equal_torchs(shape, seed, sequences):
    model = classifier(shape, seed)
    table = ngram_table(shape, sequences, seed)
    with torch.inference_mode():
        expected = model(*padded(sequences, table)).softmax(dim=1).numpy()
    ours = replayed(model, table)([np.array(ids, np.int32) for ids in sequences])
    assert ours.shape == (len(sequences), shape.num_classes)
    assert ours.dtype == np.float32
    np.testing.assert_allclose(softmax(ours), expected, atol=1e-5)


@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("num_layers", [1, 2, 3])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_states_equal_pytorchs_encoder(cell, num_layers, bidirectional):
    shape = architecture(cell=cell, num_layers=num_layers, bidirectional=bidirectional, ngrams=2)
    model = classifier(shape)
    (ids,) = reviews(longest=200, number=1)
    table = ngram_table(shape, [ids])
    with torch.inference_mode():
        expected, _ = model.encoder(model.embed(*padded([ids], table)[:2]))
    np.testing.assert_allclose(replayed(model, table).trace(ids).output, expected[0], atol=1e-5)


@pytest.mark.parametrize("num_classes", [2, 4])
def test_traced_ngram_inputs_are_the_tables(num_classes):
    model = classifier(architecture(ngrams=3, num_classes=num_classes))
    (ids,) = reviews(number=1)
    table = ngram_table(model.architecture, [ids])
    inputs = replayed(model, table).trace(ids).ngrams
    assert inputs.any()
    np.testing.assert_array_equal(inputs, table.inputs(ids, np.array([len(ids)])))


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_trace_shows_each_reading_token_by_token_in_the_order_of_the_text(cell):
    model = classifier(architecture(cell=cell, num_layers=2, ngrams=2))
    (ids,) = reviews(number=1)
    table = ngram_table(model.architecture, [ids])
    trace = replayed(model, table).trace(ids)
    inputs = model.embed(*padded([ids], table)[:2]).detach()[0]  # (L, E+F)
    assert [len(directions) for directions in trace.readings] == [2, 2]
    for layer, directions in enumerate(trace.readings):
        for reading, suffix, order in zip(
            directions, ("", "_reverse"), (range(len(ids)), reversed(range(len(ids)))), strict=True
        ):
            step = TORCH_CELLS[cell](inputs.shape[1], 5)
            step.load_state_dict(
                {k: getattr(model.encoder, f"{k}_l{layer}{suffix}") for k in step.state_dict()}
            )
            state = None
            for place in order:
                state = step(inputs[place], state)
                hidden, memory = state if isinstance(state, tuple) else (state, None)
                np.testing.assert_allclose(reading.hidden[place], hidden.detach(), atol=1e-5)
                if memory is not None:
                    np.testing.assert_allclose(reading.cell[place], memory.detach(), atol=1e-5)
        inputs = torch.tensor(np.hstack([reading.hidden for reading in directions]))


@pytest.mark.parametrize("bidirectional", [False, True])
def test_traced_lstm_gates_make_the_states(bidirectional):
    model = classifier(architecture(bidirectional=bidirectional))
    (ids,) = reviews(number=1)
    for backward, reading in enumerate(replayed(model).trace(ids).readings[0]):
        gates, cell = reading.gates, reading.cell
        assert set(gates) == {"i", "f", "g", "o"}
        before = np.zeros_like(cell)
        if backward:
            before[:-1] = cell[1:]
        else:
            before[1:] = cell[:-1]
        np.testing.assert_allclose(cell, gates["f"] * before + gates["i"] * gates["g"], atol=1e-6)
        np.testing.assert_allclose(reading.hidden, gates["o"] * np.tanh(cell), atol=1e-6)


def test_traced_gru_gates_make_the_states():
    model = classifier(architecture(cell="gru", bidirectional=False))
    (ids,) = reviews(number=1)
    ((reading,),) = replayed(model).trace(ids).readings
    z, n = reading.gates["z"], reading.gates["n"]
    before = np.vstack([np.zeros((1, 5)), reading.hidden[:-1]])
    np.testing.assert_allclose(reading.hidden, (1 - z) * n + z * before, atol=1e-6)
    assert reading.cell is None


def test_the_plain_network_has_no_gates():
    model = classifier(architecture(cell="rnn"))
    readings = replayed(model).trace(np.array([3, 4])).readings
    assert all(reading.gates == {} for directions in readings for reading in directions)


@pytest.mark.parametrize("pooling", sorted(POOLING_WIDTHS))
def test_traced_logits_are_the_answer(pooling):
    model = classifier(architecture(pooling=pooling, num_layers=2, ngrams=2))
    ours = replayed(model, ngram_table(model.architecture, reviews()))
    for ids in reviews():
        np.testing.assert_allclose(ours.trace(ids).logits, ours([ids])[0], atol=1e-6)


def test_answers_do_not_depend_on_the_portion(monkeypatch):
    model = classifier(architecture(ngrams=3))
    ours = replayed(model, ngram_table(model.architecture, reviews()))
    whole = ours(reviews())
    monkeypatch.setattr(Replay, "tokens_at_once", 40)
    np.testing.assert_allclose(ours(reviews()), whole, atol=1e-6)


def test_answers_keep_the_order_of_the_reviews():
    model = classifier(architecture(ngrams=3))
    ours = replayed(model, ngram_table(model.architecture, reviews()))
    expected = np.concatenate([ours([ids]) for ids in reviews()])
    np.testing.assert_allclose(ours(reviews()), expected, atol=1e-6)


def test_attention_to_one_state_alone_is_still_a_number():
    model = classifier(architecture(pooling="attention"))
    with torch.no_grad():
        model.pooling.query.fill_(1e4)
    (ids,) = reviews(number=1)
    with torch.inference_mode():
        expected = model(*padded([ids]))
    np.testing.assert_allclose(replayed(model)([ids]), expected, atol=1e-5)


def test_no_review_no_answer():
    assert replayed(classifier(architecture()))([]).shape == (0, 3)


def test_weights_may_be_read_only():
    model = classifier(architecture())
    arrays = state_to_arrays(model)
    for array in arrays.values():
        array.flags.writeable = False
    assert np.isfinite(Replay(model.architecture, arrays)(reviews())).all()
