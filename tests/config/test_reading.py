"""The settings of reading, where no experiment runs."""

from __future__ import annotations

import pytest

from sentiment_cli.config.reading import reading_settings
from sentiment_cli.errors import UsageError


def test_only_what_was_given_is_set() -> None:
    found = reading_settings(["data.encoding=cp1252"])
    assert found.model_dump(exclude_unset=True) == {"encoding": "cp1252"}
    assert reading_settings([]).model_dump(exclude_unset=True) == {}


def test_the_later_of_two_holds() -> None:
    found = reading_settings(["data.on_bad_rows=error", "data . on_bad_rows=skip"])
    assert found.on_bad_rows == "skip"


@pytest.mark.parametrize(
    "argument", ["data.text_column=a", "data={text: a}", "data.encoding.x=a", "x=1"]
)
def test_other_settings_are_refused(argument: str) -> None:
    with pytest.raises(UsageError, match="does not say how a file is read") as caught:
        reading_settings([argument])
    assert caught.value.hint == (
        "here --set takes data.encoding, data.encoding_errors, data.header, data.delimiter, "
        "data.quote, data.escape, data.on_bad_rows"
    )
