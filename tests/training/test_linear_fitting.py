"""Linear models equal scikit-learn's."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.feature_extraction.text import CountVectorizer, TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from support.words import keys_of

from sentiment_cli.network.linear import NB
from sentiment_cli.network.ngrams import review_ngrams
from sentiment_cli.training.linear import fitting
from sentiment_cli.training.linear.fitting import Counted, fit_nb, fit_tf_idf

WORDS = ["good", "bad", "not", "very", "box", "milk", "the", "a"]


def reviews(seed, number=200, classes=2):
    """Reviews whose words lean towards their class."""
    rng = np.random.default_rng(seed)
    labels = rng.integers(classes, size=number)
    lean = rng.dirichlet(np.ones(len(WORDS)), size=classes)
    return [list(rng.choice(WORDS, rng.integers(1, 12), p=lean[label])) for label in labels], labels


def test_tf_idf_is_scikit_learns():
    words, labels = reviews(0)
    ours = fit_tf_idf(Counted([keys_of(words)]), labels, 2)(*keys_of(words))
    theirs = TfidfVectorizer(
        tokenizer=str.split, token_pattern=None, ngram_range=(1, 2), min_df=2, sublinear_tf=True
    )
    x = theirs.fit_transform(map(" ".join, words))
    expected = LogisticRegression(C=10.0, max_iter=200).fit(x, labels).decision_function(x)
    assert ours[:, 1] - ours[:, 0] == pytest.approx(expected, abs=2e-2)


def test_naive_bayes_weighs_as_the_paper_says():
    words, labels = reviews(1)
    model = fit_nb(Counted([keys_of(words)]), labels, 2)
    vectorizer = CountVectorizer(
        tokenizer=str.split, token_pattern=None, ngram_range=(1, 3), binary=True, min_df=3
    )
    found = vectorizer.fit_transform(map(" ".join, words)).toarray()  # (N, K)
    p, q = (found[labels == label].sum(axis=0) + 1 for label in (1, 0))
    ratio = np.log((p / p.sum()) / (q / q.sum()))
    assert len(model.keys) == len(ratio)
    for ngram, column in vectorizer.vocabulary_.items():
        key = review_ngrams(*keys_of([ngram.split()]), 3)
        key = key.keys[key.orders == 1 + ngram.count(" ")][0]
        scale = model.scale[np.searchsorted(model.keys, key), 0]
        assert scale == pytest.approx(ratio[column], abs=1e-5)


@pytest.mark.parametrize("fit", [fit_tf_idf, fit_nb])
@pytest.mark.parametrize("classes", [2, 4])
def test_learns_what_words_say(fit, classes):
    words, labels = reviews(2, number=600, classes=classes)
    model = fit(Counted([keys_of(words[:400])]), labels[:400], classes)
    logits = model(*keys_of(words[400:]))
    assert logits.shape == (200, classes)
    assert (logits.argmax(axis=1) == labels[400:]).mean() > 1.3 / classes


@pytest.mark.parametrize("fit", [fit_tf_idf, fit_nb])
def test_without_any_frequent_ngram_the_shares_of_the_classes_decide(fit):
    words = [["one"], ["two"], ["three"], []]
    logits = fit(Counted([keys_of(words)]), np.array([0, 1, 1, 1]), 2)(*keys_of(words))
    assert (logits[:, 1] > logits[:, 0]).all()


@pytest.mark.parametrize("fit", [fit_tf_idf, fit_nb])
def test_a_class_that_is_not_seen_is_never_the_answer(fit):
    words, labels = reviews(3)
    logits = fit(Counted([keys_of(words)]), labels, 3)(*keys_of(words))
    assert (logits.argmax(axis=1) < 2).all()


@pytest.mark.parametrize("fit", [fit_tf_idf, fit_nb])
@pytest.mark.parametrize("classes", [2, 3])
def test_fit_records_whether_it_converged(fit, classes, monkeypatch):
    words, labels = reviews(4, classes=classes)
    assert fit(Counted([keys_of(words)]), labels, classes).converged
    monkeypatch.setattr(fitting, "_MAX_ITER", 1)
    assert not fit(Counted([keys_of(words)]), labels, classes).converged


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.sampled_from(WORDS), max_size=6), min_size=1, max_size=8))
def test_counts_are_those_of_plain_counting(words):
    counted = Counted([keys_of(words)])
    plain = [
        {tuple(t[at : at + n]) for n in (1, 2, 3) for at in range(len(t) - n + 1)} for t in words
    ]
    sizes = np.bincount(counted.ngrams.reviews, minlength=len(words))
    assert sizes.tolist() == [len(ngrams) for ngrams in plain]
    containing = {}
    for ngrams in plain:
        for ngram in ngrams:
            containing[ngram] = containing.get(ngram, 0) + 1
    assert len(counted.frequent(2, NB)) == sum(count >= 2 for count in containing.values())
