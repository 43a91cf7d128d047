"""The delimiter of a .csv file is found in its header."""

from __future__ import annotations

import gzip
from pathlib import Path

import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.inference.shards import shards_of
from sentiment_cli.reviews.sources import open_source
from sentiment_cli.reviews.sources.delimiter import found_delimiter
from sentiment_cli.reviews.sources.opening import source_files
from sentiment_cli.reviews.sources.source import FIELD_LIMIT, Skipped


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("text,label", ","),
        ("text;label", ";"),
        ("text\tlabel", "\t"),
        ("text;la,bel", ","),
        ("text\tla;bel", ";"),
        ("text", ","),
        ("", ","),
        ('"text";"label"', ";"),
        ('"text, long";"label"', ";"),
        ('label;"text, long"', ";"),
        ('"text, ""long"", one";"label"', ";"),
        ('"text\n, long";label', ";"),
        ('"text; long"', ","),
        ('"text; long",label', ","),
        ('5" disc, 7" disc;label', ","),
        ('"text";la,bel', ","),
        ('"text, never closed;label', ","),
        ("\n\r\ntext;label", ";"),
        ('""\na;b', ","),
    ],
)
def test_the_header_alone_decides(header: str, delimiter: str) -> None:
    lines = f"{header}\na,b;c\td\n".splitlines(keepends=True)
    assert found_delimiter(lines) == delimiter


def test_no_more_than_the_header_is_taken() -> None:
    rest = iter(["text;label\r\n", "a;b\r\n"])
    found_delimiter(rest)
    assert list(rest) == ["a;b\r\n"]


def test_a_quote_that_is_never_closed_ends_somewhere() -> None:
    line = "x" * (FIELD_LIMIT // 4)
    rest = iter(['"', *[line] * 9])
    assert found_delimiter(rest) == ","
    assert next(rest) == line


def test_a_table_of_a_spreadsheet(tmp_path: Path) -> None:
    rows = 'Datum;Text;Sterne\r\n1.2.24;"Gut; sehr, sehr ""gut""";5\r\n2.2.24;zäh, fad;1\r\n'
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(rows.encode("utf-8-sig")))
    source = open_source("a.csv.gz", base=tmp_path)
    assert source.columns == ["Datum", "Text", "Sterne"]
    assert [row.values["Text"] for row in source.rows()] == ['Gut; sehr, sehr "gut"', "zäh, fad"]
    assert source.delimiters == (";",)


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_what_excel_writes_above_the_header_is_no_header(between: str, tmp_path: Path) -> None:
    rows = f"sep={between}\r\ntext{between}stars\r\ngood{between}5\r\nbad{between}1{between}2\r\n"
    (tmp_path / "a.csv").write_bytes(rows.encode("utf-8-sig"))
    source = open_source("a.csv", base=tmp_path)
    assert (source.columns, source.delimiters) == (["text", "stars"], (between,))
    found = source.rows()
    assert dict(next(found).values) == {"text": "good", "stars": "5"}
    with pytest.raises(DataError, match=r"a\.csv:4: "):
        next(found)


def test_another_encoding(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("Käufer;Text\nBär;zäh, fad\n".encode("cp1252"))
    source = open_source("a.csv", base=tmp_path, encoding="cp1252")
    assert [dict(row.values) for row in source.rows()] == [{"Käufer": "Bär", "Text": "zäh, fad"}]


def test_a_tsv_is_read_with_tabs(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text("text;label\na\n")
    source = open_source("a.tsv", base=tmp_path)
    assert (source.columns, source.delimiters) == (["text;label"], ())


def test_each_file_has_its_own(tmp_path: Path) -> None:
    for name, between in (("a", ","), ("b", ";"), ("c", "\t")):
        (tmp_path / f"{name}.csv").write_text(f"text{between}label\n{name}{between}1\n")
    source = open_source("*.csv", base=tmp_path)
    assert [row.values["text"] for row in source.rows()] == ["a", "b", "c"]
    assert source.delimiters == (",", ";", "\t")


def test_a_shard_finds_it_again(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("text;label\na, b;1\n")
    [shard] = shards_of(source_files("a.csv", base=tmp_path))
    [row] = shard.rows(["text", "label"], Skipped("error"))
    assert row.values == {"text": "a, b", "label": "1"}


def test_the_delimiter_is_part_of_what_a_source_is_known_by(tmp_path: Path) -> None:
    for name in ("a.csv", "a.tsv"):
        (tmp_path / name).write_text("text;label\na;1\n")
    same, other = (open_source(name, base=tmp_path) for name in ("a.csv", "a.tsv"))
    assert same.fingerprint() != other.fingerprint()


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("text\na,b\n", r"a\.csv:2: expected 1 field, got 2: 'a,b'$"),
        ("text;label\na, b\n", r"a\.csv:2: expected 2 fields, got 1: 'a, b'$"),
        ('text;label\n"a";1;2\n', r"a\.csv:2: expected 2 fields, got 3"),
        ('text;label\n"a" b;1\n', r"a\.csv:2: text after a closing quote"),
    ],
)
def test_a_broken_row_is_told_by_the_delimiter_that_was_found(
    tmp_path: Path, content: str, what: str
) -> None:
    (tmp_path / "a.csv").write_text(content)
    with pytest.raises(DataError, match=what):
        list(open_source("a.csv", base=tmp_path).rows())
