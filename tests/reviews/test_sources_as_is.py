"""Values reach a row as they stand in the file."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.reviews.sources import Source

Make = Callable[..., Source]


def values(source: Source) -> list[dict[str, str]]:
    return [dict(row.values) for row in source.rows()]


def parquet(columns: dict[str, Any]) -> bytes:
    out = io.BytesIO()
    pq.write_table(pa.table(columns), out)
    return out.getvalue()


def test_words_for_nothing_are_texts(make: Make) -> None:
    source = make("a.csv", "text,label\nNA,01\nnull,nan\nNone,\n")
    assert values(source) == [
        {"text": "NA", "label": "01"},
        {"text": "null", "label": "nan"},
        {"text": "None", "label": ""},
    ]


def test_quotes_and_line_breaks_in_fields_hold(make: Make) -> None:
    source = make("a.csv", 'text,label\r\n"one ""two""\r\nthree\n\nfour, five",1\r\n')
    assert values(source)[0]["text"] == 'one "two"\r\nthree\n\nfour, five'


def test_blank_lines_are_no_rows(make: Make) -> None:
    source = make("a.csv", "\ntext,label\n\na,1\n\r\n\nb,2\n\n")
    assert [row.values["text"] for row in source.rows()] == ["a", "b"]
    assert source.skipped.count == 0


def test_a_row_knows_its_first_line(make: Make) -> None:
    source = make("a.csv", 'text,label\n"a\nb\nc",1\nd,0\n')
    assert [row.place for row in source.rows()] == ["a.csv:2", "a.csv:5"]


def test_lines_of_old_macs(make: Make) -> None:
    assert values(make("a.csv", "text,label\ra,1\rb,0\r"))[1] == {"text": "b", "label": "0"}


def test_the_last_line_needs_no_end(make: Make) -> None:
    assert values(make("a.tsv", "text\tlabel\nfine, really\t1")) == [
        {"text": "fine, really", "label": "1"}
    ]


@pytest.mark.parametrize("encoding", ["utf-8-sig", "utf-16-le", "utf-16-be"])
def test_a_byte_order_mark_goes_and_tells_the_encoding(make: Make, encoding: str) -> None:
    mark = "" if encoding == "utf-8-sig" else "\ufeff"
    source = make("a.csv", (mark + "text,label\ncafé 😀,1\n").encode(encoding), encoding="cp1252")
    assert values(source) == [{"text": "café 😀", "label": "1"}]


def test_another_encoding_can_be_asked_for(make: Make) -> None:
    source = make("a.csv", "text,label\ncafé – nice,1\n".encode("cp1252"), encoding="cp1252")
    assert values(source)[0]["text"] == "café – nice"


@pytest.mark.parametrize("encoding", ["utf-9", "rot13", "a\0b"])
def test_an_unknown_encoding_is_refused(make: Make, encoding: str) -> None:
    with pytest.raises(UsageError, match=r"data\.encoding"):
        make("a.csv", "text\na\n", encoding=encoding)


def test_gzip_is_known_by_its_bytes(make: Make) -> None:
    assert values(make("a.csv.gz", "text,label\nplain,1\n")) == [{"text": "plain", "label": "1"}]


def test_json_values_become_their_json_text(make: Make) -> None:
    source = make(
        "a.jsonl",
        '{"a": 1, "b": 1.50, "c": true, "d": false, "e": null, "f": [0, 1.0, "x"],'
        ' "g": {"h": null, "é": "ü"}, "i": 123456789012345678901234567890, "j": NaN}\n',
    )
    assert values(source)[0] == {
        "a": "1",
        "b": "1.50",
        "c": "true",
        "d": "false",
        "e": "",
        "f": '[0, 1.0, "x"]',
        "g.h": "",
        "g.é": "ü",
        "i": "123456789012345678901234567890",
        "j": "NaN",
    }


def test_json_numbers_beyond_pythons_digits(make: Make) -> None:
    digits = "7" * 5000
    assert values(make("a.jsonl", f'{{"a": {digits}}}\n'))[0]["a"] == digits


def test_a_json_key_left_out_is_an_empty_text(make: Make) -> None:
    source = make("a.jsonl", '{"text": "a", "label": 1}\n\n{"stars": 5, "text": "b"}\n')
    assert source.columns == ["text", "label", "stars"]
    assert values(source) == [
        {"text": "a", "label": "1", "stars": ""},
        {"text": "b", "label": "", "stars": "5"},
    ]
    assert [row.place for row in source.rows()] == ["a.jsonl:1", "a.jsonl:3"]


def test_a_json_file_may_hold_one_object_a_line(make: Make) -> None:
    assert len(values(make("a.json", '{"text": "a"}\n{"text": "b"}\n'))) == 2


def test_a_json_list_knows_the_lines_of_its_objects(make: Make) -> None:
    source = make("a.json", ' [\n {"text":\n "a"},\n\n {"text": "b"} ]\n')
    assert [row.place for row in source.rows()] == ["a.json:2", "a.json:5"]


def test_line_separators_of_unicode_do_not_end_a_json_line(make: Make) -> None:
    text = "a\u2028b\x85c\x0cd"
    assert values(make("a.jsonl", f'{{"text": "{text}"}}\n'.replace("\x0c", "\\f")))[0] == {
        "text": text
    }


def test_parquet_values_become_texts(make: Make) -> None:
    content = parquet(
        {
            "text": pa.array(["a", None]),
            "stars": pa.array([5, 1]),
            "good": pa.array([True, False]),
            "raw": pa.array([b"\xc3\xa9", b""]),
            "tags": pa.array([["x"], []]),
            "kind": pa.array(["k", "k"]).dictionary_encode(),
        }
    )
    source = make("a.parquet", content)
    assert values(source) == [
        {"text": "a", "stars": "5", "good": "true", "raw": "é", "tags": '["x"]', "kind": "k"},
        {"text": "", "stars": "1", "good": "false", "raw": "", "tags": "[]", "kind": "k"},
    ]
    assert [row.place for row in source.rows()] == ["a.parquet row 1", "a.parquet row 2"]


def test_parquet_dates_that_python_has_none_for_become_texts(make: Make) -> None:
    days = pa.array([3_000_000, 0], pa.int32()).cast(pa.date32())
    source = make("far.parquet", parquet({"day": days}))
    assert values(source) == [{"day": "10183-09-21"}, {"day": "1970-01-01"}]


def test_equal_fingerprints_mean_equal_rows(make: Make) -> None:
    before = make("a.csv", "text,label\na,1\n").fingerprint()
    assert make("b.csv", "text,label\na,1\n").fingerprint() == before
    assert make("a.csv", "text,label\na,2\n").fingerprint() != before
    assert make("a.csv", "text;label\na;1\n").fingerprint() != before
    assert make("b.csv", "text,label\na,1\n", encoding="latin-1").fingerprint() != before
    assert make("b.csv", "text,label\na,1\n", on_bad_rows="skip").fingerprint() != before


def test_the_fingerprint_is_of_the_file_as_it_is_now(make: Make) -> None:
    source = make("a.csv", "text,label\na,1\n")
    before = source.fingerprint()
    make("a.csv", "text,label\nb,1\n")
    assert source.fingerprint() != before


def test_a_source_without_rows_is_refused(make: Make) -> None:
    with pytest.raises(DataError, match=r"a\.csv holds no rows"):
        list(make("a.csv", "text,label\n").rows())
