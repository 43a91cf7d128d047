"""How the gradient fades with distance."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from network.samples import VOCABULARY, architecture, classifier, ngram_table, padded

from sentiment_cli.analysis.memory.fading import by_distance, gradient_norms
from sentiment_cli.analysis.memory.half_life import half_life
from sentiment_cli.network.cells import CELLS

STEP = 1e-5


def reviews(*lengths):
    rng = np.random.default_rng(1)
    return [rng.integers(1, VOCABULARY, length).astype(np.int32) for length in lengths]


def norms_by_differences(model, ids, table):
    """||dh_L / dx_(L-k)|| by central differences, through torch's own module, k from 0 on."""
    hidden = model.architecture.hidden_size
    batch = padded([ids], table)
    embedded = model.embed(batch.ids, batch.ngrams.double()).detach()  # (1, L, E+F)
    words, features = len(ids), model.architecture.embedding_dim

    def last_state(vectors):
        return model.encoder(vectors)[0][0, -1, :hidden]

    jacobian = torch.zeros(words, features, hidden, dtype=torch.double)
    for word in range(words):
        for feature in range(features):
            moved = torch.zeros_like(embedded)
            moved[0, word, feature] = STEP
            difference = last_state(embedded + moved) - last_state(embedded - moved)
            jacobian[word, feature] = difference / (2 * STEP)
    return jacobian.flatten(1).norm(dim=1).detach().numpy()[::-1]


@pytest.mark.parametrize("ngrams", [0, 2])
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_as_many_probes_as_units_are_the_whole_jacobian(cell, bidirectional, num_layers, ngrams):
    shape = architecture(
        cell=cell, bidirectional=bidirectional, num_layers=num_layers, ngrams=ngrams
    )
    model = classifier(shape).double()
    sequences = reviews(7, 1, 4)
    table = ngram_table(shape, sequences)
    found = gradient_norms(model, sequences, table, probes=shape.hidden_size)
    for ids, norms in zip(sequences, found, strict=True):
        np.testing.assert_allclose(norms, norms_by_differences(model, ids, table), rtol=1e-6)


def test_few_probes_are_right_on_average():
    shape = architecture(bidirectional=False, hidden_size=8)
    model = classifier(shape)
    (ids,) = reviews(12)
    exact = gradient_norms(model, [ids], None, probes=8)[0]
    estimates = np.array(gradient_norms(model, [ids] * 600, None, probes=2))
    np.testing.assert_allclose(np.square(estimates).mean(axis=0), np.square(exact), rtol=0.15)


def test_a_known_rate_is_found():
    shape = architecture(cell="rnn", bidirectional=False, hidden_size=6)
    model = classifier(shape)
    with torch.no_grad():
        for parameter in model.encoder.parameters():
            parameter.mul_(1e-4)  # tanh is a line near 0
        model.encoder.weight_hh_l0.copy_(torch.linalg.qr(torch.randn(6, 6))[0] * 0.5**0.2)
    norms = gradient_norms(model, reviews(40, 30, 25), None, probes=6)
    assert half_life(norms).words == pytest.approx(5, rel=1e-4)


def test_far_words_are_measured_though_their_squares_underflow():
    shape = architecture(cell="rnn", bidirectional=False, hidden_size=4)
    model = classifier(shape)
    with torch.no_grad():
        model.encoder.weight_hh_l0.mul_(0.0).fill_diagonal_(0.1)
    (norms,) = gradient_norms(model, reviews(25), None)
    assert 0 < norms[24] < 1e-22


def test_an_explosion_stays_a_number():
    shape = architecture(cell="gru", bidirectional=False, hidden_size=4)
    model = classifier(shape)
    with torch.no_grad():
        model.encoder.weight_ih_l0.fill_(3e38)
    assert np.isfinite(np.concatenate(gradient_norms(model, reviews(5), None))).all()


def test_quartiles_are_of_the_reviews_that_reach():
    norms = [np.full(2 + (n >= 5), float(n)) for n in range(20)]
    distances = by_distance(norms)
    assert [(at.words, at.reviews) for at in distances] == [(0, 20), (1, 20), (2, 15)]
    assert (distances[0].low, distances[0].median, distances[0].high) == (4.75, 9.5, 14.25)
    assert distances[2].median == 12.0


def test_a_distance_that_few_reviews_reach_is_left_out():
    norms = [np.ones(3)] * 12 + [np.ones(50)] * 9
    assert len(by_distance(norms)) == 3
    assert len(by_distance([np.ones(4)])) == 4
