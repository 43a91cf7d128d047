"""Broken rows and damaged files: told with file, place and a look, or skipped and counted."""

from __future__ import annotations

import gzip
import io
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources import FIELD_LIMIT, Source

Make = Callable[..., Source]

LONG = "x" * (FIELD_LIMIT + 10)

ROWS = {
    "too many fields": (
        "a.csv",
        "text,label\nfine,1\nwell, well,1\nlast,0\n",
        3,
        r"expected 2 fields, got 3: 'well, well,1'$",
    ),
    "too few fields": ("a.tsv", "text\tlabel\nfine\t1\nwell\nlast\t0\n", 3, r"got 1: 'well'$"),
    "quote open at the end": (
        "a.csv",
        'text,label\n"open,1\nfine,1\nlast,0\n',
        2,
        r"a quote is opened and never closed: '\"open,1'$",
    ),
    "quote open before a quoted row": (
        "a.csv",
        'text,label\n"open,1\nfine,1\n"last, really",0\n',
        2,
        r"is a quote unclosed.*'\"open,1'$",
    ),
    "quotes not doubled": (
        "a.csv",
        'text,label\nfine,1\n"so "good" it is",1\nlast,0\n',
        3,
        "not doubled",
    ),
    "rows within an open quote that fits no column": (
        "a.csv",
        'text,label\n"open,1\nfine,1\nalso",1,0\nlast,0\n',
        2,
        "expected 2 fields, got 3",
    ),
    "NUL in csv": ("a.csv", "text,label\nfine,1\nwe\0ll,1\nlast,0\n", 3, r"NUL byte: 'we\\x00ll"),
    "carriage return in csv": (
        "a.csv",
        "text,label\nfine,1\nwe\rll,1\nlast,0\n",
        3,
        "carriage return",
    ),
    "long line in csv": ("a.csv", f"text,label\nfine,1\n{LONG},1\nlast,0\n", 3, "10,000,000 char"),
    "long field in csv": (
        "a.csv",
        'text,label\nfine,1\n"' + f"{LONG[: FIELD_LIMIT // 2]}\n" * 3 + '",1\nlast,0\n',
        3,
        "10,000,000 char",
    ),
    "broken JSON": (
        "a.jsonl",
        '{"text": "fine"}\n{"text": oh}\n{"text": "last"}\n',
        2,
        r"broken JSON \(Expecting value, column 10\): '{\"text\": oh}'$",
    ),
    "NUL in JSON": (
        "a.jsonl",
        '{"text": "fine"}\n{"text": "\0"}\n{"text": "last"}\n',
        2,
        "Invalid",
    ),
    "a list among JSON lines": (
        "a.jsonl",
        '{"text": "fine"}\n[1]\n{"text": "last"}\n',
        2,
        "no JSON",
    ),
    "a number in a JSON list": (
        "a.json",
        '[{"text": "fine"},\n17,\n{"text": "last"}]',
        2,
        "no JSON",
    ),
    "a key twice": (
        "a.jsonl",
        '{"text": "fine"}\n{"text": "", "text": ""}\n{"text": "last"}\n',
        2,
        "key 'text' twice",
    ),
    "half a character": (
        "a.jsonl",
        '{"text": "fine"}\n{"text": "\\ud83d"}\n{"text": "last"}\n',
        2,
        r"surrogate pair.*'\\ud83d'",
    ),
    "deep JSON": (
        "a.jsonl",
        '{"text": "fine"}\n{"text": ' + "[" * 100_000 + '\n{"text": "last"}\n',
        2,
        "too deeply",
    ),
    "long line in JSON": (
        "a.jsonl",
        f'{{"text": "fine"}}\n{{"text": "{LONG}"}}\n{{"text": "last"}}\n',
        2,
        "10,000,000 char",
    ),
}


@pytest.mark.parametrize(("name", "content", "line", "what"), ROWS.values(), ids=ROWS)
def test_a_broken_row_stops_with_its_place_and_a_look(
    make: Make, name: str, content: str, line: int, what: str
) -> None:
    with pytest.raises(DataError, match=what) as caught:
        list(make(name, content).rows())
    assert caught.value.what.startswith(f"{name}:{line}: ")
    assert len(caught.value.what) < 220
    assert "data.on_bad_row: skip" in (caught.value.hint or "")


