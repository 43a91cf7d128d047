"""Types and bounds in plain words, for any schema."""

from __future__ import annotations

from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, Field

from sentiment_cli.config.fields import choices, walk, words


class Inner(BaseModel):
    share: Annotated[float, Field(ge=0, lt=1)] = 0.5
    rate: Annotated[float, Field(gt=0.25)] | None = None


class Outer(BaseModel):
    inner: Inner = Inner()
    size: Annotated[int, Field(ge=1, le=9)] = 1
    seed: Annotated[int, Field(ge=0, lt=2**32)] = 0
    every: Annotated[int, Field(ge=1)] | Literal["epoch"] = "epoch"
    kind: Literal["a", "b", "c"] = "a"
    flag: bool = False
    name: Annotated[str, Field(min_length=1)] = "x"
    many: str | tuple[str, ...] = "x"
    mapping: dict[str, str] | None = None
    free: float = 0.0


FIELDS = dict(walk(Outer))


def test_settings_are_walked_by_dotted_key_in_order() -> None:
    assert list(FIELDS)[:3] == ["inner.share", "inner.rate", "size"]


@pytest.mark.parametrize(
    ("key", "said"),
    [
        ("inner.share", "a number of at least 0 and below 1"),
        ("inner.rate", "a number above 0.25, or null"),
        ("size", "a whole number from 1 to 9"),
        ("seed", "a whole number from 0 to 4294967295"),
        ("every", "a whole number of at least 1, or epoch"),
        ("kind", "a, b or c"),
        ("flag", "true or false"),
        ("name", "text that is not empty"),
        ("many", "text, or a list of text"),
        ("mapping", "a mapping of text to text, or null"),
        ("free", "a number"),
    ],
)
def test_what_is_allowed_is_said_in_plain_words(key: str, said: str) -> None:
    assert words(FIELDS[key]) == said


@pytest.mark.parametrize(
    ("key", "offered"),
    [
        ("kind", ["a", "b", "c"]),
        ("flag", ["true", "false"]),
        ("every", ["epoch"]),
        ("inner.rate", ["null"]),
        ("size", []),
    ],
)
def test_choices_are_the_words_that_a_setting_takes(key: str, offered: list[str]) -> None:
    assert choices(FIELDS[key]) == offered
