"""Which column is scored, and what a scored table's columns are called."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError
from sentiment_cli.inference.columns import ScoredColumns, text_column
from sentiment_cli.reviews.sources import Row, Source


def chosen(columns, asked=None):
    source = Source("shop.csv", columns, lambda _: iter([]), lambda: "", "error")
    return text_column(source, asked, text="text", label="label")


def cells(columns, values, classes=("bad", "good"), probabilities=(0.25, 0.75), label="good"):
    return ScoredColumns(columns, classes).cells(Row(values, "shop.csv:", 2), label, probabilities)


def test_the_column_asked_for_goes_before_the_runs_own():
    assert chosen(["text", "body"], "body") == "body"


def test_the_runs_own_column_is_taken_where_it_is():
    assert chosen(["id", "text", "body"]) == "text"


@pytest.mark.parametrize("columns", [["body"], ["label", "body"]])
def test_the_only_other_column_is_meant(columns):
    assert chosen(columns) == "body"


@pytest.mark.parametrize("columns", [["id", "body"], ["label"]])
def test_where_it_cannot_be_told_the_columns_are_named(columns):
    with pytest.raises(DataError) as fault:
        chosen(columns)
    assert all(repr(column) in fault.value.what for column in columns)
    assert "--text-column" in fault.value.hint


def test_a_mistyped_column_is_guessed():
    with pytest.raises(DataError, match="no column 'bdy'") as fault:
        chosen(["id", "body"], "bdy")
    assert fault.value.hint == "did you mean --text-column 'body'?"


def test_many_columns_are_not_all_listed():
    with pytest.raises(DataError, match="and 80 more"):
        chosen([f"c{number}" for number in range(100)])


def test_the_answer_stands_behind_the_columns_of_the_source():
    found = cells(["id", "text"], {"id": "7", "text": "fresh"})
    assert list(found.items()) == [
        ("id", "7"), ("text", "fresh"), ("label", "good"), ("probability", 0.75),
        ("probability_bad", 0.25), ("probability_good", 0.75),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("columns", "names"),
    [
        (["text", "label"], ["text", "input_label"]),
        (["label", "input_label"], ["input_input_label", "input_label"]),
        (["probability_good", "probability_new"], ["input_probability_good", "probability_new"]),
    ],
)
def test_a_column_of_an_answers_name_is_renamed(columns, names):
    assert list(ScoredColumns(columns, ["bad", "good"]).types)[: len(columns)] == names


def test_further_keys_of_an_object_stay_and_give_way_too():
    found = cells(["text"], {"text": "a", "note": "b", "label": "c"})
    assert found["note"] == "b"
    assert found["input_label"] == "c"
    assert found["label"] == "good"


def test_probabilities_have_six_decimals():
    found = cells(["text"], {"text": ""}, probabilities=(1 / 3, 2 / 3))
    assert found["probability"] == found["probability_good"] == 0.666667


@settings(deadline=None, max_examples=100)
@given(
    st.lists(
        st.sampled_from(["label", "probability", "probability_a", "text"])
        .flatmap(lambda name: st.integers(0, 3).map(lambda n: "input_" * n + name)),
        unique=True, min_size=1,
    )
)  # fmt: skip
def test_every_column_has_a_name_of_its_own(columns):
    found = ScoredColumns(columns, ["a"])
    types = found.types
    assert len(types) == len(columns) + 3
    row = Row({column: f"value of {column}" for column in columns}, "", 1)
    own = found.cells(row, "a", [1.0])
    assert list(own) == list(types)
    assert list(own.values())[: len(columns)] == list(row.values.values())
