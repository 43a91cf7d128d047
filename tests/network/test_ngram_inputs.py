"""N-gram inputs: keys, values and the table, against the same in plain Python."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.network.ngram_inputs import (
    NO_KEY,
    NgramTable,
    find_rows,
    flat_ids,
    load_ngrams,
    log_count_ratios,
    ngram_keys,
)
from sentiment_cli.network.weights import dump_weights

REVIEWS = st.lists(st.lists(st.integers(0, 2**31 - 1) | st.integers(0, 5), max_size=12), min_size=1)
ORDERS = st.integers(1, 5)
COUNTS = st.integers(0, 50)


def split_mix(number):
    """The number-th output of SplitMix64 with seed 0, in integers without a bound."""
    z = number * 0x9E3779B97F4A7C15 % 2**64
    z = (z ^ z >> 30) * 0xBF58476D1CE4E5B9 % 2**64
    z = (z ^ z >> 27) * 0x94D049BB133111EB % 2**64
    return z ^ z >> 31


def key(ids):
    """An n-gram's key, in integers without a bound."""
    if PAD in ids or UNK in ids:
        return 0
    return sum(
        split_mix(i) * 0xD1342543DE82EF95**power for power, i in enumerate(reversed(ids))
    ) % (2**64)


def plain_keys(reviews, orders):
    """The keys by order and token, review by review."""
    return [
        [
            key(ids[end - order : end]) if end >= order else 0
            for ids in reviews
            for end in range(1, len(ids) + 1)
        ]
        for order in range(1, orders + 1)
    ]


def keys_of(reviews, orders):
    return ngram_keys(*flat_ids([np.array(ids, np.int32) for ids in reviews]), orders)


def ratio(p, q, all_p, all_q):
    """The documented value, in float64."""
    n = all_p + all_q
    return math.log((p + 2 * all_p / n) / (q + 2 * all_q / n)) / 2 - math.log(all_p / all_q) / 2


def ratios(counts, totals):
    return log_count_ratios(np.array(counts, np.float32), np.array(totals, np.float32))


def table(orders=2):
    """A table of words 7, 8 and 9 and the pair 8 9; of two classes with 10 reviews each."""
    keys = np.array([key([7]), key([8]), key([9]), key([8, 9])], np.uint64)
    counts = np.array([[5, 0], [0, 5], [3, 3], [9, 1]], np.float32)
    order = np.argsort(keys)
    return NgramTable(keys[order], counts[order], np.array([10, 10], np.float32), orders)


def test_key_of_three_ids_is_the_documented_one():
    assert hex(keys_of([[7, 8, 9]], 3)[2, 2]) == "0x67bb88df42500948"


@settings(deadline=None)
@given(REVIEWS, ORDERS)
def test_keys_equal_those_in_plain_python(reviews, orders):
    assert keys_of(reviews, orders).tolist() == plain_keys(reviews, orders)


@settings(deadline=None)
@given(REVIEWS, ORDERS)
def test_keys_do_not_depend_on_the_other_reviews(reviews, orders):
    alone = [keys_of([ids], orders) for ids in reviews]
    np.testing.assert_array_equal(keys_of(reviews, orders), np.concatenate(alone, axis=1))


@pytest.mark.parametrize("unknown", [PAD, UNK])
def test_keys_of_ngrams_with_an_unknown_token_or_padding_are_none(unknown):
    found = keys_of([[5, 6, unknown, 7, 8]], 3) != NO_KEY
    assert found.tolist() == [
        [True, True, False, True, True],
        [False, True, False, False, True],
        [False, False, False, False, False],
    ]


def test_keys_depend_on_the_order_of_the_tokens():
    assert keys_of([[7, 8]], 2)[1, 1] != keys_of([[8, 7]], 2)[1, 1]


def test_keys_of_reviews_shorter_than_the_order_are_none():
    assert not keys_of([[7], [8], [9]], 5)[1:].any()


@given(COUNTS, COUNTS, st.integers(1, 1000), st.integers(1, 1000))
def test_ratio_of_two_classes_equals_the_formula(p, q, more_p, more_q):
    all_p, all_q = p + more_p, q + more_q
    (found,) = ratios([q, p], [all_q, all_p])
    assert found == pytest.approx(ratio(p, q, all_p, all_q), abs=1e-5)


@given(st.lists(st.tuples(COUNTS, st.integers(1, 1000)), min_size=3, max_size=5))
def test_ratio_of_more_classes_is_each_against_the_others(classes):
    counts = [count for count, _ in classes]
    totals = [count + more for count, more in classes]
    expected = [
        ratio(count, sum(counts) - count, total, sum(totals) - total)
        for count, total in zip(counts, totals, strict=True)
    ]
    assert ratios(counts, totals) == pytest.approx(expected, abs=1e-5)


@given(st.lists(st.integers(0, 10**7), min_size=2, max_size=5))
def test_ratio_of_an_unseen_ngram_is_zero_whatever_the_totals_are(totals):
    assert not ratios([0] * len(totals), totals).any()


@given(COUNTS, COUNTS, st.integers(50, 10**6))
def test_ratio_of_equal_classes_adds_one_to_each_count(p, q, total):
    (found,) = ratios([q, p], [total, total])
    assert found == pytest.approx(math.log((p + 1) / (q + 1)) / 2, abs=1e-5)


@given(st.lists(st.tuples(COUNTS, COUNTS), min_size=2, max_size=5), st.integers(0, 4))
def test_ratio_is_finite_with_a_class_of_nothing(classes, empty):
    counts = [count for count, _ in classes]
    totals = [count + more for count, more in classes]
    counts[empty % len(counts)] = totals[empty % len(counts)] = 0
    assert np.isfinite(ratios(counts, totals)).all()


