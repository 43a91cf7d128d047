"""Token ids on disk."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st
from support.tokens import dataset

LENGTHS = st.lists(st.integers(1, 20), max_size=30)


@given(LENGTHS, st.integers(1, 100))
def test_spans_hold_every_review_once_in_order(lengths, tokens):
    own = dataset([np.ones(length) for length in lengths])
    spans = list(own.spans(tokens))
    assert [n for start, end in spans for n in range(start, end)] == list(range(len(lengths)))


@given(LENGTHS, st.integers(1, 100))
def test_spans_hold_at_most_so_many_tokens_or_one_review(lengths, tokens):
    own = dataset([np.ones(length) for length in lengths])
    for start, end in own.spans(tokens):
        assert sum(lengths[start:end]) <= tokens or end == start + 1


def test_spans_are_as_few_as_can_be():
    own = dataset([np.ones(length) for length in (3, 2, 4, 1, 9, 1)])
    assert list(own.spans(5)) == [(0, 2), (2, 4), (4, 5), (5, 6)]