@pytest.mark.parametrize(("name", "content", "line", "what"), ROWS.values(), ids=ROWS)
def test_a_broken_row_is_skipped_alone_and_counted(
    make: Make, name: str, content: str, line: int, what: str
) -> None:
    source = make(name, content, on_bad_row="skip")
    for _ in range(2):
        texts = [row.values["text"] for row in source.rows()]
        assert texts[0] == "fine"
        assert texts[-1].startswith("last")
        assert source.skipped.places[0] == f"{name}:{line}"
        assert source.skipped.count == len(source.skipped.places)


def test_rows_below_an_open_quote_are_read(make: Make) -> None:
    content = "text,label\n" + '"open,1\n' + "".join(f"row {n},0\n" for n in range(2000))
    source = make("a.csv", content, on_bad_row="skip")
    rows = list(source.rows())
    assert [row.place for row in rows] == [f"a.csv:{n}" for n in range(3, 2003)]
    assert source.skipped.places == ["a.csv:2"]


def test_many_broken_rows_are_counted_but_not_all_remembered(make: Make) -> None:
    source = make("a.csv", "text,label\nfine,1\n" + '"open" oh\n' * 3000, on_bad_row="skip")
    assert len(list(source.rows())) == 1
    assert source.skipped.count == 3000
    assert len(source.skipped.places) == 1000


def test_nothing_but_broken_rows_is_refused(make: Make) -> None:
    with pytest.raises(DataError, match="all 2 are broken"):
        list(make("a.csv", "text,label\na\nb\n", on_bad_row="skip").rows())
    with pytest.raises(DataError, match="all 2 rows are broken"):
        make("a.jsonl", "a\nb\n", on_bad_row="skip")


@pytest.mark.parametrize("on_bad_row", ["stop", "skip"])
@pytest.mark.parametrize("before", [1, 20_000])
def test_bytes_of_another_encoding_are_told_with_their_line(
    make: Make, before: int, on_bad_row: str
) -> None:
    content = b"text,label\n" + b"fine enough,1\n" * before + b"caf\xe9 noir,1\nlast,0\n"
    with pytest.raises(DataError, match=r"byte e9 is not utf-8: b'caf\\xe9 noir,1'") as caught:
        list(make("a.csv", content, on_bad_row=on_bad_row).rows())
    assert caught.value.what.startswith(f"a.csv:{before + 2}: ")
    assert "data.encoding" in (caught.value.hint or "")


