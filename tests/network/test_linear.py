"""A linear model of n-grams."""

from __future__ import annotations

import numpy as np
import pytest
from support.words import keys_of

from sentiment_cli.network.linear import NB, TF_IDF, LinearModel
from sentiment_cli.network.ngrams import review_ngrams


def model(weights, kind=TF_IDF, bias=0.5):
    """A model of the n-grams in `weights`, (n-gram: scale, coefficient)."""
    found = [review_ngrams(*keys_of([ngram.split()]), 3) for ngram in weights]
    keys = np.array([own.keys[own.orders.argmax()] for own in found])
    order = np.argsort(keys)
    scale, coefficient = np.array(list(weights.values()), np.float32)[order].T[:, :, None]
    return LinearModel(
        keys[order], scale, scale * coefficient, np.array([bias], np.float32), kind, True
    )


def test_a_score_is_linear_in_unit_vectors():
    (negative, positive) = model({"good": (2.0, 3.0), "bad": (1.0, -4.0)})(
        *keys_of([["good", "bad"]])
    )[0]
    assert positive - negative == pytest.approx(0.5 + (2 * 3 - 1 * 4) / np.sqrt(2**2 + 1**2))
    assert positive == -negative


def test_counts_weigh_by_their_logarithm():
    (negative, positive) = model({"good": (1.0, 3.0), "bad": (1.0, -4.0)})(
        *keys_of([["good"] * 3 + ["bad"]])
    )[0]
    often = 1 + np.log(3)
    assert positive - negative == pytest.approx(0.5 + (often * 3 - 4) / np.sqrt(often**2 + 1))


def test_naive_bayes_asks_only_whether_an_ngram_is_there():
    own = model({"good": (1.0, 3.0), "bad": (1.0, -4.0)}, NB)
    assert (
        own(*keys_of([["good", "bad"]])).tolist()
        == own(*keys_of([["good", "good", "bad"]])).tolist()
    )


def test_pairs_and_triples_count():
    own = model({"not good": (1.0, -3.0), "not that good": (1.0, -5.0)}, NB, bias=0.0)
    assert own(*keys_of([["not", "good"]]))[0, 1] == pytest.approx(-1.5)
    assert own(*keys_of([["not", "that", "good"]]))[0, 1] == pytest.approx(-2.5)


@pytest.mark.parametrize("words", [[], ["unknown"], ["un", "known", "words"]])
def test_a_review_without_a_known_ngram_gets_the_bias(words):
    assert model({"good": (1.0, 3.0)})(*keys_of([words]))[0, 1] == pytest.approx(0.25)


def test_more_classes_have_a_score_each():
    keys, _ = keys_of([["good"]])
    ones = np.ones((1, 3), np.float32)
    own = LinearModel(keys, ones, ones * [[1.0, 2.0, 3.0]], np.zeros(3, np.float32), NB, True)
    assert own(*keys_of([["good"], ["bad"]])).tolist() == [[1.0, 2.0, 3.0], [0.0, 0.0, 0.0]]


def test_a_model_without_any_ngram_is_still_one():
    none = np.empty((0, 1), np.float32)
    own = LinearModel(np.empty(0, np.uint64), none, none, np.array([0.5], np.float32), NB, True)
    assert own(*keys_of([["good"]]))[0, 1] == pytest.approx(0.25)
