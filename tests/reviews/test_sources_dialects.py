"""Delimited files are read as meant, whatever program wrote them."""

from __future__ import annotations

import bz2
import csv
import gzip
import io
import lzma
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.reviews.sources import ReadOptions, Source, open_source

Make = Callable[..., Source]

TEXTS = [
    "Good, really good; I would buy it again.",
    'He said "never again" and left | angry',
    "First line\nsecond line, with a comma\n\nfourth",
    "It's fine",
    "",
    "Schön, für 5 €; naja",
    "tab\there",
    "C:\\new\\folder is gone",
    '"All of it is a quotation."',
    " blanks around ",
]
PACK: dict[str, Callable[[bytes], bytes]] = {
    "": bytes,
    ".gz": gzip.compress,
    ".bz2": bz2.compress,
    ".xz": lzma.compress,
}


@dataclass(frozen=True)
class Layout:
    """How a file is written."""

    delimiter: str
    quoting: Literal[0, 1, 2]
    end: str
    above: str
    trailing: int
    encoding: str
    packed: str
    repeat: bool


LAYOUTS = st.builds(
    Layout,
    delimiter=st.sampled_from(",;\t|"),
    quoting=st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL, csv.QUOTE_NONNUMERIC]),
    end=st.sampled_from(["\n", "\r\n"]),
    above=st.sampled_from(["", "Export of reviews\n", "Reviews\n\nMade on: today\n\n", "\n\n"]),
    trailing=st.integers(0, 2),
    encoding=st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]),
    packed=st.sampled_from(sorted(PACK)),
    repeat=st.booleans(),
)


@settings(deadline=None, max_examples=150)
@given(LAYOUTS, st.lists(st.sampled_from(TEXTS), min_size=8, max_size=20))
def test_delimited_file_is_read_as_it_was_written(layout: Layout, texts: list[str]) -> None:
    rows = [[str(n), text, "good" if n % 2 else "bad"] for n, text in enumerate(texts)]
    out = io.StringIO(newline="")
    out.write(layout.above)
    more = [""] * layout.trailing
    writer = csv.writer(
        out, delimiter=layout.delimiter, quoting=layout.quoting, lineterminator=layout.end
    )
    header = ["id", "review", "label"]
    for row in [header, *rows, *([header] if layout.repeat else []), *rows]:
        writer.writerow([*row, *more])
    content = PACK[layout.packed](out.getvalue().encode(layout.encoding))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, f"a.csv{layout.packed}").write_bytes(content)
        source = open_source(f"a.csv{layout.packed}", base=Path(folder))
        assert source.columns == header
        assert [list(row.values.values()) for row in source.rows()] == rows * 2
        assert any("repeat the header" in note for note in source.notes) == layout.repeat


def texts(source: Source, column: str = "text") -> list[str]:
    return [row.values[column] for row in source.rows()]


def table(line: str, rows: int = 12) -> str:
    """A table of two columns; a line has the number of its row in it."""
    return "".join(line.format(n=n, stars=n % 5 + 1) + "\n" for n in range(rows))


DIALECTS = {
    "a plain file": ("text,stars\n" + table("fine {n},{stars}"), "fine 0", []),
    "semicolons and decimal commas": (
        "text;stars (1,0 to 5,0)\n" + table("fine, {n};{stars},0"),
        "fine, 0",
        ["delimiter: semicolon"],
    ),
    "vertical bars": ("text|stars\n" + table("fine, {n}|{stars}"), "fine, 0", ["vertical bar"]),
    "escaped quotes": (
        "text,stars\n" + table('"so \\"fine\\" {n}, at C:\\new",{stars}'),
        'so "fine" 0, at C:\\new',
        ["quotes are escaped by \\"],
    ),
    "blanks after commas": (
        "text, stars\n" + table('"fine, {n}", {stars}'),
        "fine, 0",
        ["blanks after delimiters"],
    ),
    "blanks before quotes": (
        "id, text, stars\n" + table('{n}, "fine, {n}", {stars}'),
        "fine, 0",
        ["blanks after delimiters"],
    ),
    "quotes as text": (
        "text,stars\n" + table('"Fine" {n} they said,{stars}'),
        '"Fine" 0 they said',
        ["quotes are text"],
    ),
    "sep=": ("sep=|\r\ntext|stars\r\n" + table("fine, {n}|{stars}"), "fine, 0", ["vertical bar"]),
    "lines above": (
        "Export\nMade,today\n\ntext,stars,id\n" + table("fine {n},{stars},{n}"),
        "fine 0",
        ["lines above the column names, not read: 2, such as 'Export'"],
    ),
    "padded lines above": (
        "Export,\n,\ntext,stars\n" + table("fine {n},{stars}"),
        "fine 0",
        ["not read: 1, such as 'Export'"],
    ),
    "a comma at the end of rows": ("text,stars\n" + table("fine {n},{stars},"), "fine 0", []),
    "a comma at the end of the header": ("text,stars,\n" + table("fine {n},{stars}"), "fine 0", []),
    "an unnamed empty column": ("text,,stars\n" + table("fine {n},,{stars}"), "fine 0", []),
    "one column of texts with commas": ("text\n" + table("fine, {n}, {n}"), "fine, 0, 0", []),
}


