"""Damaged files: told by name and, where there is one, by line; they are never skipped."""

from __future__ import annotations

import gzip
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources import FIELD_LIMIT, Source, files, open_source

Make = Callable[..., Source]
LONG = "x" * (FIELD_LIMIT + 10)


@pytest.mark.parametrize("on_bad_rows", ["error", "skip"])
@pytest.mark.parametrize("before", [1, 20_000])
def test_bytes_of_another_encoding_are_told_with_their_line(
    make: Make, before: int, on_bad_rows: str
) -> None:
    content = b"text,label\n" + b"fine enough,1\n" * before + b"caf\xe9 noir,1\nlast,0\n"
    with pytest.raises(DataError, match=r"byte e9 is not utf-8: b'caf\\xe9 noir,1'") as caught:
        list(make("a.csv", content, on_bad_rows=on_bad_rows).rows())
    assert caught.value.what.startswith(f"a.csv:{before + 2}: ")
    assert "data.encoding" in (caught.value.hint or "")


def test_a_file_cut_within_a_character(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.jsonl:2: byte c3 is not utf-8"):
        list(make("a.jsonl", b'{"text": "a"}\n{"text": "\xc3').rows())


def test_a_cut_utf16_file(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.csv:3: byte 62 is not utf-16-le"):
        list(make("a.csv", "\ufefftext\na\nb".encode("utf-16-le")[:-1]).rows())


def test_utf16_without_a_mark_is_recognised_as_no_utf8_text(make: Make) -> None:
    with pytest.raises(DataError, match="NUL bytes as in UTF-16") as caught:
        make("a.csv", "text,label\na,1\n".encode("utf-16-le"))
    assert "utf-16-le" in (caught.value.hint or "")


LISTS = {
    "cut": ('[{"text": "a"},\n{"text": "b', r"a\.json:2: Unterminated string"),
    "cut after a comma": ('[{"text": "a"},\n', r"a\.json:2: Expecting value.*the end of the file"),
    "text behind it": ('[{"text": "a"}]\n\nx', r"a\.json:3: Expecting value"),
    "deep": ('[{"text": "a"},\n' + "[" * 100_000, r"a\.json:2: an element nested too deeply"),
    "long": (f'[{{"text": "a"}},\n{{"text": "{LONG}"}}]', r"a\.json:2: an element of more than 10"),
}


@pytest.mark.parametrize(("content", "what"), LISTS.values(), ids=LISTS)
@pytest.mark.parametrize("on_bad_rows", ["error", "skip"])
def test_a_broken_json_list_cannot_be_read_on(
    make: Make, content: str, what: str, on_bad_rows: str
) -> None:
    with pytest.raises(DataError, match=what):
        list(make("a.json", content, on_bad_rows=on_bad_rows).rows())


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


def test_more_columns_than_any_reviews_have(make: Make) -> None:
    with pytest.raises(DataError, match="100,000 columns; the maximum is 10,000"):
        make("a.csv", ",".join(f"c{number}" for number in range(100_000)) + "\n")
    objects = (json.dumps({f"{row}-{key}": 1 for key in range(500)}) for row in range(200))
    with pytest.raises(DataError, match="10,500 columns"):
        make("a.jsonl", "\n".join(objects))


def test_a_pipe_or_a_device_keeps_nobody_waiting(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe.csv")
    (tmp_path / "endless.jsonl").symlink_to("/dev/zero")
    for name in ("pipe.csv", "endless.jsonl"):
        with pytest.raises(DataError, match=f"{name} is not a plain file"):
            open_source(name, base=tmp_path)
    (tmp_path / "reviews" / "pos").mkdir(parents=True)
    os.mkfifo(tmp_path / "reviews" / "pos" / "1.txt")
    source = open_source("reviews", base=tmp_path)
    with pytest.raises(DataError, match=r"reviews/pos/1\.txt is not a plain file"):
        list(source.rows())
    with pytest.raises(DataError, match=r"reviews/pos/1\.txt is not a plain file"):
        source.fingerprint()


def test_a_broken_header(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.csv:1: the column names: a quote"):
        make("a.csv", '"text,label\na,1\n', on_bad_rows="skip")


@pytest.mark.parametrize("name", ["a.csv.gz", "a.jsonl.gz"])
def test_a_cut_gzip(make: Make, name: str) -> None:
    row = '{"text": "%s"}\n' if "json" in name else "%s\n"
    content = "text\n" * ("csv" in name) + "".join(row % os.urandom(30).hex() for _ in range(3000))
    with pytest.raises(DataError, match=r"cannot unpack a\."):
        list(make(name, gzip.compress(content.encode())[:-2000]).rows())


def test_a_damaged_gzip(make: Make) -> None:
    packed = bytearray(gzip.compress(b"text\n" + os.urandom(9000).hex().encode()))
    packed[3000:3100] = bytes(100)
    with pytest.raises(DataError, match=r"cannot unpack a\."):
        list(make("a.csv.gz", bytes(packed)).rows())


def test_a_gzip_bomb_stops_at_the_field_limit(make: Make) -> None:
    bomb = gzip.compress(b"text\n" + b"a" * (4 * FIELD_LIMIT), 1)
    assert len(bomb) < FIELD_LIMIT
    with pytest.raises(DataError, match=r"a\.csv\.gz:2: more than 10,000,000 char"):
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
    with pytest.raises(DataError, match=r"a\.parquet is not a whole Parquet file"):
        make("a.parquet", cut)


def test_a_parquet_column_twice(make: Make) -> None:
    out = io.BytesIO()
    pq.write_table(pa.table([pa.array(["a"]), pa.array(["b"])], names=["text", "text"]), out)
    with pytest.raises(DataError, match="two columns named 'text'"):
        make("a.parquet", out.getvalue())


def test_parquet_bytes_that_are_no_text_are_named_when_they_come_late(make: Make) -> None:
    with pytest.raises(
        DataError,
        match=r"a\.parquet: column 'text' has values that are not text in rows 1 to 101",
    ):
        list(make("a.parquet", parquet(text=pa.array([b"a"] * 100 + [b"\xff"]))).rows())


def test_parquet_columns_without_text_are_not_read(make: Make) -> None:
    days = pa.array([[3_000_000]], pa.list_(pa.int32())).cast(pa.list_(pa.date32()))
    image = pa.array([{"bytes": b"\x89PNG\xff", "path": "a.png"}])
    content = parquet(text=pa.array(["fine"]), image=image, raw=pa.array([b"\xff"]), when=days)
    source = make("a.parquet", content)
    assert [dict(row.values) for row in source.rows()] == [{"text": "fine", "image.path": "a.png"}]
    assert source.notes == ["columns that hold no text, not read: 'image.bytes', 'raw', 'when'"]


def test_a_gzip_bomb_around_parquet(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "UNPACKED_FREE", 1 << 20)
    with pytest.raises(DataError, match="unpacks to more than"):
        make("a.parquet.gz", gzip.compress(bytes(1 << 22), 9))


def test_a_file_that_changes_while_it_is_read(make: Make, tmp_path: Path) -> None:
    rows = make("a.csv", "text\n" + "a\n" * 1000).rows()
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
