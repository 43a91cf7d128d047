"""Each direction in a call of its own."""

from __future__ import annotations

import pytest
import torch

from sentiment_cli.network.cells import CELLS
from sentiment_cli.network.directions import (
    _read_both,
    _turn,
    _turned_rows,
    encode_by_direction,
)

from .samples import architecture, classifier, padded

REVIEWS = [[2, 3, 4, 5], [6], [7, 8, 9]]


@pytest.fixture(params=[1, 2, 5], ids="{} threads".format)
def _threads(request):
    before = torch.get_num_threads()
    torch.set_num_threads(request.param)
    yield
    assert torch.get_num_threads() == request.param
    torch.set_num_threads(before)


def states_and_gradients(model, encode):
    ids, ngrams, lengths = padded(REVIEWS)
    real = (torch.arange(4) < lengths[:, None])[:, :, None]
    model.zero_grad()
    states = encode(model.embed(ids, ngrams), lengths) * real
    (states * torch.linspace(-1, 1, states.numel()).view(states.shape)).sum().backward()
    return states.detach(), [p.grad.clone() for p in model.parameters() if p.grad is not None]


@pytest.mark.usefixtures("_threads")
@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("cell", sorted(CELLS))
def test_states_and_gradients_are_those_of_packed_reviews(cell, num_layers):
    model = classifier(architecture(cell=cell, num_layers=num_layers))
    states, gradients = states_and_gradients(
        model, lambda embedded, lengths: encode_by_direction(model.encoder, embedded, lengths)
    )
    packed, expected = states_and_gradients(model, model._encode_packed)
    assert len(gradients) == 1 + 8 * num_layers
    torch.testing.assert_close(states, packed, atol=1e-5, rtol=1e-5)
    for ours, theirs in zip(gradients, expected, strict=True):
        torch.testing.assert_close(ours, theirs, atol=1e-5, rtol=1e-5)


@pytest.mark.usefixtures("_threads")
@torch.no_grad()
def test_without_gradients_the_states_are_the_same():
    model = classifier(architecture())
    ids, ngrams, lengths = padded(REVIEWS)
    embedded = model.embed(ids, ngrams)
    states = encode_by_direction(model.encoder, embedded, lengths)
    assert not states.requires_grad
    with torch.enable_grad():
        recorded = encode_by_direction(model.encoder, embedded, lengths)
    torch.testing.assert_close(recorded.detach(), states, atol=1e-6, rtol=1e-5)


@pytest.mark.usefixtures("_threads")
@pytest.mark.parametrize("failing", ["ahead", "turned"])
def test_an_error_of_either_direction_is_raised(failing):
    weight = torch.ones(2, requires_grad=True)
    inputs = {"ahead": torch.zeros(2), "turned": torch.ones(2)}

    def read(inputs_of_one, weights):
        if torch.equal(inputs_of_one, inputs[failing]):
            raise ArithmeticError
        return inputs_of_one * weights[0]

    with pytest.raises(ArithmeticError):
        _read_both(read, inputs["ahead"], inputs["turned"], [weight], [weight])


def test_turning_reverses_each_review_within_its_length():
    values = torch.tensor([[1, 4], [2, 5], [3, 0]])[:, :, None]  # (L, N, 1)
    rows = _turned_rows(3, torch.tensor([3, 2]))
    assert _turn(values, rows)[:, :, 0].T.tolist() == [[3, 2, 1], [5, 4, 0]]


def test_the_gradient_of_turning_is_right():
    rows = _turned_rows(3, torch.tensor([3, 2]))
    values = torch.randn(3, 2, 2, dtype=torch.float64, requires_grad=True)
    assert torch.autograd.gradcheck(lambda v: _turn(v, rows) ** 2, (values,))
    assert torch.autograd.gradgradcheck(lambda v: _turn(v, rows) ** 3, (values,))
