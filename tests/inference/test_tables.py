"""Tables of scored reviews, as the csv, json and pyarrow modules read them."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.inference.tables import Scored, guarded, open_table, require_table

CELL = st.text(st.characters(exclude_categories=["Cs"]), max_size=8) | st.sampled_from(
    ["", "\r", "\n", "\r\n", '"', ",", "\t", "=1+1", "NA", "\ufeff", "\0"]
)
NUMBER = st.integers(0, 10**6).map(lambda millionths: millionths / 10**6)


def written(name, types, rows, *, formula_guard=False):
    file = io.BytesIO()
    file.close = file.flush
    with open_table(file, Path(name), types, formula_guard=formula_guard) as write:
        for row in rows:
            write([Scored(row, "somewhere")])
    data = file.getvalue()
    return gzip.decompress(data) if name.endswith(".gz") else data


def read(name, data):
    """The rows as lists of cells, the columns first."""
    if ".csv" in name or ".tsv" in name:
        text = io.StringIO(data.decode(), newline="")
        return list(csv.reader(text, delimiter="," if ".csv" in name else "\t", strict=True))
    if ".jsonl" in name:
        rows = [json.loads(line) for line in data.decode().removesuffix("\n").split("\n")]
        return [list(rows[0]), *(list(row.values()) for row in rows)]
    table = pq.read_table(io.BytesIO(data))
    return [table.column_names, *(list(row.values()) for row in table.to_pylist())]


@st.composite
def tables(draw):
    columns = draw(st.lists(CELL, min_size=1, max_size=4, unique=True))
    types = {name: draw(st.sampled_from([str, float])) for name in columns}
    cells = st.tuples(*(CELL if kind is str else NUMBER for kind in types.values()))
    row = cells.map(lambda own: dict(zip(types, own, strict=True)))
    return types, draw(st.lists(row, min_size=1, max_size=4))


@pytest.mark.parametrize(
    "name",
    ["a.csv", "a.tsv", "a.jsonl", "a.parquet", "a.csv.gz", "a.tsv.gz", "a.jsonl.gz"],
)
@settings(deadline=None, max_examples=40)
@given(table=tables())
def test_any_table_is_read_back_equal(name, table):
    types, rows = table
    found, *own = read(name, written(name, types, rows))
    assert found == list(types)
    converted = [
        [kind(cell) for kind, cell in zip(types.values(), row, strict=True)] for row in own
    ]
    assert converted == [list(row.values()) for row in rows]


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
@settings(deadline=None, max_examples=60)
@given(table=tables())
def test_guarded_tables_differ_by_quote_marks_alone(name, table):
    types, rows = table
    before = read(name, written(name, types, rows))
    after = read(name, written(name, types, rows, formula_guard=True))
    assert after == [[guarded(cell) for cell in row] for row in before]


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+cmd|' /C calc'!A0",
        "-2+3",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        "＝1",
        "-",
        "+",
        "-3.5 ",
    ],
)
def test_what_a_spreadsheet_would_run_gets_a_quote_mark(text):
    assert guarded(text) == f"'{text}"


@pytest.mark.parametrize(
    "text", ["", "-3.5", "+1", "-.5", "-1e5", "-2.", "fine", "'=1", " =1", "3-2", "1=1"]
)
def test_numbers_and_texts_stay_as_they_are(text):
    assert guarded(text) == text


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_columns_and_labels_are_guarded_too(name):
    types = {"=A1": str, "label": str, "probability": float}
    rows = [{"=A1": "@x", "label": "+good", "probability": 0.5}]
    found = read(name, written(name, types, rows, formula_guard=True))
    assert found == [["'=A1", "label", "probability"], ["'@x", "'+good", "0.5"]]


@pytest.mark.parametrize("name", ["a.jsonl", "a.parquet"])
def test_json_and_parquet_are_never_guarded(name):
    assert read(name, written(name, {"a": str}, [{"a": "=1"}], formula_guard=True))[1] == ["=1"]


def test_lines_end_with_a_line_feed_and_text_stays_readable():
    data = written("a.csv", {"a": str, "b": str}, [{"a": "x\r", "b": "é"}])
    assert data == 'a,b\n"x\r",é\n'.encode()
    assert written("a.jsonl", {"a": str}, [{"a": "é"}]) == '{"a": "é"}\n'.encode()


def test_equal_tables_are_equal_files():
    assert written("a.csv.gz", {"a": str}, []) == written("a.csv.gz", {"a": str}, [])


@pytest.mark.parametrize("name", ["a.csv", "a.parquet"])
def test_a_key_without_a_column_is_refused_with_its_place(name):
    with pytest.raises(DataError, match="somewhere: the key 'late'") as fault:
        written(name, {"a": str}, [{"a": "x", "late": "y"}])
    assert ".jsonl" in fault.value.hint


def test_json_lines_hold_any_key():
    assert b'"late": "y"' in written("a.jsonl", {"a": str}, [{"a": "x", "late": "y"}])


@pytest.mark.parametrize("name", ["a", "a.json", "a.xlsx", "a.parquet.gz", "a.gz", "csv"])
def test_another_ending_is_a_usage_error(name):
    with pytest.raises(UsageError, match=r"--out a|--out csv") as fault:
        require_table(Path(name))
    assert ".jsonl" in fault.value.hint