def test_a_file_cut_within_a_character(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:2: byte c3 is not utf-8"):
        list(make("a.jsonl", b'{"text": "a"}\n{"text": "\xc3').rows())


def test_a_cut_utf16_file(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.csv:3: byte 62 is not utf-16-le"):
        list(make("a.csv", "\ufefftext\na\nb".encode("utf-16-le")[:-1]).rows())


def test_utf16_without_a_mark_is_recognised_as_no_utf8_text(make: Make) -> None:
    with pytest.raises(DataError, match="NUL bytes in the column names") as caught:
        make("a.csv", "text,label\na,1\n".encode("utf-16-le"))
    assert "utf-16-le" in (caught.value.hint or "")


LISTS = {
    "no comma": ('[{"text": "a"}\n{"text": "b"}]', r"a\.json:2: expected , or \]"),
    "cut": ('[{"text": "a"},\n{"text": "b', r"a\.json:2: Unterminated string"),
    "cut after a comma": ('[{"text": "a"},\n', r"a\.json:2: Expecting value.*the end of the file"),
    "text behind it": ('[{"text": "a"}]\n\nx', r"a\.json:3: text after the end"),
    "a comma too many": ('[{"text": "a"},\n]', r"a\.json:2: Expecting value"),
    "deep": ('[{"text": "a"},\n' + "[" * 100_000, r"a\.json:2: an element nested too deeply"),
    "long": (f'[{{"text": "a"}},\n{{"text": "{LONG}"}}]', r"a\.json:2: an element of more than 10"),
}


@pytest.mark.parametrize(("content", "what"), LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("on_bad_row", ["stop", "skip"])
def test_a_broken_json_list_cannot_be_read_on(
    make: Make, content: str, what: str, on_bad_row: str
) -> None:
    with pytest.raises(DataError, match=what):
        list(make("a.json", content, on_bad_row=on_bad_row).rows())


@pytest.mark.parametrize("name", ["a.csv", "a.tsv", "a.jsonl", "a.json", "a.csv.gz", "a.jsonl.gz"])
@pytest.mark.parametrize("content", ["", "\n\n"])
def test_an_empty_file(make: Make, name: str, content: str) -> None:
    with pytest.raises(DataError, match=f"{name} is empty"):
        make(name, content)


def test_an_empty_json_list(make: Make) -> None:
    with pytest.raises(DataError, match="is empty"):
        make("a.json", "[ ]")


@pytest.mark.parametrize(
    ("name", "content"), [("a.csv", "text,label,text\na,1,b\n"), ("a.tsv", "text\ttext\na\tb\n")]
)
def test_a_column_twice(make: Make, name: str, content: str) -> None:
    with pytest.raises(DataError, match="two columns named 'text'"):
        make(name, content)


def test_a_broken_header(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.csv:1: the column names: a quote"):
        make("a.csv", '"text,label\na,1\n', on_bad_row="skip")


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_a_cut_gzip(make: Make, name: str) -> None:
    row = '{"text": "%s"}\n' if "json" in name else "%s\n"
    content = "text\n" * ("csv" in name) + "".join(row % os.urandom(30).hex() for _ in range(3000))
    with pytest.raises(DataError, match="gzip data are cut or damaged"):
        list(make(name, gzip.compress(content.encode())[:-2000]).rows())


def test_a_damaged_gzip(make: Make) -> None:
    packed = bytearray(gzip.compress(b"text\n" + os.urandom(9000).hex().encode()))
    packed[3000:3100] = bytes(100)
    with pytest.raises(DataError, match="gzip data are cut or damaged"):
        list(make("a.csv.gz", bytes(packed)).rows())


def test_a_gzip_bomb_stops_at_the_field_limit(make: Make) -> None:
    bomb = gzip.compress(b"text\n" + b"a" * (4 * FIELD_LIMIT), 1)
    assert len(bomb) < FIELD_LIMIT
    with pytest.raises(DataError, match=r"a\.csv\.gz:2: a line of more than 10,000,000 char"):
        list(make("a.csv.gz", bomb).rows())


def test_much_text_that_packs_well_is_no_bomb(make: Make) -> None:
    content = gzip.compress(b"text\n" + b"good\n" * 50_000, 9)
    assert sum(1 for _ in make("a.csv.gz", content).rows()) == 50_000


def parquet(**columns: pa.Array) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


@pytest.mark.parametrize("keep", [0, 20, 0.5, 0.9])
def test_half_a_parquet_file(make: Make, keep: float) -> None:
    whole = parquet(text=pa.array([f"review {n}" for n in range(500)]))
    cut = whole[: int(keep if keep > 1 else keep * len(whole))]
    with pytest.raises(DataError, match=r"a\.parquet is no whole Parquet file"):
        make("a.parquet", cut)


def test_a_parquet_column_twice(make: Make) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), out)
    with pytest.raises(DataError, match="two columns named 'text'"):
        make("a.parquet", out.getvalue())


def test_parquet_bytes_that_are_no_text(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.parquet: bytes that are no UTF-8 text in rows 1 to 2"):
        list(make("a.parquet", parquet(text=pa.array([b"a", b"\xff"]))).rows())


def test_a_long_field_in_parquet(make: Make) -> None:
    content = parquet(text=pa.array(["fine", LONG, "last"]), label=pa.array([1, 0, 1]))
    with pytest.raises(DataError, match=r"a\.parquet row 2: a field of more than 10,000,000 bytes"):
        list(make("a.parquet", content).rows())
    source = make("a.parquet", content, on_bad_row="skip")
    assert [row.values["text"] for row in source.rows()] == ["fine", "last"]
    assert source.skipped.places == ["a.parquet row 2"]


def test_a_gzip_bomb_around_parquet(make: Make) -> None:
    with pytest.raises(DataError, match="unpacks to more than 200 times its size"):
        make("a.parquet.gz", gzip.compress(bytes(210 << 20), 1))


def test_a_file_that_changes_while_it_is_read(make: Make, tmp_path: Path) -> None:
    rows = make("a.csv", "text\n" + "a\n" * 100_000).rows()
    next(rows)
    with (tmp_path / "a.csv").open("a") as file:
        file.write("b\n")
    with pytest.raises(DataError, match=r"a\.csv changed while it was read"):
        list(rows)


def test_a_file_that_goes_while_it_is_read(make: Make, tmp_path: Path) -> None:
    rows = make("a.csv", "text\na\nb\n").rows()
    next(rows)
    (tmp_path / "a.csv").unlink()
    with pytest.raises(DataError, match=r"a\.csv does not exist"):
        list(rows)


def test_reading_can_be_broken_off_even_when_the_file_is_gone(make: Make, tmp_path: Path) -> None:
    rows = make("a.csv", "text\na\nb\n").rows()
    next(rows)
    (tmp_path / "a.csv").unlink()
    rows.close()  # type: ignore[attr-defined]
