"""From a source of reviews to a table of answers."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
import threading
from pathlib import Path
from unittest.mock import patch

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.predictor import WORDS, predictor

from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.inference import scoring
from sentiment_cli.inference.scoring import answers, score_file
from sentiment_cli.reviews.sources import Row, Source

CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=8)
REVIEW = st.lists(st.sampled_from(WORDS), max_size=15).map(" ".join) | CELL
NAME = st.sampled_from(["label", "probability", "probability_bad", "input_label"]) | CELL


@pytest.fixture(scope="module")
def judge():
    return predictor()


def source(columns, rows, fault=None):
    def read(_):
        for number, values in enumerate(rows, 2):
            yield Row(dict(zip(columns, values, strict=True)), "shop.csv:", number)
        if fault is not None:
            raise fault

    return Source("shop.csv", columns, read, lambda: "", "error")


def score(judge, reviews, out, advance=lambda _: None):
    return score_file(judge, reviews, "text", out, formula_guard=False, advance=advance)


def read(path):
    """The columns, and the rows as lists of texts and numbers."""
    if ".parquet" in path.name:
        table = pq.read_table(path)
        return table.column_names, [list(row.values()) for row in table.to_pylist()]
    data = path.read_bytes()
    text = (gzip.decompress(data) if path.name.endswith(".gz") else data).decode()
    if ".jsonl" in path.name:
        rows = [json.loads(line) for line in text.removesuffix("\n").split("\n")]
        return list(rows[0]), [list(row.values()) for row in rows]
    delimiter = "," if ".csv" in path.name else "\t"
    columns, *rows = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    return columns, rows


@st.composite
def tables(draw):
    columns = ["text", *draw(st.lists(NAME.filter(lambda name: name != "text"), unique=True,
                                      max_size=3))]  # fmt: skip
    row = st.tuples(REVIEW, *(CELL for _ in columns[1:]))
    return columns, draw(st.lists(row, min_size=1, max_size=7))


@pytest.mark.parametrize("name", ["a.csv", "a.tsv.gz", "a.jsonl", "a.parquet"])
@settings(deadline=None, max_examples=20)
@given(table=tables())
def test_every_row_comes_out_in_order_with_its_own_answer(judge, name, table):
    columns, rows = table
    with tempfile.TemporaryDirectory() as folder, patch.object(scoring, "WINDOW", 3):
        out = Path(folder, name)
        labels = score(judge, source(columns, rows), out)
        found, own = read(out)
    assert len(set(found)) == len(found) == len(columns) + 5
    assert found[-5:] == [
        "label", "probability", "probability_bad", "probability_good", "probability_so-so"
    ]  # fmt: skip
    assert [tuple(row[: len(columns)]) for row in own] == rows
    alone = [judge([row[0]])[0] for row in rows]
    for answer, row in zip(alone, own, strict=True):
        assert [float(cell) for cell in row[-3:]] == pytest.approx(
            list(answer.probabilities.values()), abs=1e-5
        )
        assert float(row[-4]) == max(map(float, row[-3:]))
    assert labels.total() == len(rows)
    assert labels == {label: sum(row[-5] == label for row in own) for label in labels}


def test_the_bar_is_told_of_every_review(judge, tmp_path):
    told = []
    with patch.object(scoring, "WINDOW", 2):
        score(judge, source(["text"], [("fresh",)] * 5), tmp_path / "a.csv", told.append)
    assert told == [2, 2, 1]


def test_long_rows_make_small_windows(judge):
    rows = source(["text", "more"], [("fresh", "x" * 60)] * 4).rows()
    with patch.object(scoring, "_CHARACTERS", 100):
        assert [len(window) for window, _, _ in answers(judge, rows, "text")] == [2, 2]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet"])
def test_a_broken_row_late_in_the_source_leaves_no_table(judge, tmp_path, name):
    (tmp_path / name).write_bytes(b"old")
    broken = source(["text"], [("fresh",)] * 5, DataError("shop.csv:7: broken"))
    told = []
    with patch.object(scoring, "WINDOW", 2), pytest.raises(DataError, match="broken"):
        score(judge, broken, tmp_path / name, told.append)
    assert told == [2, 2]
    assert (tmp_path / name).read_bytes() == b"old"
    assert [path.name for path in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz", "a.jsonl", "a.parquet"])
def test_an_interrupt_leaves_no_table_and_no_thread(judge, tmp_path, name):
    def interrupt(_):
        raise KeyboardInterrupt

    before = threading.active_count()
    with patch.object(scoring, "WINDOW", 2), pytest.raises(KeyboardInterrupt):
        score(judge, source(["text"], [("fresh",)] * 50), tmp_path / name, interrupt)
    assert list(tmp_path.iterdir()) == []
    assert threading.active_count() == before


def test_a_fault_of_the_tokenizer_is_raised(judge, tmp_path):
    with (
        patch.object(judge.tokenizer, "encode", side_effect=MemoryError),
        pytest.raises(MemoryError),
    ):
        score(judge, source(["text"], [("fresh",)]), tmp_path / "a.csv")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_not_there_is_told_before_anything_is_read(judge, tmp_path):
    unread = source(["text"], [], AssertionError("it was read"))
    with pytest.raises(EnvironmentFault, match="cannot write") as fault:
        score(judge, unread, tmp_path / "missing" / "a.csv")
    assert "make that folder" in fault.value.hint


def test_a_file_is_always_computed_with_torch(tmp_path):
    own = predictor()
    with patch.object(own.engine, "_replay", side_effect=AssertionError):
        score(own, source(["text"], [("fresh",)]), tmp_path / "a.csv")


@pytest.mark.parametrize("guard", [True, False])
def test_the_formula_guard_is_a_choice(judge, tmp_path, guard):
    reviews = source(["text"], [("=1+1",)])
    score_file(
        judge, reviews, "text", tmp_path / "a.csv", formula_guard=guard, advance=lambda _: None
    )
    assert read(tmp_path / "a.csv")[1][0][0] == ("'=1+1" if guard else "=1+1")
