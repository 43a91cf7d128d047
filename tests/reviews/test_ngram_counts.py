"""In how many reviews of each class n-grams occur, against a recount in plain Python."""

from __future__ import annotations

from collections import defaultdict
from tempfile import TemporaryDirectory

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tokens import dataset

from sentiment_cli.network.architecture import UNK
from sentiment_cli.network.ngram_inputs import MIN_REVIEWS, ngram_keys
from sentiment_cli.reviews import ngram_counts as module
from sentiment_cli.reviews.ngram_counts import CountedReviews, count_ngrams, write_rows


def part(reviews, groups=None, weights=None):
    """Counted reviews; each a group of its own and of class 1, unless told otherwise."""
    count = len(reviews)
    return CountedReviews(
        dataset(reviews),
        np.arange(count) if groups is None else np.asarray(groups, np.int64),
        np.tile(np.array([0, 1], np.float32), (count, 1))
        if weights is None
        else np.asarray(weights, np.float32),
    )


def counted(*parts, orders=2, classes=2):
    with TemporaryDirectory() as folder:
        return count_ngrams(parts, orders=orders, num_classes=classes, folder=folder)


def key(*ids):
    """An n-gram's key."""
    return int(ngram_keys(np.array(ids), np.array([len(ids)]), len(ids))[-1, -1])


def counts(table):
    return dict(zip(table.keys.tolist(), table.counts.tolist(), strict=True))


def recount(parts, orders, classes):
    """The table's counts and totals, from a set of groups for each n-gram."""
    holders = defaultdict(set)
    weights = {}
    for number, own in enumerate(parts):
        for review, group in enumerate(own.groups.tolist()):
            if not own.weights[review].any():
                continue
            weights[number, group] = own.weights[review].astype(float)
            ids = own.reviews[review].tolist()
            for length in range(1, orders + 1):
                for start in range(len(ids) - length + 1):
                    ngram = ids[start : start + length]
                    if min(ngram) > UNK:
                        holders[tuple(ngram)].add((number, group))
    found = {
        key(*ngram): sum(weights[group] for group in groups)
        for ngram, groups in holders.items()
        if len(groups) >= MIN_REVIEWS
    }
    return found, sum(weights.values(), np.zeros(classes))


@st.composite
def parts(draw, whole):
    """One or two parts of reviews in groups; weights are 0 and 1, or else fractions."""
    classes = draw(st.integers(2, 4))
    chance = np.random.default_rng(draw(st.integers(0, 10**6)))
    found = []
    for _ in range(draw(st.integers(1, 2))):
        reviews = draw(st.lists(st.lists(st.integers(1, 5), min_size=1, max_size=7), max_size=25))
        groups = chance.integers(0, 1 + 2 * len(reviews), len(reviews))
        shares = chance.dirichlet(np.ones(classes), 1 + 2 * len(reviews))
        if whole:
            shares = np.eye(classes)[shares.argmax(axis=1)]
        shares[chance.random(len(shares)) < 0.1] = 0  # not counted
        found.append(part(reviews, groups, shares[groups].reshape(-1, classes)))
    return found, classes


def agree(parts, classes, orders, chunk, merged, **tolerance):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(module, "_CHUNK", chunk)
        patch.setattr(module, "_MERGED", merged)
        table = counted(*parts, orders=orders, classes=classes)
    expected, totals = recount(parts, orders, classes)
    assert table.keys.tolist() == sorted(expected)
    assert table.orders == orders
    rows = np.array([expected[own] for own in sorted(expected)]).reshape(-1, classes)
    np.testing.assert_allclose(table.counts, rows, **tolerance)
    np.testing.assert_allclose(table.totals, totals, **tolerance)


SIZES = st.integers(1, 60)


@settings(deadline=None)
@given(parts(whole=True), st.integers(1, 5), SIZES, SIZES)
def test_counts_equal_a_recount_whatever_the_chunks_and_ranges(made, orders, chunk, merged):
    agree(*made, orders, chunk, merged, rtol=0, atol=0)


@settings(deadline=None)
@given(parts(whole=False), st.integers(1, 5), SIZES, SIZES)
def test_counts_of_weights_that_are_fractions_equal_a_recount(made, orders, chunk, merged):
    agree(*made, orders, chunk, merged, rtol=1e-5, atol=1e-6)


def test_ngrams_of_fewer_than_three_groups_are_not_counted():
    assert set(counts(counted(part([[5, 6], [5, 6], [6]])))) == {key(6)}


def test_ngrams_of_three_groups_are_counted_with_weights_that_do_not_sum_exactly():
    thirds = np.full((3, 3), 1 / 3)
    table = counted(part([[5], [5], [5]], weights=thirds), classes=3)
    assert counts(table) == {key(5): pytest.approx([1, 1, 1])}


def test_a_group_counts_once():
    table = counted(part([[5], [5], [5, 5], [5], [5]], groups=[0, 1, 2, 1, 2]))
    assert counts(table) == {key(5): [0, 3]}
    assert table.totals.tolist() == [0, 3]


def test_an_ngram_that_occurs_twice_in_a_review_counts_once():
    assert counts(counted(part([[5, 9, 5], [5], [5]])))[key(5)] == [0, 3]


def test_each_class_has_a_count_and_a_total():
    table = counted(part([[5], [5], [5], [6]], weights=[[1, 0], [0, 1], [0, 1], [1, 0]]))
    assert counts(table) == {key(5): [1, 2]}
    assert table.totals.tolist() == [2, 2]


def test_reviews_without_weight_are_not_counted():
    weights = [[0, 0], [0, 1], [0, 1], [0, 1]]
    table = counted(part([[5]] * 4, weights=weights))
    assert counts(table) == {key(5): [0, 3]}
    assert table.totals.tolist() == [0, 3]


def test_several_parts_count_together():
    assert counts(counted(part([[5], [5]]), part([[5]]))) == {key(5): [0, 3]}


def test_ngrams_do_not_reach_from_one_review_into_the_next():
    assert key(5, 6) not in counts(counted(part([[5], [6]] * 4)))


@pytest.mark.parametrize("own", [[], [part([])], [part([[1], [1], [1]])]])
def test_nothing_to_count_makes_an_empty_table(own):
    table = counted(*own)
    assert (table.keys.shape, table.counts.shape) == ((0,), (0, 2))
    assert table.totals.tolist() == [0, sum(len(p.reviews) for p in own)]


def test_files_of_the_chunks_are_gone(tmp_path, monkeypatch):
    monkeypatch.setattr(module, "_CHUNK", 1)
    count_ngrams([part([[5], [5], [5]])], orders=1, num_classes=2, folder=tmp_path)
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("chunk", [1, 7, 10**6])
def test_written_rows_are_the_tables(tmp_path, monkeypatch, chunk):
    chance = np.random.default_rng(0)
    reviews = [chance.integers(1, 6, chance.integers(1, 9)) for _ in range(40)]
    own = part(reviews)
    table = counted(own, orders=3)
    monkeypatch.setattr(module, "_CHUNK", chunk)
    write_rows(table, own.reviews, tmp_path / "rows.npy")
    rows = np.load(tmp_path / "rows.npy")
    np.testing.assert_array_equal(rows, table.rows(own.reviews.tokens, own.reviews.lengths))
    assert rows.dtype == np.int32
