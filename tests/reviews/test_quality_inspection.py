"""What is found in a file of reviews."""

from __future__ import annotations

import csv
import io

import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.quality import inspect_reviews, scan

FRUIT = ["apple", "pear", "plum", "fig", "melon", "grape", "cherry"]


def table(rows, header=("text", "label")):
    file = io.StringIO()
    csv.writer(file).writerows([header, *rows])
    return file.getvalue()


def plain_rows(number=30, values=("bad", "good")):
    """Different reviews, none near another."""
    return [[f"{FRUIT[i % 7]}{i} was number {i}", values[i % len(values)]] for i in range(number)]


def inspected(make, rows, test=None):
    source = make("reviews.csv", table(rows))
    opened = None if test is None else make("test.csv", table(test))
    return inspect_reviews(source, test=opened, advance=lambda rows: None)


def places(examples):
    return [example.place for example in examples]


def test_a_clean_file_has_no_findings(make):
    found = inspected(make, plain_rows())
    for kind in (found.empty, found.duplicates, found.near_duplicates, found.conflicts,
                 found.other_scripts, *found.characters.values()):  # fmt: skip
        assert kind.rows == 0
        assert kind.examples == []
    assert found.classes.counts == {"negative": 15, "positive": 15}
    assert found.classes.label_map == {"bad": "negative", "good": "positive"}
    assert found.scripts == {"Latin": 1.0}
    assert found.test is None


def test_empty_texts_are_found_and_are_no_duplicates(make):
    found = inspected(make, [*plain_rows(), ["", "bad"], [" <br> ", "good"]])
    assert places(found.empty.examples) == ["reviews.csv:32", "reviews.csv:33"]
    assert found.duplicates.rows == 0
    assert found.conflicts.rows == 0


def test_equal_but_for_case_and_marks(make):
    found = inspected(make, [*plain_rows(), ["Very nice!", "good"], ["very NICE", "good"]])
    assert (found.duplicates.groups, found.duplicates.rows) == (1, 2)
    assert places(found.duplicates.examples[0]) == ["reviews.csv:32", "reviews.csv:33"]
    assert found.conflicts.rows == 0


def test_the_same_text_of_two_classes(make):
    same = [["so so", "bad"]] * 9 + [["So so.", "good"]]
    found = inspected(make, plain_rows() + same)
    assert (found.conflicts.groups, found.conflicts.rows) == (1, 10)
    assert [(e.place, e.label) for e in found.conflicts.examples[0]] == [
        ("reviews.csv:32", "bad"), ("reviews.csv:41", "good"),
    ]  # fmt: skip


def test_two_values_of_one_class_are_no_contradiction(make):
    rows = plain_rows(60, ("1", "2", "4", "5"))
    found = inspected(make, [*rows, ["so so", "1"], ["so so", "2"], ["well", "3"], ["well", "5"]])
    assert found.conflicts.rows == 0
    assert found.classes.left_out == 1


def test_near_duplicates_are_counted_once_a_text(make):
    long = "this box of cereal was the very best that I ever bought in that shop of ours " * 2
    rows = [[long, "good"], [long + "indeed", "good"], [long.upper(), "good"]]
    found = inspected(make, plain_rows() + rows)
    assert (found.near_duplicates.groups, found.near_duplicates.rows) == (1, 2)
    assert found.duplicates.rows == 2


def test_characters_and_scripts(make):
    rows = [["ring \x07", "good"], ["lost \ufffd", "bad"], ["очень вкусно", "good"]]
    found = inspected(make, plain_rows() + rows)
    assert places(found.characters["control"].examples) == ["reviews.csv:32"]
    assert places(found.characters["replacement"].examples) == ["reviews.csv:33"]
    assert found.characters["private_use"].rows == 0
    assert list(found.scripts) == ["Latin", "Cyrillic"]
    assert found.scripts["Cyrillic"] == pytest.approx(0.03, abs=0.01)
    assert sum(found.scripts.values()) == pytest.approx(1)
    assert places(found.other_scripts.examples) == ["reviews.csv:34"]


def test_sample_tokens_are_those_of_the_first_text(make):
    rows = [["", "good"], ["It isnt good :(", "bad"], *plain_rows()]
    assert inspected(make, rows).sample_tokens == ["it", "is", "n't", "good", ":("]


def test_rows_of_the_test_that_stand_in_training(make):
    rows = plain_rows()
    found = inspected(make, rows, test=[[rows[3][0].upper(), "bad"], ["new one", "good"]])
    assert (found.test.rows, found.test.in_training.rows) == (2, 1)
    assert places(found.test.in_training.examples) == ["test.csv:2"]


