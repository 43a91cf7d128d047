"""Each value is read as its setting wants it."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any, Literal

import pytest
from pydantic import BaseModel

from sentiment_cli.config.nodes import Place
from sentiment_cli.config.paths import Located, is_name
from sentiment_cli.config.values import section_values
from sentiment_cli.config.yaml import parse


class Inner(BaseModel):
    depth: int = 1


class Outer(BaseModel):
    inner: Inner = Inner()
    text: str = ""
    whole: int = 0
    number: float = 0.0
    flag: bool = False
    maybe: int | None = None
    every: int | Literal["epoch"] = 1
    kind: Literal["no", "1"] | None = None
    mapping: dict[str, str] | None = None
    source: Annotated[str | tuple[str, ...], Located(is_name)] = "imdb"
    vectors: Annotated[Literal["counted"] | str, Located("counted".__eq__)] | None = None


def values(text: str) -> Any:
    return section_values(parse(text.encode(), Place("a.yaml", Path("/folder"), line=1)), Outer)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("text: no", "no"),
        ("text: 01", "01"),
        ("text: 1.50", "1.50"),
        ("text: True", "True"),
        ("text: 'null'", "null"),
        ("text: null", None),
        ("text:", None),
        ("whole: 010", 10),
        ("whole: '10'", "10"),
        ("number: 1e-3", 0.001),
        ("number: 2", 2),
        ("flag: true", True),
        ("flag: no", "no"),
        ("maybe: ~", None),
        ("every: 5", 5),
        ("every: epoch", "epoch"),
        ("kind: no", "no"),
        ("kind: 1", "1"),
        ("mapping: {1: negative, 01: no, true: 1}", {"1": "negative", "01": "no", "true": "1"}),
        ("mapping: {4.50: x, null: y}", {"4.50": "x", "null": "y"}),
        ("source: reviews.csv", "/folder/reviews.csv"),
        ("source: 2024", "/folder/2024"),
        ("source: [imdb, a.csv]", ("imdb", "/folder/a.csv")),
        ("vectors: counted", "counted"),
        ("vectors: counted.txt", "/folder/counted.txt"),
        ("vectors: imdb", "/folder/imdb"),
        ("vectors: null", None),
        ("unknown: [1, {a: no}]", (1, {"a": "no"})),
    ],
)
def test_a_setting_gets_the_type_it_wants_or_what_was_written(text: str, value: object) -> None:
    (read,) = values(text).values()
    assert read == value
    assert type(read) is type(value)


def test_an_empty_section_has_no_values() -> None:
    assert values("inner:\n") == {"inner": {}}


def test_a_section_that_is_none_is_handed_on() -> None:
    assert values("inner: 3\n") == {"inner": 3}
