"""N-gram inputs of training reviews, against tables that were counted without them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import counted, dataset, prepared

from sentiment_cli.network.ngram_inputs import (
    NO_ROW,
    NgramTable,
    log_count_ratios,
    scaled,
    summed,
)
from sentiment_cli.reviews import groups as grouping
from sentiment_cli.reviews.groups import review_groups
from sentiment_cli.reviews.ngram_counts import CountedReviews, count_ngrams
from sentiment_cli.training import ngrams as module
from sentiment_cli.training.ngrams import NgramSources, training_ngrams

ORDERS = 2


def corpus(reviews=40, classes=2, seed=0, words=5):
    """Random reviews of a few words, so that most n-grams occur in several."""
    chance = np.random.default_rng(seed)
    texts = [chance.integers(1, 2 + words, chance.integers(1, 9)) for _ in range(reviews)]
    return dataset(texts, chance.integers(0, classes, reviews))


def without(reviews, left_out):
    """The reviews but those at some numbers."""
    kept = [n for n in range(len(reviews)) if n not in left_out]
    return dataset([reviews[n] for n in kept], reviews.labels[kept], reviews.hashes[kept])


def table_of(reviews, weights, groups=None, orders=ORDERS):
    """A table of reviews whose groups are known."""
    groups = np.arange(len(reviews)) if groups is None else groups
    part = CountedReviews(reviews, groups, np.asarray(weights, np.float32))
    with TemporaryDirectory() as folder:
        classes = part.weights.shape[1]
        return count_ngrams([part], orders=orders, num_classes=classes, folder=Path(folder))


def one_hot(labels, classes=2):
    return np.eye(classes, dtype=np.float32)[labels]


def inputs(table, reviews, number):
    return table.inputs(reviews[number], reviews.lengths[[number]])


@pytest.fixture
def _no_phrases(monkeypatch):
    """Each review is a group, though it may stand in another."""
    monkeypatch.setattr(grouping, "MAX_PHRASE", 0)


@settings(deadline=None, max_examples=25)
@given(st.integers(3, 40), st.integers(2, 4), st.integers(1, 4), st.integers(0, 10**6))
def test_inputs_equal_those_of_a_table_counted_without_the_review(reviews, classes, orders, seed):
    own = corpus(reviews, classes, seed)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(grouping, "MAX_PHRASE", 0)  # each review is a group
        found = counted(own, orders, classes)
        for number in range(0, reviews, 5):
            rest = counted(without(own, [number]), orders, classes)
            expected = inputs(rest.table, own, number)
            np.testing.assert_array_equal(found(np.array([number])), expected)


@settings(deadline=None, max_examples=25)
@given(st.integers(3, 40), st.integers(2, 4), st.integers(0, 10**6))
def test_inputs_equal_those_of_a_table_counted_without_the_reviews_group(reviews, classes, seed):
    own = corpus(reviews, classes, seed)
    own = replace(own, hashes=own.hashes // 2)  # two of a kind, whatever their tokens are
    groups = review_groups(own)
    found = counted(own, ORDERS, classes)
    for number in range(0, reviews, 5):
        rest = counted(without(own, np.flatnonzero(groups == groups[number])), ORDERS, classes)
        expected = inputs(rest.table, own, number)
        np.testing.assert_allclose(found(np.array([number])), expected, atol=2e-5)


def test_inputs_of_several_reviews_stand_one_after_the_other():
    found = counted(corpus(), ORDERS)
    numbers = np.array([7, 0, 7, 30])
    alone = [found(np.array([number])) for number in numbers]
    np.testing.assert_array_equal(found(numbers), np.concatenate(alone))


def test_inputs_of_no_review_are_empty():
    assert counted(corpus(classes=3), ORDERS, 3)(np.array([], np.int64)).shape == (0, 6)


def test_table_holds_the_counts_of_all_reviews():
    own = corpus()
    table = counted(own, ORDERS).table
    groups = review_groups(own)
    votes = np.array([one_hot(own.labels)[groups == group].mean(axis=0) for group in groups])
    expected = table_of(own, votes, groups)
    np.testing.assert_array_equal(table.keys, expected.keys)
    np.testing.assert_array_equal(table.counts, expected.counts)
    np.testing.assert_array_equal(table.totals, expected.totals)


@pytest.mark.usefixtures("_no_phrases")
@pytest.mark.parametrize(("others", "seen"), [(2, False), (3, True)])
def test_an_ngram_needs_three_other_reviews(others, seen):
    own = dataset([[5, 9]] + [[5]] * others + [[6]] * 4, [1] * (1 + others) + [0] * 4)
    assert counted(own, 1)(np.array([0]))[0].any() == seen


def test_copies_and_phrases_are_left_out_together():
    copies = [[5, 6, 7], [5, 6, 7], [5, 6], [5, 6, 7]]
    own = dataset(copies + [[8]] * 4, [1] * 4 + [0] * 4, [1, 1, 2, 1, 3, 4, 5, 6])
    assert not counted(own, 2)(np.arange(4)).any()


def test_a_label_does_not_reach_its_own_reviews_inputs():
    own = corpus(60, seed=3)
    turned = own.labels.copy()
    groups = review_groups(own)
    turned[groups == groups[4]] = 1 - turned[groups == groups[4]]
    before, after = (
        counted(replace(own, labels=y), 3)(np.array([4])) for y in (own.labels, turned)
    )
    np.testing.assert_allclose(after, before, atol=1e-6)


@pytest.fixture
def folder(tmp_path):
    folder = tmp_path / "tokens"
    folder.mkdir()
    return folder


def trained(folder, training, more=None, orders=ORDERS, **given):
    """The n-grams of training reviews, and whether they were counted for that."""
    stages = []
    found = training_ngrams(
        prepared(folder, training, more),
        orders,
        NgramSources(**given),
        progress=lambda stage, *_: stages.append(stage),
    )
    return found, bool(stages)


@pytest.mark.usefixtures("_no_phrases")
def test_counts_of_the_start_are_added(folder):
    own, other = corpus(seed=1), corpus(seed=2, words=8)
    start = scaled(table_of(other, one_hot(other.labels)), 0.5)
    found, _ = trained(folder, own, start=start)
    plain = counted(own, ORDERS)
    table = found.table
    np.testing.assert_array_equal(table.keys, np.union1d(plain.table.keys, start.keys))
    np.testing.assert_array_equal(table.totals, plain.table.totals + start.totals)
    for part in (plain.table, start):
        assert np.isin(part.keys, table.keys).all()
    summed = np.zeros_like(table.counts)
    for part in (plain.table, start):
        summed[np.searchsorted(table.keys, part.keys)] += part.counts
    np.testing.assert_array_equal(table.counts, summed)


@pytest.mark.usefixtures("_no_phrases")
def test_inputs_with_a_start_leave_out_the_review_but_not_the_start(folder):
    own, other = corpus(seed=1), corpus(seed=2, words=8)
    start = scaled(table_of(other, one_hot(other.labels)), 0.5)
    found, _ = trained(folder, own, start=start)
    for number in range(0, len(own), 7):
        rest = counted(without(own, [number]), ORDERS).table
        ids, lengths = own[number], own.lengths[[number]]
        counts = sum(
            np.where((rows := part.rows(ids, lengths))[:, :, None], part.counts[rows - 1], 0)
            for part in (rest, start)
        )
        expected = log_count_ratios(counts, rest.totals + start.totals).reshape(len(ids), -1)
        np.testing.assert_allclose(found(np.array([number])), expected, atol=1e-6)


NONE = NgramTable(
    np.zeros(0, np.uint64), np.zeros((0, 2), np.float32), np.zeros(2, np.float32), ORDERS
)


def test_a_start_without_ngrams_changes_nothing(folder):
    own = corpus()
    found, _ = trained(folder, own, start=NONE)
    numbers = np.arange(len(own))
    np.testing.assert_array_equal(found(numbers), counted(own, ORDERS)(numbers))


@pytest.mark.usefixtures("_no_phrases")
@pytest.mark.parametrize("weight", [1.0, 0.3])
def test_reviews_known_to_the_start_are_left_out_of_its_counts(folder, weight):
    own = corpus()
    known = np.arange(0, len(own), 2)
    before, rest = without(own, known + 1), without(own, known)
    start = table_of(before, one_hot(before.labels))
    found, _ = trained(folder, own, start=start, weight=weight, known=before.hashes)
    plain = table_of(rest, one_hot(rest.labels))
    expected = summed(plain, scaled(start, weight))
    np.testing.assert_array_equal(found.table.keys, expected.keys)
    np.testing.assert_array_equal(found.table.counts, expected.counts)
    np.testing.assert_array_equal(found.table.totals, expected.totals)
    for number, place in ((4, 2), (10, 5)):
        others = without(before, [place])
        start = table_of(others, one_hot(others.labels))
        left = inputs(summed(plain, scaled(start, weight)), own, number)
        np.testing.assert_allclose(found(np.array([number])), left, atol=1e-6)


def test_reviews_known_to_the_start_take_their_group_with_them(folder):
    own = dataset([[5, 6], [4, 5, 6, 7], [8], [8, 9]], [1, 1, 0, 0])
    found, _ = trained(folder, own, start=NONE, known=own.hashes[:1])
    assert found.table.totals.tolist() == [1, 0]
    assert not found.own[:2].any()


def unlabelled(hashes=None):
    chance = np.random.default_rng(9)
    texts = [chance.integers(2, 7, chance.integers(1, 9)) for _ in range(30)]
    more = dataset(texts, np.full(30, -1), np.arange(100, 130) if hashes is None else hashes)
    return more, chance.dirichlet([1, 1], 30).astype(np.float32)


@pytest.mark.usefixtures("_no_phrases")
def test_unlabelled_reviews_count_with_their_probabilities(folder):
    own = corpus()
    more, probabilities = unlabelled()
    found, _ = trained(folder, own, more, unlabelled=probabilities)
    every = dataset([*map(own.__getitem__, range(40)), *map(more.__getitem__, range(30))])
    expected = table_of(every, np.concatenate([one_hot(own.labels), probabilities]))
    np.testing.assert_array_equal(found.table.keys, expected.keys)
    np.testing.assert_allclose(found.table.counts, expected.counts, rtol=1e-5)
    np.testing.assert_allclose(found.table.totals, expected.totals, rtol=1e-5)


@pytest.mark.usefixtures("_no_phrases")
def test_unlabelled_copies_of_training_reviews_are_not_counted(folder):
    own = corpus()
    more, probabilities = unlabelled(own.hashes[:30])
    found, _ = trained(folder, own, more, unlabelled=probabilities)
    np.testing.assert_array_equal(found.table.counts, counted(own, ORDERS).table.counts)
    np.testing.assert_array_equal(found.table.totals, counted(own, ORDERS).table.totals)


@pytest.mark.usefixtures("_no_phrases")
def test_unlabelled_copies_of_each_other_count_once(folder):
    own = corpus()
    more, probabilities = unlabelled(np.repeat(np.arange(100, 110), 3))
    found, _ = trained(folder, own, more, unlabelled=np.repeat(probabilities[::3], 3, axis=0))
    totals = counted(own, ORDERS).table.totals + probabilities[::3].sum(axis=0)
    np.testing.assert_allclose(found.table.totals, totals, rtol=1e-5)


@pytest.mark.usefixtures("_no_phrases")
def test_rows_of_ngrams_without_counts_are_none():
    own = dataset([[5, 9], [5], [5], [5], [1]], [0, 1, 0, 1, 1])
    rows = counted(own, 1).rows.ravel()
    assert (rows == NO_ROW).tolist() == [False, True, False, False, False, True]


def test_counts_are_read_from_the_cache_the_second_time(folder, monkeypatch):
    first, counted_first = trained(folder, corpus())
    monkeypatch.setattr(module, "_write", lambda *_: pytest.fail("they are in the cache"))
    second, counted_again = trained(folder, corpus())
    assert (counted_first, counted_again) == (True, False)
    numbers = np.arange(40)
    np.testing.assert_array_equal(first(numbers), second(numbers))


@pytest.mark.parametrize("name", module._FILES)
def test_counts_are_made_again_if_a_byte_of_their_cache_has_changed(folder, name):
    first, _ = trained(folder, corpus())
    expected = first(np.arange(40))
    (file,) = folder.parent.glob(f"ngrams-*/{name}.npy")
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    again, counted_again = trained(folder, corpus())
    assert counted_again
    np.testing.assert_array_equal(again(np.arange(40)), expected)


def test_each_way_of_counting_has_a_cache_of_its_own(folder):
    own = corpus()
    more, probabilities = unlabelled()
    start = table_of(more, probabilities)
    ways = [
        {},
        {"orders": 3},
        {"start": start},
        {"start": start, "known": own.hashes[:3]},
        {"start": start, "known": own.hashes[:4]},
        {"unlabelled": probabilities},
        {"unlabelled": probabilities[:, ::-1]},
    ]
    for way in ways:
        assert trained(folder, own, more, **way)[1], way
    for way in [*ways, {"start": start, "weight": 0.5}, {"start": scaled(start, 2)}]:
        assert not trained(folder, own, more, **way)[1], way


def test_scaled_counts_are_weighted_and_the_table_is_not_changed():
    own = corpus()
    table = counted(own, ORDERS).table
    before = table.counts.copy()
    half = scaled(table, 0.5)
    np.testing.assert_array_equal(half.counts, before / 2)
    np.testing.assert_array_equal(half.totals, table.totals / 2)
    np.testing.assert_array_equal(table.counts, before)
    assert half.counts.dtype == half.totals.dtype == np.float32
