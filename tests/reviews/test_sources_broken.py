"""Broken rows: told with file, line and a look, or skipped and counted."""

from __future__ import annotations

from collections.abc import Callable

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
        r"expected 2 fields, got 3 over 3 lines \(is a quote unclosed\?\): '\"open,1'$",
    ),
    "an open quote that a quoted row seems to close": (
        "a.csv",
        'text,label\nfine,1\n"open\n"",",1"\nlast,0\n',
        3,
        "is a quote unclosed",
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
    "JSON that can be read but not written": (
        "a.jsonl",
        '{"text": "fine"}\n{"text": ' + "[" * 900 + "]" * 900 + '}\n{"text": "last"}\n',
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
    assert "--set data.on_bad_rows=skip" in (caught.value.hint or "")


@pytest.mark.parametrize(("name", "content", "line", "what"), ROWS.values(), ids=ROWS)
def test_a_broken_row_is_skipped_alone_and_counted(
    make: Make, name: str, content: str, line: int, what: str
) -> None:
    source = make(name, content, on_bad_rows="skip")
    for _ in range(2):
        texts = [row.values["text"] for row in source.rows()]
        assert texts[0] == "fine"
        assert texts[-1].startswith("last")
        assert source.skipped.places[0] == f"{name}:{line}"
        assert source.skipped.count == len(source.skipped.places)


def test_rows_below_an_open_quote_are_read(make: Make) -> None:
    content = "text,label\n" + '"open,1\n' + "".join(f"row {n},0\n" for n in range(2000))
    source = make("a.csv", content, on_bad_rows="skip")
    rows = list(source.rows())
    assert [row.place for row in rows] == [f"a.csv:{n}" for n in range(3, 2003)]
    assert source.skipped.places == ["a.csv:2"]


def test_many_broken_rows_are_counted_but_not_all_remembered(make: Make) -> None:
    source = make("a.csv", "text,label\nfine,1\n" + '"open" oh\n' * 3000, on_bad_rows="skip")
    assert len(list(source.rows())) == 1
    assert source.skipped.count == 3000
    assert len(source.skipped.places) == 1000


def test_nothing_but_broken_rows_is_refused(make: Make) -> None:
    with pytest.raises(DataError, match="all 2 are broken"):
        list(make("a.csv", "text,label\na\nb\n", on_bad_rows="skip").rows())
    with pytest.raises(DataError, match="all 2 rows are broken"):
        make("a.jsonl", "a\nb\n", on_bad_rows="skip")


def test_a_key_twice_among_very_many_is_found_at_once(make: Make) -> None:
    keys = ", ".join(f'"k{number}": 1' for number in range(300_000))
    with pytest.raises(DataError, match="the key 'k299999' twice"):
        make("a.jsonl", f'{{{keys}, "k299999": 2}}\n')
