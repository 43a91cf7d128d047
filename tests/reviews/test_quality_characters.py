"""What is no text, and which script a text is in."""

from __future__ import annotations

import pytest

from sentiment_cli.reviews.quality.characters import script_letters, strange_kinds


@pytest.mark.parametrize(
    ("text", "kinds"),
    [
        ("plain, with\ttab\r\nand lines", []),
        ("café — “quoted” 😀 日本", []),
        ("bell \x07", ["control"]),
        ("Windows \x96 dash", ["control"]),
        ("lost \ufffd", ["replacement"]),
        ("icon \ue001", ["private_use"]),
        ("far \U0010fffd", ["private_use"]),
        ("\x00\ufffd\U000f0000", ["control", "replacement", "private_use"]),
    ],
)
def test_characters_that_are_no_text(text, kinds):
    assert strange_kinds(text) == kinds


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("good", "Latin"),
        ("très bien", "Latin"),
        ("ｗｉｄｅ", "Latin"),
        ("хорошо, iPhone", "Cyrillic"),
        ("καλό", "Greek"),
        ("とても良い", "Han or kana"),
        ("很好", "Han or kana"),
        ("좋아요", "Hangul"),
        ("جيد", "Arabic"),
        ("5/5 :-)", None),
        ("😀 ★★★", None),
        ("", None),
    ],
)
def test_script_of_most_letters(text, expected):
    most = script_letters(text).most_common(1)
    assert (most[0][0] if most else None) == expected


@pytest.mark.parametrize(
    ("text", "letters"),
    [("It's 5/5!", {"Latin": 3}), ("très 很好!", {"Latin": 4, "Han or kana": 2}), ("5!", {})],
)
def test_script_letters_are_counted(text, letters):
    assert script_letters(text) == letters
