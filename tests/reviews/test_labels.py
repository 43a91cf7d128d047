"""Values of a label column and the classes they mean."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import MAX_CLASSES, LabelMap, propose_labels
from sentiment_cli.reviews.sources import Row

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
        (["01", "1", "1.0"], ("01", "1", "1.0")),
        (["0", "-1", "+1", "0.5"], ("-1", "0", "0.5", "+1")),
        (["nan", "inf", "1_0"], ("1_0", "inf", "nan")),
    ],
)
def test_numbers_are_in_order_of_size_before_texts(
    values: list[str], classes: tuple[str, ...]
) -> None:
    assert LabelMap.of(None, seen(*values), column="x").classes == classes


@settings(deadline=None, max_examples=50)
@given(st.lists(st.text(min_size=1, max_size=3), min_size=2, max_size=MAX_CLASSES, unique=True))
def test_the_order_of_the_rows_does_not_matter(values: list[str]) -> None:
    labels = LabelMap.of(None, seen(*values), column="x")
    assert labels == LabelMap.of(None, seen(*reversed(values)), column="x")
    assert [labels.class_of(name) for name in labels.classes] == list(range(len(values)))


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
    with pytest.raises(DataError, match=r"^a\.csv:7: the label 'postive' is none of") as caught:
        labels.class_of("postive", row)
    assert "did you mean 'positive'?" in (caught.value.hint or "")
    assert "data.label_map" in (caught.value.hint or "")


def test_a_mapping_that_left_nothing_out_knows_an_unknown_value() -> None:
    labels = LabelMap.of(STARS, seen(*STARS), column="stars")
    with pytest.raises(DataError, match="the label '3' is none of the classes"):
        labels.class_of("3")


@pytest.mark.parametrize(
    ("labels", "values", "what", "hint"),
    [
        (None, ["a"], "column 'x' holds 'a' alone", "at least two"),
        (None, [], "holds no label alone", "at least two"),
        (None, [f"text {n}" for n in range(51)], "more than 50 different", "a column of texts"),
        (None, ["a", "b", ""], "10 reviews have no label in column 'x'", "data.label_map"),
        ({"1": "bad", "2": "bad"}, ["1", "2"], "data.label_map makes 1 class: 'bad'", "2 to 50"),
        ({str(n): str(n) for n in range(51)}, ["1"], "makes 51 classes", "2 to 50"),
        (
            STARS,
            ["1.0", "5.0"],
            "no review is of class 'negative': .*'1.0', '5.0'",
            "as they stand",
        ),
        (STARS, ["1", "3"], "no review is of class 'positive'", "data.label_map"),
    ],
)
def test_what_cannot_be_trained_on(
    labels: dict[str, str] | None, values: list[str], what: str, hint: str
) -> None:
    with pytest.raises(DataError, match=what) as caught:
        LabelMap.of(labels, seen(*values), column="x")
    assert hint in (caught.value.hint or "")


def test_one_review_without_a_label() -> None:
    with pytest.raises(DataError, match=r"^1 review has no label in column 'x'"):
        LabelMap.of(None, {"a": 10, "b": 10, "": 1}, column="x")


def test_another_file_with_other_values() -> None:
    labels = LabelMap.of({"0": "negative", "1": "positive"}, seen("0", "1"), column="label")
    other = labels.renamed({"good": "positive", "bad": "0"})
    assert other.classes == labels.classes
    assert [other.class_of(value) for value in ("good", "bad", "so-so", "1")] == [1, 0, None, None]


def test_another_file_cannot_bring_a_class() -> None:
    labels = LabelMap.of(None, seen("negative", "positive"), column="label")
    with pytest.raises(DataError, match="maps '3' to 'neutral', which is no class of this run"):
        labels.renamed({"3": "neutral"})


@pytest.mark.parametrize(
    ("values", "labels", "reason"),
    [
        (["0", "1"], {"0": "negative", "1": "positive"}, "0 and 1"),
        (["TRUE", "FALSE"], {"TRUE": "positive", "FALSE": "negative"}, "true is taken"),
        (["pos", "neg"], {"pos": "positive", "neg": "negative"}, "short for"),
        (
            ["Pos", "Neg", "Neu"],
            {"Pos": "positive", "Neg": "negative", "Neu": "neutral"},
            "short for",
        ),
        (["1", "2", "4", "5"], STARS, "stars"),
        (["5.0", "1.0"], {"1.0": "negative", "5.0": "positive"}, "stars"),
        (["negative", "positive"], None, "each value is a class of its own"),
        (["1", "2"], None, "class of its own"),
        (["0", "1", "2"], None, "class of its own"),
        (["4", "5"], None, "class of its own"),
        (["1", "6"], None, "class of its own"),
        (["pos", "other"], None, "class of its own"),
        (["a", "b", "c", "d", "e", "n/a"], None, "class of its own"),
        (["1", "5", "n/a"], {"1": "negative", "5": "positive"}, "10 without a label ('n/a') are"),
    ],
)
def test_a_proposal_and_its_reason(
    values: list[str], labels: dict[str, str] | None, reason: str
) -> None:
    proposal = propose_labels(seen(*values), column="x")
    assert proposal.labels == labels
    assert reason in proposal.reason


def test_the_middle_star_is_left_out_and_counted() -> None:
    proposal = propose_labels({"1": 7, "3": 1200, "3.0": 34, "5": 9}, column="stars")
    assert proposal.labels == {"1": "negative", "5": "positive"}
    assert "1,234 reviews are left out" in proposal.reason


def test_what_ratings_are_taken_for_is_told() -> None:
    halves = propose_labels({"2.5": 9, "3.0": 1, "3.5": 8, "n/a": 12, "": 1}, column="stars")
    assert halves.labels == {"2.5": "negative", "3.5": "positive"}
    assert halves.reason == (
        "the labels are taken for ratings out of 5: below 3 is negative ('2.5'), above 3 positive "
        "('3.5'); 3 ('3.0') says neither, its 1 review is left out; 13 without a label ('n/a') are "
        "left out"
    )
    points = propose_labels(seen("2", "4", "6", "8", "10"), column="score")
    assert points.reason == (
        "the labels are taken for ratings out of 10: at most 4 is negative ('2', '4'), at least 7 "
        "positive ('8', '10'); what is between ('6') says neither, its 10 reviews are left out"
    )


@pytest.mark.parametrize("values", [["0", "1", ""], ["spam", "ham", ""], ["1", "5", ""]])
def test_reviews_without_a_label_are_left_out_and_counted(values: list[str]) -> None:
    proposal = propose_labels(seen(*values), column="x")
    assert "10 without a label are left out" in proposal.reason
    labels = LabelMap.of(proposal.labels, seen(*values), column="x")
    assert [labels.class_of(value) is None for value in values] == [False, False, True]


@pytest.mark.parametrize("values", [["1"], ["", "1"], [f"text {n}" for n in range(51)]])
def test_no_proposal_for_what_is_no_label_column(values: list[str]) -> None:
    with pytest.raises(DataError, match="column 'x'"):
        propose_labels(seen(*values), column="x")


@settings(deadline=None, max_examples=100)
@given(
    st.sets(
        st.sampled_from(
            ["0", "1", "2", "3", "4", "5", "1.0", "3.5", "8", "n/a", "true", "neg", "pos", "a", ""]
        )
    )
)
def test_every_proposal_can_be_trained_on(values: set[str]) -> None:
    if len(values - {""}) >= 2:
        proposal = propose_labels(seen(*values), column="x")
        LabelMap.of(proposal.labels, seen(*values), column="x")