def test_a_test_without_the_column_is_an_error(make):
    source = make("reviews.csv", table(plain_rows()))
    test = make("test.csv", "other,label\na,b\n")
    with pytest.raises(DataError, match=r"test\.csv has no column 'text'"):
        inspect_reviews(source, test=test, advance=lambda rows: None)


def test_lengths_and_what_is_cut(make):
    rows = [[" ".join(["word"] * n), "bad"] for n in (1, 2, 3, 512)]
    found = inspected(make, rows)
    assert found.lengths.mean == 129.5
    assert found.lengths.percentiles[50] == 3
    assert found.lengths.longest == 512
    assert (found.cuts[0].max_tokens, found.cuts[0].reviews) == (256, 0.25)
    assert found.cuts[0].tokens == 256 / 518


def test_classes_too_small_to_be_split_are_left_out(make):
    rows = [*plain_rows(), *[[f"rare {i}", "odd"] for i in range(9)],
            *[["always the same", "one"]] * 20]  # fmt: skip
    classes = inspected(make, rows).classes
    assert classes.counts == {"bad": 15, "good": 15}
    assert classes.label_map == {"bad": "bad", "good": "good"}
    assert classes.left_out == 29
    assert "'odd', 'one'" in classes.reason


@pytest.mark.parametrize("values", [("good",), tuple(f"v{i}" for i in range(60))])
def test_labels_that_make_no_classes_are_told(make, values):
    classes = inspected(make, plain_rows(240, values)).classes
    assert classes.labels is None
    assert classes.imbalance is None
    assert "column 'label'" in classes.reason


def test_only_so_many_rows_are_quoted(make):
    found = inspected(make, [*plain_rows(), *[["", "good"]] * 50])
    assert found.empty.rows == 50
    assert len(found.empty.examples) == 20


def test_a_file_that_shrinks_while_it_is_read_is_an_error(make):
    source = make("reviews.csv", table([*plain_rows(), ["twice", "good"], ["twice", "good"]]))

    def shrink(rows):
        make("reviews.csv", table(plain_rows(4)))

    with pytest.raises(DataError, match="changed while it was read"):
        inspect_reviews(source, advance=shrink)


def batches(monkeypatch, head, batch, characters):
    """Choose the columns from a few rows, and look at a few rows at a time."""
    monkeypatch.setattr(scan, "_HEAD", head)
    monkeypatch.setattr(scan, "_BATCH", batch)
    monkeypatch.setattr(scan, "_CHARACTERS", characters)


@pytest.fixture
def small_batches(monkeypatch):
    batches(monkeypatch, 2, 3, 2**22)


@pytest.mark.parametrize("sizes", [(2, 3, 2**22), (5, 7, 40)])
def test_batches_of_any_size_lead_to_one_report(make, monkeypatch, sizes):
    rows = [*plain_rows(), ["ring \x07", "good"], ["", "bad"], ["очень вкусно", "good"]]
    rows += [["so so", "bad"], ["So so.", "good"]]
    whole = inspected(make, rows).report()
    batches(monkeypatch, *sizes)
    assert inspected(make, rows).report() == whole


@pytest.mark.usefixtures("small_batches")
def test_all_rows_choose_the_columns_when_the_first_rows_lead_elsewhere(make):
    rows = [["a few words here", "", "1"]] * 8
    rows += [["", f"far more words here than in {i} {FRUIT[i % 7]}", str(i % 2)] for i in range(90)]
    told = []
    source = make("reviews.csv", table(rows, ("a", "b", "c")))
    found = inspect_reviews(source, advance=told.append)
    assert (found.columns.text.name, found.empty.rows) == ("b", 8)
    assert sum(told) == 2 * len(rows)


@pytest.mark.usefixtures("small_batches")
def test_first_rows_may_be_empty(make):
    found = inspected(make, [["", ""]] * 10 + plain_rows())
    assert (found.empty.rows, found.classes.counts) == (10, {"negative": 15, "positive": 15})


@pytest.mark.usefixtures("small_batches")
def test_skipped_rows_are_those_of_the_whole_source_after_rows_were_quoted(make):
    content = table([["", "bad"], *plain_rows()]) + "one,field,too many\n"
    source = make("reviews.csv", content, on_bad_rows="skip")
    found = inspect_reviews(source, advance=lambda rows: None)
    assert places(found.empty.examples) == ["reviews.csv:2"]
    assert (source.skipped.places, found.columns.broken) == (["reviews.csv:33"], 1)


def test_members_far_below_are_not_quoted(make):
    rows = [["so so", "bad"], ["so so", "bad"], *plain_rows(), ["so so", "bad"]]
    found = inspected(make, rows)
    assert found.duplicates.rows == 3
    assert places(found.duplicates.examples[0]) == ["reviews.csv:2", "reviews.csv:3"]
