"""Values of a label column and the classes they mean."""

from __future__ import annotations

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import LabelMap
from sentiment_cli.reviews.schemes import MAX_CLASSES
from sentiment_cli.reviews.sources import Row
from sentiment_cli.reviews.spelling import is_missing, normalised

STARS = {"1": "negative", "2": "negative", "4": "positive", "5": "positive"}


def seen(*values: str) -> dict[str, int]:
    return dict.fromkeys(values, 10)


def test_each_value_is_a_class() -> None:
    labels = LabelMap.of(None, seen("spam", "ham"), column="kind")
    assert labels.classes == ("ham", "spam")
    assert [labels.class_of(value) for value in ("ham", "spam")] == [0, 1]


@pytest.mark.parametrize(
    ("values", "classes"),
    [
        (["10", "9", "1"], ("1", "9", "10")),
        (["b", "10", "9", "a"], ("9", "10", "a", "b")),
        (["01", "1", "2.0"], ("01", "1", "2.0")),
        (["0", "-1", "+3", "0.5"], ("-1", "0", "0.5", "+3")),
        (["two", "inf", "1_0"], ("1_0", "inf", "two")),
    ],
)
def test_numbers_are_in_order_of_size_before_texts(
    values: list[str], classes: tuple[str, ...]
) -> None:
    assert LabelMap.of(None, seen(*values), column="x").classes == classes


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=3), min_size=2, max_size=MAX_CLASSES, unique=True))
def test_label_map_does_not_depend_on_the_order_of_the_rows(values: list[str]) -> None:
    assume(len({normalised(value) for value in values if not is_missing(value)}) >= 2)
    labels = LabelMap.of(None, seen(*values), column="x")
    assert labels == LabelMap.of(None, seen(*reversed(values)), column="x")
    assert [labels.class_of(name) for name in labels.classes] == list(range(len(labels.classes)))
    assert all((labels.class_of(value) is None) == is_missing(value) for value in values)


def test_a_mapping_groups_values_and_leaves_others_out() -> None:
    labels = LabelMap.of(STARS, seen("1", "2", "3", "4", "5"), column="stars")
    assert labels.classes == ("negative", "positive")
    assert [labels.class_of(value) for value in "12345"] == [0, 0, None, 1, 1]
    assert labels.partial


def test_a_class_is_known_by_its_name_too() -> None:
    labels = LabelMap.of({"0": "negative", "1": "positive"}, seen("0", "1"), column="label")
    assert labels.class_of("positive") == labels.class_of("1") == 1


def test_a_value_goes_before_the_name_of_another_class() -> None:
    labels = LabelMap.of({"0": "1", "1": "0"}, seen("0", "1"), column="label")
    assert [labels.classes[labels.class_of(value) or 0] for value in "01"] == ["1", "0"]


def test_an_unknown_value_is_told_with_its_place() -> None:
    labels = LabelMap.of(None, seen("positive", "negative"), column="label")
    row = Row({"label": "postive"}, "a.csv:", 7)
    with pytest.raises(DataError, match=r"^a\.csv:7: the label 'postive' is not one of") as caught:
        labels.class_of("postive", row)
    assert "did you mean 'positive'?" in (caught.value.hint or "")
    assert "data.label_map" in (caught.value.hint or "")


def test_a_mapping_that_left_nothing_out_knows_an_unknown_value() -> None:
    labels = LabelMap.of(STARS, seen(*STARS), column="stars")
    with pytest.raises(DataError, match="the label '3' is not one of the classes"):
        labels.class_of("3")


@pytest.mark.parametrize(
    ("labels", "values", "what", "hint"),
    [
        (None, ["a"], "column 'x' holds only 'a'", "at least two"),
        (None, [], "holds only missing labels", "at least two"),
        (None, [f"text {n}" for n in range(51)], "more than 50 different", "data.label_column"),
        ({"1": "bad", "2": "bad"}, ["1", "2"], "data.label_map makes 1 class: 'bad'", "2 to 50"),
        ({str(n): str(n) for n in range(51)}, ["1"], "makes 51 classes", "2 to 50"),
        (STARS, ["a", "5.0"], "no review is of class 'negative': .*'5.0', 'a'", "data.label_map"),
        (STARS, ["1", "3"], "no review is of class 'positive'", "data.label_map"),
    ],
)
def test_what_cannot_be_trained_on(
    labels: dict[str, str] | None, values: list[str], what: str, hint: str
) -> None:
    with pytest.raises(DataError, match=what) as caught:
        LabelMap.of(labels, seen(*values), column="x")
    assert hint in (caught.value.hint or "")


