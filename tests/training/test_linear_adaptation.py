"""A linear model that few reviews move away from where many others left it."""

from __future__ import annotations

from contextlib import suppress
from itertools import permutations

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from sentiment_cli.errors import ModelError
from sentiment_cli.network.linear import NB, LinearModel
from sentiment_cli.network.ngrams import ngram_keys
from sentiment_cli.training.linear.adaptation import adapt, in_order
from sentiment_cli.training.linear.fitting import PENALTY_C, Counted, fit_nb, unit_rows

WORDS = ["good", "bad", "not", "very", "box", "milk", "the", "a"]
OTHERS = ["crisp", "stale", "lid", "oats"]


def reviews(seed, number, *, words=WORDS, classes=2):
    """Reviews whose words lean towards their class, alike for every seed."""
    lean = np.random.default_rng(0).dirichlet(np.ones(len(words)), size=classes)
    rng = np.random.default_rng(seed)
    labels = np.arange(number) % classes
    return [list(rng.choice(words, rng.integers(3, 12), p=lean[label])) for label in labels], labels


def fitted(words, labels, classes=2):
    return fit_nb(Counted.of(words), labels, classes)


def adapted(start, words, labels):
    classes = max(2, len(start.bias))
    return adapt(start, fitted(words, labels, classes), Counted.of(words), labels)


def right(model, words, labels):
    return (model(words).argmax(axis=1) == labels).mean()


def test_from_nothing_it_is_logistic_regression():
    words, labels = reviews(1, 60)
    own = fitted(words, labels)
    nothing = LinearModel(own.keys[:0], own.scale[:0], own.weight[:0], np.zeros(1, np.float32), NB)
    x = unit_rows(Counted.of(words).matrix(own.keys, sublinear=False), own.scale[:, 0])
    # liblinear's penalty holds the bias too, as here.
    theirs = LogisticRegression(C=PENALTY_C, solver="liblinear", tol=1e-8).fit(x, labels)
    ours = adapted(nothing, words, labels)(words)
    assert ours[:, 1] - ours[:, 0] == pytest.approx(theirs.decision_function(x), abs=2e-2)


@pytest.mark.parametrize("classes", [2, 3])
def test_what_was_learned_of_many_reviews_stays(classes):
    start = fitted(*reviews(2, 900, classes=classes), classes)
    few, unseen = reviews(3, 6, classes=classes), reviews(4, 400, classes=classes)
    model = adapted(start, *few)
    assert right(model, *unseen) > right(fitted(*few, classes), *unseen)
    assert right(model, *unseen) > right(start, *unseen) - 0.05


def test_words_that_the_start_has_not_met_are_learned():
    start = fitted(*reviews(5, 400))
    words, labels = reviews(6, 200, words=OTHERS)
    unseen = reviews(7, 200, words=OTHERS)
    model = adapted(start, words, labels)
    assert right(model, *unseen) > right(start, *unseen) + 0.1
    assert np.isin(start.keys, model.keys).all()
    assert (np.diff(model.keys.astype(object)) > 0).all()


def test_what_fewer_than_three_reviews_wrote_moves_nothing():
    start = fitted(*reviews(10, 400, words=[*WORDS, *OTHERS]))
    words, labels = reviews(11, 60)
    words, labels = [*words, OTHERS], np.append(labels, 1)
    model = adapted(start, words, labels)
    told = {key for group in ngram_keys(OTHERS, 3) for key in group.tolist()}
    kept = told & set(start.keys.tolist())
    assert len(kept) >= len(OTHERS)
    assert told & set(model.keys.tolist()) == kept
    for key in kept:
        before = start.weight[start.keys == np.uint64(key)]
        assert model.weight[model.keys == np.uint64(key)] == pytest.approx(before, rel=1e-6)


def test_numbers_at_the_edge_stay_numbers_or_are_refused():
    start = fitted(*reviews(12, 100))
    start.scale[0], start.weight[0] = 1e-20, 1e30
    start.weight[1] = 3e38
    with suppress(ModelError):
        model = adapted(start, *reviews(13, 20))
        assert np.isfinite(model.weight).all()


def test_reviews_of_one_class_leave_numbers():
    start = fitted(*reviews(8, 100))
    model = adapted(start, [["good", "box"]] * 5, np.ones(5, np.int64))
    assert np.isfinite(model.weight).all()
    assert np.isfinite(model.bias).all()
    assert model([["good", "box"]]).argmax() == 1


@pytest.mark.parametrize("order", list(permutations("abc")) + list(permutations("ab")))
def test_classes_may_stand_in_another_order(order):
    names = sorted(order)
    words, labels = reviews(9, 300, classes=len(names))
    model = fitted(words, labels, len(names))
    logits = model(words[:9])
    expected = logits[:, [names.index(name) for name in order]]
    assert in_order(model, names, order)(words[:9]) == pytest.approx(expected)