def test_ratio_grows_with_the_share_of_the_second_class():
    found = ratios([[8, 0], [4, 4], [0, 8]], [20, 20])[:, 0]
    assert found[0] < found[1] == 0 < found[2]


def test_rows_count_from_one_and_are_zero_for_unknown_ngrams():
    own = table()
    ids = np.array([7, 8, 9, 8, UNK, 4])
    rows = own.rows(ids, np.array([6]))
    assert rows.shape == (6, 2)
    keys = [[key([7]), 0], [key([8]), 0], [key([9]), key([8, 9])], [key([8]), 0], [0, 0], [0, 0]]
    found = [[int(own.keys[row - 1]) if row else 0 for row in both] for both in rows]
    assert found == keys


def test_inputs_are_the_values_of_the_ngrams_that_end_at_a_token():
    found = table().inputs(np.array([7, 8, 9, 4]), np.array([2, 2]))  # 8 9 spans two reviews
    seven, eight, nine = (ratio(p, q, 10, 10) for q, p in ((5, 0), (0, 5), (3, 3)))
    assert found.ravel() == pytest.approx([seven, 0, eight, 0, nine, 0, 0, 0], abs=1e-6)
    pair = table().inputs(np.array([8, 9]), np.array([2]))[1, 1]
    assert pair == pytest.approx(ratio(1, 9, 10, 10), abs=1e-6)


def test_inputs_of_more_classes_stand_order_by_order():
    keys = np.sort(np.array([key([8]), key([9]), key([8, 9])], np.uint64))
    counts = np.array([[1, 2, 3], [4, 5, 6], [9, 1, 7]], np.float32)
    own = NgramTable(keys, counts, np.array([20, 30, 40], np.float32), orders=2)
    found = own.inputs(np.array([8, 9]), np.array([2]))
    word, pair = (np.searchsorted(keys, np.uint64(key(ids))) for ids in ([9], [8, 9]))
    expected = [log_count_ratios(counts[row], own.totals) for row in (word, pair)]
    np.testing.assert_array_equal(found[1], np.concatenate(expected))


def test_inputs_of_a_table_without_ngrams_are_zero():
    none = NgramTable(np.zeros(0, np.uint64), np.zeros((0, 3), np.float32), np.ones(3, "f4"), 2)
    found = none.inputs(np.array([7, 8, 9]), np.array([3]))
    assert found.shape == (3, 6)
    assert not found.any()


def test_find_rows_finds_what_is_there():
    keys = np.array([3, 5, 9], np.uint64)
    assert find_rows(keys, np.array([9, 4, 3, 11, 0], np.uint64)).tolist() == [3, 0, 1, 0, 0]


def test_find_rows_finds_nothing_among_none():
    assert find_rows(np.zeros(0, np.uint64), np.array([1], np.uint64)).tolist() == [0]


def loaded(ngrams=4, num_classes=2, **changes):
    data = dump_weights(table().tensors() | changes)
    return load_ngrams(
        data, ngrams=ngrams, num_classes=num_classes, orders=2, place="n.safetensors"
    )


def test_table_survives_its_file():
    own, again = table(), loaded()
    ids, lengths = np.array([7, 8, 9, UNK, 8, 9, 7]), np.array([3, 4])
    assert again.orders == 2
    np.testing.assert_array_equal(again.inputs(ids, lengths), own.inputs(ids, lengths))


def test_table_without_ngrams_survives_its_file():
    none = {"keys": np.zeros(0, np.uint64), "counts": np.zeros((0, 2), np.float32)}
    assert len(loaded(ngrams=0, **none).keys) == 0


@pytest.mark.parametrize(
    ("damage", "fault"),
    [
        ({"keys": np.array([1, 3, 2, 4], np.uint64)}, "ascending"),
        ({"keys": np.array([1, 2, 2, 4], np.uint64)}, "ascending"),
        ({"keys": np.array([1, 2, 3], np.uint64)}, "keys: expected shape"),
        ({"keys": np.array([1, 2, 3, 4], np.float32)}, "keys: expected dtype U32 or U64"),
        ({"counts": np.ones((4, 3), np.float32)}, "counts: expected shape"),
        ({"counts": np.ones(8, np.float32)}, "counts: expected shape"),
        ({"counts": np.ones((4, 2), np.uint64)}, "counts: expected dtype F32"),
        ({"counts": np.full((4, 2), -1, np.float32)}, "at least 0"),
        ({"counts": np.full((4, 2), np.nan, np.float32)}, "no finite number"),
        ({"counts": np.full((4, 2), np.inf, np.float32)}, "no finite number"),
        ({"totals": np.ones(3, np.float32)}, "totals: expected shape"),
        ({"totals": np.array([1, -1], np.float32)}, "at least 0"),
        ({"totals": np.array([1, np.nan], np.float32)}, "no finite number"),
        ({"more": np.ones(1, np.float32)}, "'more' does not belong here"),
    ],
)
def test_load_ngrams_refuses_damage(damage, fault):
    with pytest.raises(ModelError, match=f"^n.safetensors: .*{fault}"):
        loaded(**damage)


@pytest.mark.parametrize("sizes", [{"ngrams": 5}, {"num_classes": 3}])
def test_load_ngrams_refuses_a_table_of_another_model(sizes):
    with pytest.raises(ModelError, match="expected shape"):
        loaded(**sizes)


@pytest.mark.parametrize("end", [0, 1, 40, -1])
def test_load_ngrams_refuses_a_file_that_is_cut(end):
    data = dump_weights(table().tensors())[:end]
    with pytest.raises(ModelError):
        load_ngrams(data, ngrams=4, num_classes=2, orders=2, place="n.safetensors")
