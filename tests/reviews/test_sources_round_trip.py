"""Any table of Unicode strings is read back equal, whoever wrote it and however it is packed."""

from __future__ import annotations

import csv
import gzip
import io
import json
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.reviews.sources import ReadOptions, open_source

Table = tuple[list[str], list[list[str]]]

ANY = st.characters(exclude_categories=["Cs"])
NO_NUL = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
AWKWARD = st.sampled_from(
    [
        "",
        "NA",
        "null",
        "None",
        "nan",
        "01",
        "1e3",
        '"',
        '""',
        ",",
        ";",
        "\t",
        "\r",
        "\n",
        "\r\n",
        "\ufeff",
    ]
)


@st.composite
def tables(draw: st.DrawFn, characters: st.SearchStrategy[str]) -> Table:
    """Columns and rows of strings; no row repeats the column names."""
    field = st.text(characters, max_size=8) | AWKWARD
    name = field.map(lambda text: f"c{text}".replace("\0", ""))
    columns = draw(st.lists(name, min_size=1, max_size=4, unique=True))
    row = st.lists(field, min_size=len(columns), max_size=len(columns)).filter(columns.__ne__)
    return columns, draw(st.lists(row, min_size=1, max_size=6))


def delimited(table: Table, delimiter: str) -> bytes:
    columns, rows = table
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows([columns, *rows])
    return out.getvalue().encode()


def objects(table: Table) -> list[dict[str, str]]:
    return [dict(zip(table[0], row, strict=True)) for row in table[1]]


def json_lines(table: Table) -> bytes:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in objects(table)).encode()


def json_list(table: Table) -> bytes:
    return json.dumps(objects(table), indent=1).encode()


def parquet(table: Table) -> bytes:
    columns, rows = table
    out = io.BytesIO()
    arrays = [pa.array(list(values), pa.string()) for values in zip(*rows, strict=True)]
    pq.write_table(pa.table(arrays, names=columns), out, row_group_size=2)
    return out.getvalue()


def check(table: Table, name: str, content: bytes, delimiter: str | None = None) -> None:
    options = ReadOptions(delimiter=delimiter, quote='"', escape="")
    with tempfile.TemporaryDirectory() as folder:
        for packed in (False, True):
            path = Path(folder, name + ".gz" * packed)
            path.write_bytes(gzip.compress(content, 1) if packed else content)
            source = open_source(path.name, base=Path(folder), options=options)
            assert source.columns == table[0]
            for _ in range(2):
                read = [[row.values[c] for c in source.columns] for row in source.rows()]
                assert read == table[1]


few = settings(deadline=None, max_examples=30)


@few
@given(tables(NO_NUL), st.sampled_from(list(",;\t")))
def test_csv(table: Table, delimiter: str) -> None:
    check(table, "table.csv", delimited(table, delimiter), delimiter)


@few
@given(tables(NO_NUL))
def test_tsv(table: Table) -> None:
    check(table, "table.tsv", delimited(table, "\t"), "\t")


@few
@given(tables(ANY))
def test_json_lines(table: Table) -> None:
    check(table, "table.jsonl", json_lines(table))


@few
@given(tables(ANY))
def test_json_list(table: Table) -> None:
    check(table, "table.json", json_list(table))


@few
@given(tables(ANY))
def test_parquet(table: Table) -> None:
    check(table, "table.parquet", parquet(table))


@few
@given(tables(NO_NUL), st.sampled_from(list(",;\t")), st.sampled_from(["utf-8-sig", "utf-16"]))
def test_csv_with_a_byte_order_mark(table: Table, delimiter: str, encoding: str) -> None:
    content = delimited(table, delimiter).decode().encode(encoding)
    check(table, "table.csv", content, delimiter)


@pytest.mark.parametrize("write", [json_lines, json_list, parquet])
def test_more_rows_than_any_buffer_holds(write: Callable[[Table], bytes]) -> None:
    table = (["text", "label"], [[f"review {n} " * 40, str(n)] for n in range(1500)])
    ending = {json_lines: ".jsonl", json_list: ".json", parquet: ".parquet"}[write]
    check(table, f"table{ending}", write(table))


fields = st.text(st.sampled_from('ab1,\t" é'), max_size=5)
quoting = st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL])
opened = st.sampled_from(['"open', '"open,1', 'a,"open', '"op""en, ""'])


@few
@given(st.lists(st.tuples(fields, fields), min_size=1, max_size=5), quoting, opened, st.data())
def test_a_line_with_an_unclosed_quote_costs_itself_alone(
    rows: list[tuple[str, str]], quoting: Literal[0, 1], opened: str, data: st.DataObject
) -> None:
    out = io.StringIO(newline="")
    csv.writer(out, quoting=quoting, lineterminator="\n").writerows(rows)
    lines = out.getvalue().splitlines()
    place = data.draw(st.integers(0, len(lines)))
    lines.insert(place, opened)
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "table.csv").write_text("\n".join(["text,label", *lines]))
        source = open_source(
            "table.csv",
            base=Path(folder),
            options=ReadOptions(on_bad_rows="skip", delimiter=",", quote='"', escape=""),
        )
        assert [tuple(row.values.values()) for row in source.rows()] == rows
        assert source.skipped.places == [f"table.csv:{place + 2}"]
