"""Scalars by YAML 1.2's core schema, and text made safe for a message."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli.config.nodes import Place, ScalarNode, shown

HERE = Place("a.yaml", Path("/folder"), line=3)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1e-3", 0.001),
        ("3e4", 30000.0),
        (".5", 0.5),
        ("1.", 1.0),
        ("-2.5E+1", -25.0),
        ("010", 10),
        ("+7", 7),
        ("0o17", 15),
        ("0x1F", 31),
        ("true", True),
        ("FALSE", False),
        ("null", None),
        ("~", None),
        ("", None),
        ("no", "no"),
        ("off", "off"),
        ("Yes", "Yes"),
        ("tRue", "tRue"),
        ("1_000", "1_000"),
        ("1:30", "1:30"),
        ("2001-01-01", "2001-01-01"),
        ("٣", "٣"),
        (".inf", ".inf"),
        (".nan", ".nan"),
        ("1e999", "1e999"),
    ],
)
def test_plain_scalars_follow_the_core_schema_and_stay_finite(text: str, value: object) -> None:
    read = ScalarNode(text, True, HERE).value
    assert read == value
    assert type(read) is type(value)


@pytest.mark.parametrize("text", ["1", "true", "null", ""])
def test_quoted_scalars_are_text(text: str) -> None:
    assert ScalarNode(text, False, HERE).value == text


def test_a_number_of_thousands_of_digits_stays_text() -> None:
    assert ScalarNode("9" * 5000, True, HERE).value == "9" * 5000


def test_shown_text_is_one_short_printable_line() -> None:
    assert shown("a\nb\x1b[31m\u202e") == "a\\nb\\x1b[31m\\u202e"
    assert len(shown("x" * 1000)) == 60


def test_a_place_is_told_as_file_and_line() -> None:
    assert str(HERE.at(2)) == "a.yaml:5"
    assert str(Place("--set seed=1", Path()).at(2)) == "--set seed=1"
