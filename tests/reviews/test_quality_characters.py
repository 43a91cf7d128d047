"""Which characters are no text, and which scripts texts are written in."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.reviews.quality.characters import CharacterCounts, kind_of


def counted(*texts):
    """Return the number of characters of each kind, text by text."""
    count = CharacterCounts()
    return [
        {kind: times for kind, times in zip(count.kinds, own, strict=True) if times}
        for own in count(texts).T.tolist()
    ]


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("5, with\ttab\r\n2 lines", {"Latin": 12}),
        ("— “5” 😀 ★★ :-)", {}),
        ("\x07 bell", {"control": 1, "Latin": 4}),
        ("Windows \x96 dash", {"control": 1, "Latin": 11}),
        ("lost \ufffd\ufffd", {"replacement": 2, "Latin": 4}),
        ("\ue001\U0010fffd", {"private_use": 2}),
        ("It's 5/5!", {"Latin": 3}),
        ("très 很好!", {"Latin": 4, "Han or kana": 2}),
        ("ｗｉｄｅ", {"Latin": 4}),
        ("хорошо, iPhone", {"Cyrillic": 6, "Latin": 6}),
        ("καλό", {"Greek": 4}),
        ("とても良い", {"Han or kana": 5}),
        ("좋아요", {"Hangul": 3}),
        ("جيد", {"Arabic": 3}),
        ("", {}),
    ],
)
def test_characters_are_counted_by_kind(text, kinds):
    assert counted(text) == [kinds]


@given(st.lists(st.text(max_size=20), min_size=1, max_size=10))
@settings(max_examples=60, deadline=None)
def test_counts_of_many_texts_are_those_of_each(texts):
    assert counted(*texts) == [found for text in texts for found in counted(text)]
    for text, found in zip(texts, counted(*texts), strict=True):
        kinds = [kind_of(character) for character in text]
        assert found == {kind: kinds.count(kind) for kind in kinds if kind}
