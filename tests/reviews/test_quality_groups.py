"""Rows with equal keys."""

from __future__ import annotations

from collections import Counter, defaultdict

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.reviews.quality.groups import Groups

PAIRS = st.lists(st.tuples(st.integers(0, 5), st.integers(0, 2)), max_size=40)


def grouped(pairs):
    keys = np.array([key for key, _ in pairs], dtype=np.uint64)
    classes = np.array([label for _, label in pairs], dtype=np.int64)
    members = defaultdict(list)
    for row, (key, _) in enumerate(pairs):
        members[key].append(row)
    expected = sorted(members.values(), key=lambda rows: rows[:2][-1])
    return Groups.of(keys, np.arange(len(pairs))), classes, expected


@given(PAIRS)
@settings(max_examples=60, deadline=None)
def test_equal_to_grouping_by_hand(pairs):
    groups, classes, expected = grouped(pairs)
    assert groups.earliest(100) == expected
    assert groups.repeated().earliest(100) == [rows for rows in expected if len(rows) > 1]
    mixed = [rows for rows in expected if len({pairs[row][1] for row in rows}) > 1]
    assert groups.mixed(classes).earliest(100) == mixed


@given(PAIRS)
@settings(max_examples=60, deadline=None)
def test_the_class_of_most_rows(pairs):
    groups, classes, _ = grouped(pairs)
    for rows, vote in zip(
        np.split(groups.rows, groups.starts[1:]), groups.votes(classes, 3), strict=False
    ):
        counts = Counter(classes[rows].tolist())
        assert vote == min(counts, key=lambda label: (-counts[label], label))


def test_rows_keep_their_own_numbers():
    groups = Groups.of(np.array([7, 8, 7]), np.array([10, 20, 30]))
    assert groups.repeated().earliest(5) == [[10, 30]]


def test_only_so_many_groups():
    assert Groups.of(np.array([2, 1, 0]), np.arange(3)).earliest(2) == [[0], [1]]