@pytest.mark.parametrize(("content", "first", "notes"), DIALECTS.values(), ids=DIALECTS)
def test_dialect_is_detected_and_noted(
    make: Make, content: str, first: str, notes: list[str]
) -> None:
    source = make("a.csv", content)
    found = texts(source)
    assert (found[0], len(found)) == (first, 12)
    assert "" not in source.columns
    assert len(source.notes) == len(notes)
    assert all(part in note for part, note in zip(notes, source.notes, strict=True))


TABS = {
    "quoted words": ('"Fine" {n} they said\t{stars}', '"Fine" 0 they said'),
    "a quote that another row closes": ('{n}"\tx"{stars}', '0"'),
    "fields that are quoted because of quotes": ('"say ""fine"" {n}"\t{stars}', 'say "fine" 0'),
    "fields that are quoted because of tabs": ('"fine\t{n}"\t{stars}', "fine\t0"),
    "a column that is always quoted": ('"fine {n}"\t{stars}', "fine 0"),
    "a column with escaped quotes": ('"say \\"fine\\" {n}"\t{stars}', 'say "fine" 0'),
}


@pytest.mark.parametrize(("line", "first"), TABS.values(), ids=TABS)
def test_quotes_in_tsv_are_text_unless_all_fields_are_well_quoted(
    make: Make, line: str, first: str
) -> None:
    found = texts(make("a.tsv", "text\tstars\n" + table(line)))
    assert (found[0], len(found)) == (first, 12)


def test_one_quoted_text_in_tsv_keeps_its_quotes(make: Make) -> None:
    source = make("a.tsv", "text\tstars\n" + table("fine {n}\t{stars}") + '"Fine."\t5\n')
    assert texts(source)[-1] == '"Fine."'


@pytest.mark.parametrize(
    ("header", "line", "columns"),
    [
        (",text,stars", "{n},fine,{stars}", ["column 1", "text", "stars"]),
        ('"text","stars"', '"{n}","fine","{stars}"', ["column 1", "text", "stars"]),
        ("text,stars,", "fine,{stars},x{n}", ["text", "stars", "column 3"]),
    ],
)
def test_unnamed_column_with_values_gets_a_name(
    make: Make, header: str, line: str, columns: list[str]
) -> None:
    source = make("a.csv", f"{header}\n{table(line)}")
    assert source.columns == columns
    assert texts(source)[0] == "fine"


def test_late_value_in_an_unnamed_column_is_noted(make: Make) -> None:
    rows = "".join(f"fine {n},{n % 5},\n" for n in range(1500))
    source = make("a.csv", f"text,stars,\n{rows}spilled,5,over\n")
    assert len(texts(source)) == 1501
    assert source.notes == ["values in a column without a name, not read: 1, first at a.csv:1502"]


def test_repeated_headers_are_no_rows_and_are_counted(make: Make) -> None:
    content = "text,stars\n" + table("fine {n},{stars}")
    source = make("a.csv", content * 3)
    assert len(texts(source)) == 36
    assert source.notes == ["rows that repeat the header, not read: 2, first at a.csv:14"]
    assert source.skipped.count == 0


def test_rows_within_a_stray_quote_are_rows_of_their_own(make: Make) -> None:
    lines = [f"fine {n},{n % 5 + 1}" for n in range(30)]
    lines[10] = f'"{lines[10]}'
    lines[14] = 'fine 14",5'
    source = make("a.csv", "text,stars\n" + "\n".join(lines) + "\n")
    rows = list(source.rows())
    assert [row.number for row in rows] == list(range(2, 32))
    assert [rows[n].values["text"] for n in (10, 11, 14)] == ['"fine 10', "fine 11", 'fine 14"']
    assert [rows[n].values["stars"] for n in (10, 11, 14)] == ["1", "2", "5"]
    assert source.notes == [
        "lines within quotes that are rows of their own, read as rows: 5, first at a.csv:12"
    ]