def test_another_file_with_other_values() -> None:
    labels = LabelMap.of({"0": "negative", "1": "positive"}, seen("0", "1"), column="label")
    other = labels.renamed({"good": "positive", "bad": "0"})
    assert other.classes == labels.classes
    assert [other.class_of(value) for value in ("good", "bad", "so-so", "1")] == [1, 0, None, None]


def test_another_file_cannot_bring_a_class() -> None:
    labels = LabelMap.of(None, seen("negative", "positive"), column="label")
    with pytest.raises(DataError, match="maps '3' to 'neutral', which is not a class of this run"):
        labels.renamed({"3": "neutral"})


@pytest.mark.parametrize(
    "label_map", [None, {"Good": "good", "bad": "bad"}, {"good ": "x", "BAD": "y"}]
)
def test_label_map_ignores_case_blanks_and_invisible_characters(label_map) -> None:
    labels = LabelMap.of(label_map, seen("good", "bad"), column="x")
    assert (
        labels.class_of("GOOD\u200b")
        == labels.class_of("\ufeff good")
        != labels.class_of("Bad\xa0")
    )


def test_label_map_names_a_class_by_its_most_frequent_spelling() -> None:
    labels = LabelMap.of(None, {"Spam": 5, "SPAM ": 2, "ham": 3, "Ham": 3}, column="x")
    assert labels.classes == ("Ham", "Spam")
    assert any("'SPAM '" in note and "'Spam'" in note for note in labels.notes)


def test_label_map_treats_composed_and_decomposed_letters_as_one() -> None:
    labels = LabelMap.of(None, seen("ge\u0301nial", "nul"), column="x")
    assert labels.class_of("g\xe9nial") == labels.class_of("ge\u0301nial") is not None


def test_label_map_treats_a_whole_number_with_and_without_zeros_as_one() -> None:
    labels = LabelMap.of(STARS, seen("1.0", "5.0"), column="x")
    assert [labels.class_of(value) for value in ("1", "5.00")] == [0, 1]


@pytest.mark.parametrize(
    "mark", ["", " ", "NaN", "nan", "N/A", "#N/A", "NA", "\\N", "null", "None", "-", "?"]
)
@pytest.mark.parametrize("label_map", [None, {"a": "a", "b": "b"}])
def test_label_map_skips_and_counts_missing_marks(label_map, mark) -> None:
    labels = LabelMap.of(label_map, {"a": 10, "b": 10, mark: 3}, column="x")
    assert labels.class_of(mark) is None
    assert not labels.partial
    assert any(note.startswith("3 reviews skipped: without a label") for note in labels.notes)


def test_label_map_keeps_a_missing_mark_that_is_mapped() -> None:
    labels = LabelMap.of({"none": "calm", "rage": "angry"}, seen("None", "rage"), column="x")
    assert labels.class_of("NONE") == labels.classes.index("calm")


@pytest.mark.parametrize(
    ("values", "column"),
    [
        (["0", "1"], "y"), (["0.0", "1.0"], "y"), (["-1", "1"], "y"), (["NEG", "POS"], "y"),
        (["Negative", "Positive"], "y"), (["no", "yes"], "liked"), (["négatif", "positif"], "y"),
    ],
)  # fmt: skip
def test_label_map_names_two_classes_negative_and_positive(values, column) -> None:
    labels = LabelMap.of(None, seen(*values), column=column)
    assert labels.classes == ("negative", "positive")
    assert [labels.class_of(value) for value in values] == [0, 1]
    assert labels.notes


def test_label_map_names_a_flag_of_something_bad_negative() -> None:
    labels = LabelMap.of(None, seen("0", "1"), column="is_toxic")
    assert labels.classes[labels.class_of("1") or 0] == "negative"


def test_label_map_keeps_ratings_apart_without_a_map() -> None:
    labels = LabelMap.of(None, seen("1", "2", "3", "4", "5"), column="stars")
    assert labels.classes == ("1", "2", "3", "4", "5")


@pytest.mark.parametrize(("low", "high"), [("NEG", "Pos"), ("Negative", "POSITIVE")])
def test_label_map_uses_the_names_of_the_included_model(low, high) -> None:
    labels = LabelMap.of({"1": low, "5": high}, seen("1", "5"), column="x")
    assert labels.classes == ("negative", "positive")


def test_label_map_refuses_two_classes_for_one_label() -> None:
    with pytest.raises(DataError, match="'a' and 'A ' are two classes"):
        LabelMap.of({"a": "x", "A ": "y"}, seen("a"), column="x")
