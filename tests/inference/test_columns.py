"""Which column is scored, and what a scored table's columns are called."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError
from sentiment_cli.inference.columns import ScoredColumns, text_column
from sentiment_cli.reviews.sources import Row, Source


def chosen(columns, asked=None):
    values = {"id": "7", "body": "crunchy and lovely"}

    def read(_):
        yield Row({name: values.get(name, "x") for name in columns}, "shop.csv:", 2)

    source = Source("shop.csv", columns, read, lambda: "", "error")
    return text_column(source, asked, text="text", label="label")


def cells(columns, values, classes=("bad", "good"), probabilities=(0.25, 0.75), label="good"):
    return ScoredColumns(columns, classes).cells(Row(values, "shop.csv:", 2), label, probabilities)


@pytest.mark.parametrize(
    ("columns", "asked", "name"),
    [(["text", "body"], "body", "body"), (["id", "text", "body"], None, "text")],
)
def test_text_column_returns_the_named_column_then_the_runs_own(columns, asked, name):
    assert chosen(columns, asked) == (name, None)


@pytest.mark.parametrize(
    "columns", [["body"], ["label", "body"], ["id", "body"], ["id", "label", "body"]]
)
def test_text_column_chooses_a_column_and_says_why(columns):
    name, reason = chosen(columns)
    assert name == "body"
    assert reason


def test_text_column_guesses_a_mistyped_name():
    with pytest.raises(DataError, match="no column 'bdy'") as fault:
        chosen(["id", "body"], "bdy")
    assert fault.value.hint == "did you mean --text-column body?"


def test_text_column_does_not_list_all_of_many_columns():
    with pytest.raises(DataError, match="and 80 more"):
        chosen([f"c{number}" for number in range(100)], "text")


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
