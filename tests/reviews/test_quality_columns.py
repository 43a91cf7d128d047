"""Which column is taken for the text and which for the label."""

from __future__ import annotations

import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.quality import read_columns

LONG = "it was so good that I bought a second box of number {}"


def columns_of(make, header, rows):
    lines = [header, *(",".join(row) for row in rows)]
    return read_columns(make("reviews.csv", "\n".join(lines) + "\n"), advance=lambda rows: None)


def taken(make, header, rows):
    found = columns_of(make, header, rows)
    return found.text.name, found.label and found.label.name


def test_names_go_first(make):
    rows = [[LONG.format(i), "a longer title than most " * 2, str(i % 2), "xy"[i % 2]]
            for i in range(9)]  # fmt: skip
    assert taken(make, "Review_Body,title,kind,Stars", rows) == ("Review_Body", "Stars")


def test_a_name_does_not_make_a_text_of_what_is_far_shorter(make):
    rows = [[f"id {i}", LONG.format(i) * 2, str(i % 2)] for i in range(9)]
    assert taken(make, "text,what,label", rows) == ("what", "label")


def test_without_names_the_content_decides(make):
    rows = [[f"https://example.org/{i:090}", LONG.format(i), str(i % 3), str(i)] for i in range(60)]
    assert taken(make, "a,b,c,d", rows) == ("b", "c")


def test_texts_without_spaces_are_texts(make):
    rows = [[f"2024-01-{i:02}-of-that-year", "这家店的麦片很好吃" + "好" * i, "01"[i % 2]]
            for i in range(1, 9)]  # fmt: skip
    assert taken(make, "a,b,c", rows) == ("b", "c")


def test_no_label_where_nothing_repeats(make):
    found = columns_of(make, "a,b", [[LONG.format(i), str(i)] for i in range(9)])
    assert found.label is None
    assert "repeats" in found.label_reason


def test_figures_of_a_column(make):
    found = columns_of(make, "text,label", [["a b", "1"], ["", "2"], ["c d e", "1"]])
    text, label = found.all
    assert (found.rows, text.filled, text.length, text.sample) == (3, 2, 4.0, "a b")
    assert label.values == {"1": 2, "2": 1}
    assert not label.many


def test_values_are_counted_up_to_one_more_than_the_most_classes(make):
    found = columns_of(make, "text,label", [["a b", str(i)] for i in range(200)])
    assert found.all[1].many
    assert len(found.all[1].values) == 51


def test_nothing_but_empty_fields_is_an_error(make):
    with pytest.raises(DataError, match="empty fields"):
        columns_of(make, "text,label", [["", ""], ["", ""]])


@pytest.mark.parametrize("rows", [1, 999, 1000, 1001, 2500])
def test_every_row_is_told(make, rows):
    told = []
    source = make("reviews.csv", "text\n" + "fine\n" * rows)
    read_columns(source, advance=told.append)
    assert sum(told) == rows
