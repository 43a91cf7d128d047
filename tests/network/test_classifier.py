"""The classifier in torch: its weights, its beginnings, and what must not reach an answer."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch.nn.functional import cross_entropy

from sentiment_cli.network.architecture import PAD, POOLING_WIDTHS, UNK
from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.classifier import (
    Classifier,
    load_arrays,
    state_to_arrays,
)
from sentiment_cli.network.directions import encode_by_direction

from .samples import (
    VOCABULARY,
    architecture,
    architectures,
    batches_of_reviews,
    classifier,
    ngram_table,
    padded,
)

REVIEWS = [[2, 3, 4, 5], [6], [7, 8, 9]]


@settings(deadline=None, max_examples=30)
@given(architectures())
def test_state_dict_has_the_architectures_names_and_shapes(shape):
    state = Classifier(shape).state_dict()
    assert [(name, tuple(w.shape)) for name, w in state.items()] == list(
        shape.weight_shapes().items()
    )


def test_shapes_on_the_way():
    model = classifier(architecture(ngrams=2))
    batch = padded(REVIEWS, ngram_table(model.architecture, REVIEWS))
    embedded = model.embed(batch.ids, batch.ngrams)
    assert batch.ngrams.shape == (3, 4, 6)
    assert embedded.shape == (3, 4, 12)
    assert model.classify(embedded, batch.lengths).shape == (3, 3)
    assert model(*batch).shape == (3, 3)


@settings(deadline=None, max_examples=50)
@given(
    architectures(),
    st.integers(0, 2**32 - 1),
    batches_of_reviews(),
    st.integers(0, VOCABULARY - 1),
)
def test_an_answer_depends_on_its_review_alone(shape, seed, sequences, junk):
    model = classifier(shape, seed)
    table = ngram_table(shape, sequences, seed)
    with torch.inference_mode():
        together = model(*padded(sequences, table, filler=junk)).softmax(dim=1)
        alone = torch.cat([model(*padded([ids], table)).softmax(dim=1) for ids in sequences])
    torch.testing.assert_close(together, alone, atol=1e-6, rtol=0.0)


@pytest.mark.parametrize("pooling", sorted(POOLING_WIDTHS))
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_one_step_changes_every_weight_but_the_padding_row(cell, pooling):
    torch.manual_seed(0)
    shape = architecture(cell=cell, pooling=pooling, num_layers=2, ngrams=2)
    model = Classifier(shape, dropout=0.1)
    before = state_to_arrays(model)
    reviews = [range(1, VOCABULARY), [5, 6, 7]]
    batch = padded(reviews, ngram_table(shape, reviews))
    cross_entropy(model(*batch), torch.tensor([0, 2])).backward()
    torch.optim.SGD(model.parameters(), lr=1.0).step()
    for name, weights in state_to_arrays(model).items():
        assert (weights != before[name]).any(), name
    rows_moved = (model.embedding.weight.detach().numpy() != before["embedding.weight"]).any(1)
    assert not rows_moved[PAD]
    assert rows_moved[PAD + 1 :].all()


def test_padding_row_begins_at_zero():
    model = Classifier(architecture())
    assert not model.embedding.weight[PAD].any()
    assert model.embedding.weight[UNK:].any(dim=1).all()


@pytest.mark.parametrize("cell", sorted(CELLS))
def test_recurrent_weights_begin_orthogonal_gate_by_gate(cell):
    model = Classifier(architecture(cell=cell, num_layers=2))
    for _, weight_hh, _, _ in model.encoder.all_weights:
        for block in weight_hh.split(5):
            torch.testing.assert_close(block @ block.T, torch.eye(5), atol=1e-5, rtol=0.0)


def test_forget_gates_begin_open_and_other_biases_at_zero():
    for _, _, bias_ih, bias_hh in Classifier(architecture(num_layers=2)).encoder.all_weights:
        assert (bias_ih + bias_hh).tolist() == [0.0] * 5 + [1.0] * 5 + [0.0] * 10


def test_a_seed_gives_the_same_beginning():
    first, again = (classifier(architecture(), seed=7).state_dict() for _ in range(2))
    assert all(torch.equal(first[name], again[name]) for name in first)


def test_word_dropout_hides_tokens_behind_the_unknown_one_and_leaves_padding():
    model = classifier(architecture(), word_dropout=1.0).train()
    ids, ngrams, _ = padded(REVIEWS)
    embedded = model.embed(ids, ngrams)
    assert torch.equal(embedded[ids != PAD], model.embedding.weight[UNK].expand(8, 6))
    assert not embedded[ids == PAD].any()


def test_word_dropout_takes_its_share():
    model = classifier(architecture(), word_dropout=0.25).train()
    ids = torch.full((100, 100), 9)
    hidden = (model.embed(ids, torch.zeros(100, 100, 0)) == model.embedding.weight[UNK]).all(dim=2)
    assert hidden.float().mean().item() == pytest.approx(0.25, abs=0.03)


@pytest.mark.parametrize("num_classes", [2, 3])
def test_word_dropout_hides_exactly_the_ngrams_with_a_dropped_token(num_classes):
    shape = architecture(ngrams=4, num_classes=num_classes)
    model = classifier(shape, word_dropout=0.3).train()
    ids = torch.randint(UNK + 1, VOCABULARY, (20, 15))
    ngrams = torch.rand(20, 15, shape.ngram_dim) + 1
    embedded = model.embed(ids, ngrams).detach()
    dropped = (embedded[:, :, :6] == model.embedding.weight[UNK]).all(dim=2)  # (N, L)
    expected = ngrams.clone().unflatten(2, (4, -1))  # (N, L, O, S)
    for review, token in dropped.nonzero().tolist():
        for order in range(4):
            expected[review, token : token + order + 1, order] = 0
    assert dropped.any()
    assert torch.equal(embedded[:, :, 6:], expected.flatten(2))


def test_embedding_dropout_leaves_ngram_inputs():
    model = classifier(architecture(ngrams=1), embedding_dropout=0.5).train()
    ngrams = torch.rand(2, 9, 3)
    assert torch.equal(model.embed(torch.full((2, 9), 5), ngrams)[:, :, 6:], ngrams)


def test_head_reads_the_sum_of_ngram_inputs_over_the_root_of_the_length():
    model = classifier(architecture(ngrams=2))
    table = ngram_table(model.architecture, REVIEWS)
    with torch.no_grad():
        model.encoder.weight_ih_l0[:, 6:] = 0  # only the head reads them
        model.encoder.weight_ih_l0_reverse[:, 6:] = 0
        ids, ngrams, lengths = padded(REVIEWS, table)
        found = model(ids, ngrams, lengths) - model(ids, torch.zeros_like(ngrams), lengths)
        summed = torch.stack(
            [
                row[:length].sum(dim=0) / length.sqrt()
                for row, length in zip(ngrams, lengths, strict=True)
            ]
        )
    expected = summed @ model.head.weight[:, 20:].T
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=0.0)


def test_embedding_dropout_drops_the_same_features_at_every_step():
    model = classifier(architecture(embedding_dim=64), embedding_dropout=0.5).train()
    embedded = model.embed(torch.full((2, 9), 5), torch.zeros(2, 9, 0))
    dropped = embedded == 0.0  # (N, L, E)
    assert torch.equal(dropped, dropped[:, :1].expand_as(dropped))
    assert not torch.equal(dropped[0], dropped[1])
    assert torch.equal(
        embedded[~dropped], (2 * model.embedding.weight[5]).expand(2, 9, 64)[~dropped]
    )


@pytest.mark.parametrize("share", ["dropout", "embedding_dropout", "word_dropout"])
def test_a_dropout_works_in_training_alone(share):
    model = classifier(architecture(ngrams=1), **{share: 0.5})
    batch = padded(REVIEWS, ngram_table(model.architecture, REVIEWS))
    assert torch.equal(model(*batch), model(*batch))
    model.train()
    assert not torch.equal(model(*batch), model(*batch))


def test_states_between_layers_are_dropped_in_training():
    model = classifier(architecture(num_layers=2), dropout=0.5).train()
    ids, ngrams, lengths = padded(REVIEWS)
    embedded = model.embed(ids, ngrams)
    first, second = (encode_by_direction(model.encoder, embedded, lengths) for _ in range(2))
    assert not torch.equal(first, second)


def test_weights_survive_the_way_through_arrays():
    model, other = classifier(architecture(), seed=1), classifier(architecture(), seed=2)
    arrays = state_to_arrays(model)
    for array in arrays.values():
        array.flags.writeable = False
    load_arrays(other, arrays)
    batch = padded(REVIEWS)
    assert torch.equal(model(*batch), other(*batch))


def test_arrays_are_a_copy():
    model = classifier(architecture())
    arrays = state_to_arrays(model)
    kept = arrays["head.weight"].copy()
    with torch.no_grad():
        model.head.weight.zero_()
    np.testing.assert_array_equal(arrays["head.weight"], kept)


def test_arrays_of_another_shape_are_refused():
    with pytest.raises(RuntimeError, match="size mismatch"):
        load_arrays(
            classifier(architecture()), state_to_arrays(classifier(architecture(num_classes=2)))
        )


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_a_gpu_gives_the_cpus_answer_and_gradients(cell):
    results = []
    for device in ("cpu", "cuda"):
        model = classifier(architecture(cell=cell, num_layers=2, ngrams=2)).to(device).train()
        ids, ngrams, lengths = padded(REVIEWS, ngram_table(model.architecture, REVIEWS))
        logits = model(ids.to(device), ngrams.to(device), lengths)
        cross_entropy(logits, torch.tensor([0, 1, 2], device=device)).backward()
        gradients = [parameter.grad.cpu() for parameter in model.parameters()]
        results.append([logits.detach().cpu(), *gradients])
    for ours, theirs in zip(*results, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