def test_text_of_several_lines_with_the_delimiters_of_rows_stays_one_row(make: Make) -> None:
    content = "text,stars\n" + table('"well, friends\nbye {n}",{stars}')
    source = make("a.csv", content)
    assert texts(source)[0] == "well, friends\nbye 0"
    assert source.notes == []


@pytest.mark.parametrize(
    ("header", "looks"), [("fine,5", "'5'"), ("the best of them,good", "'good'")]
)
def test_header_that_looks_like_data_is_noted_and_can_be_read_as_data(
    make: Make, header: str, looks: str
) -> None:
    content = f"{header}\n" + "".join(f"text {n},{'bad' if n % 2 else 'good'}\n" for n in range(9))
    source = make("a.csv", content)
    assert source.notes == [
        f"the column name {looks} looks like a value: if the first row is data, add "
        "--set data.header=false"
    ]
    source = make("a.csv", content, header=False)
    assert source.columns == ["column 1", "column 2"]
    assert (len(texts(source, "column 1")), source.notes) == (10, [])


def test_two_equal_values_in_a_first_row_of_data_hint_at_the_setting(make: Make) -> None:
    with pytest.raises(DataError, match="two columns named '1'") as caught:
        make("a.csv", "1,fine,1\n" + table("{n},fine {n},{stars}"))
    assert "--set data.header=false" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("content", "options", "first"),
    [
        ("text:stars\nfine, {n}:1\n", {"delimiter": ":"}, "fine, {n}"),
        ("text,stars\n'fine, ''{n}''',1\n", {"quote": "'"}, "fine, '{n}'"),
        ('text,stars\n"fine {n}",1\n', {"quote": ""}, '"fine {n}"'),
        ('text,stars\n"so ^"fine^" {n}",1\n', {"escape": "^"}, 'so "fine" {n}'),
    ],
)
def test_what_is_asked_for_is_not_detected(
    make: Make, content: str, options: dict[str, Any], first: str
) -> None:
    assert texts(make("a.csv", content, **options)) == [first]


@pytest.mark.parametrize("options", [{"delimiter": '"'}, {"delimiter": "\n"}])
def test_characters_that_cannot_be_told_apart_are_refused(
    make: Make, options: dict[str, str]
) -> None:
    with pytest.raises((UsageError, DataError)):
        list(make("a.csv", 'text,stars\n"fine",1\n', **options).rows())


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("text;label\na, b\n", r"a\.csv:2: expected 2 fields, got 1: 'a, b'$"),
        ("text,label\nwell, well,1\noh, no,0\n", r"a\.csv:2: expected 2 fields, got 3"),
        ('text;label\n"a";1;2\n', r"a\.csv:2: expected 2 fields, got 3"),
        ('text;label\n"a" b;1\n', r"a\.csv:2: text after a closing quote"),
        ("text,label\n" + table("fine,1") + '"open,1\n', r"a\.csv:14: a quote is opened and never"),
    ],
)
def test_broken_row_is_an_error_in_the_detected_dialect(
    make: Make, content: str, what: str
) -> None:
    with pytest.raises(DataError, match=what):
        list(make("a.csv", content).rows())


def test_row_numbers_are_right_below_a_header_of_several_lines(make: Make) -> None:
    source = make("a.csv", 'Export\n\n"the\ntext",stars\n\n' + table("fine {n},{stars}"))
    assert next(source.rows()).place == "a.csv:6"
    assert source.columns == ["the\ntext", "stars"]


def test_files_of_a_glob_have_dialects_of_their_own(make: Make, tmp_path: Path) -> None:
    for name, between in (("a", ","), ("b", ";"), ("c", "\t")):
        make(f"{name}.csv", f"text{between}label\n{name}{between}1\n")
    source = open_source("*.csv", base=tmp_path, options=ReadOptions())
    assert texts(source) == ["a", "b", "c"]
    assert source.notes == [
        "3 sources are read as one, from a.csv to c.csv",
        "b.csv: delimiter: semicolon",
        "c.csv: delimiter: tab",
    ]
