"""`sentiment predict` on reviews of any bytes."""

from __future__ import annotations

import json
import tempfile
from functools import cache
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st
from support.cli import sentiment
from support.folders import forge, sound_files

from .guard import FUZZ, taken_or_refused
from .inputs import edited

PLAIN = "crunchy milk\n\n  \nnaïve — 好吃 😀\n"
LINES = b'{"text": "crunchy"}\n{"text": "\\ud83d\\ude00 \\ud800", "id": [1]}\n'
PIECES = [
    b"\x1b[2J", b"\xe2\x80\xae", b"\xc2\x9b", b"<br />", b"&nbsp;", b"\x0b", b"\xed\xa0\x80",
    b"\xff\xfe", b"\0", b"\x1f\x8b\x08", b'{"', b"null",
]  # fmt: skip


@cache
def run() -> Path:
    return forge(Path(tempfile.mkdtemp(prefix="fuzz-")) / "run", sound_files())


def answers(data: bytes) -> None:
    """Every line has its answer, unless a line among JSON lines is none.

    Lines of UTF-16 and gzip data are not counted here.
    """
    plain = sentiment("predict", "--run", run(), "-", stdin=data)
    lines = sentiment("predict", "--run", run(), "-", "--json", stdin=data)
    assert plain.code == lines.code
    assert lines.code in (0, 3), lines.err
    if lines.code == 0:
        found = [json.loads(line) for line in lines.out.split("\n")[:-1]]
        if not (b"\0" in data or data.startswith((b"\x1f\x8b", b"\xff\xfe", b"\xfe\xff"))):
            assert len(found) == data.count(b"\n") + (data[-1:] not in (b"", b"\n"))
        assert [line["label"] for line in found] == [
            line.split("\t")[0] for line in plain.out.split("\n")[:-1]
        ]
    assert not {"\x1b", "\x9b"} & set(plain.out + plain.err)


@FUZZ
@given(edited([PLAIN.encode(), LINES], PIECES) | st.binary(max_size=100))
def test_any_stream_of_reviews(data: bytes) -> None:
    taken_or_refused(lambda: answers(data))


@FUZZ
@given(st.text(st.characters(exclude_categories=[]), min_size=1, max_size=20))
def test_any_review_on_the_command_line(text: str) -> None:
    if not text.startswith("-"):

        def answer() -> None:
            assert sentiment("predict", "--run", run(), text).code == 0

        taken_or_refused(answer)
