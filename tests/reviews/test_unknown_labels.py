"""What is said where a file's labels are not those that a run knows."""

from __future__ import annotations

import shlex

import pytest

from sentiment_cli.config.nodes import MapNode, Place
from sentiment_cli.config.overrides import override
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources import Source
from sentiment_cli.reviews.unknown_labels import no_known_label, rating_option, unknown_label

CLASSES = ("negative", "positive")


def test_the_option_to_add_is_filled_in() -> None:
    assert rating_option("54321", CLASSES) == (
        "add --set 'data.label_map={1: negative, 2: negative, 4: positive, 5: positive}'"
    )


@pytest.mark.parametrize(
    ("low", "high"),
    [("1.0", "5.0"), ("1,0", "5,0"), ("1/5", "5/5"), ("one star", "five stars"),
     ("1 out of 5 stars", "5 out of 5 stars"), ("★☆☆☆☆", "★★★★★"), ("1.", "5."), (" 1", "5\t")],
)  # fmt: skip
def test_a_shell_and_the_settings_read_the_option_back(tmp_path, low: str, high: str) -> None:
    add, option, value = shlex.split(rating_option([low, high], CLASSES) or "")
    assert (add, option) == ("add", "--set")
    data = override(MapNode({}, Place("", tmp_path)), value).entries["data"]
    labels = data.entries["labels"].entries
    assert {key: node.text for key, node in labels.items()} == {low: "negative", high: "positive"}


@pytest.mark.parametrize(
    ("values", "classes"), [("15", ("bad", "good")), ("45", CLASSES), (["a", "b"], CLASSES)]
)
def test_no_option_where_nothing_can_be_filled_in(values, classes: tuple[str, ...]) -> None:
    assert rating_option(values, classes) is None


@pytest.fixture
def source(make):
    """Makes a source of labels."""

    def labelled(*labels: str) -> Source:
        return make("a.csv", "text,label\n" + "".join(f"fine,{label}\n" for label in labels))

    return labelled


def test_what_was_found_and_what_was_looked_for(source) -> None:
    fault = no_known_label(source("bad", "good", "bad"), "label", CLASSES)
    assert fault.what.endswith(
        "a.csv has no review of the run's classes 'negative', 'positive': column 'label' holds "
        "'bad', 'good'"
    )
    assert "{VALUE: CLASS, ...}" in (fault.hint or "")


def test_a_column_of_texts_is_not_counted_to_its_end(source) -> None:
    fault = no_known_label(source(*map(str, range(100))), "label", CLASSES)
    assert "holds more than 50 different values: '0', '1'" in fault.what


def test_a_label_is_judged_beside_the_others(source) -> None:
    met = DataError("the label '5' is none", hint="else")
    points = unknown_label(met, source("5", "1", "9"), "label", CLASSES)
    assert (points.what, points.hint) == (
        met.what, "add --set 'data.label_map={1: negative, 9: positive}'",
    )  # fmt: skip
    assert unknown_label(met, source("5", "a"), "label", CLASSES).hint == "else"
