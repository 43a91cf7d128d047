"""Files of reviews of any content."""

from __future__ import annotations

import gzip
import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.reviews.sources import ReadOptions, open_source
from sentiment_cli.reviews.sources.source import OnBadRows

from .guard import FUZZ, taken_or_refused
from .inputs import edited

CSV = b'text,label\n"a ""good"" one, in\ntwo lines",good\nbad,bad\n\nna\xc3\xafve,good\n'
JSONL = b'{"text": "good", "label": 1}\n{"text": "bad\\u00e9", "label": 0, "more": [1, {}]}\n'
JSON = b'[\n {"text": "good", "label": 1.50},\n {"text": "bad", "label": null}\n]\n'
TXT = b"__label__good one of them\n__label__bad __label__good another\nnone\n"
WHOLE = {
    "txt": TXT,
    "csv": CSV,
    "tsv": CSV.replace(b",", b"\t"),
    "jsonl": JSONL,
    "json": JSON,
}
ENCODINGS = [None, "latin-1", "utf-16-le", "cp1252", "shift_jis"]
ON_BAD_ROW: list[OnBadRows] = ["error", "skip"]


@st.composite
def files(draw: st.DrawFn) -> tuple[str, bytes]:
    ending = draw(st.sampled_from(sorted(WHOLE)))
    content = draw(edited(WHOLE[ending]) | st.binary(max_size=100))
    if draw(st.integers(0, 4)) == 0:
        ending += ".gz"
        content = draw(edited(gzip.compress(content, mtime=0)) | st.just(content))
    return ending, content


@FUZZ
@given(files(), st.sampled_from(ENCODINGS), st.sampled_from(ON_BAD_ROW))
def test_any_file_of_reviews(
    file: tuple[str, bytes], encoding: str | None, on_bad_rows: OnBadRows
) -> None:
    ending, content = file

    def read() -> None:
        source = open_source(
            f"any.{ending}",
            base=Path(folder),
            options=ReadOptions(encoding=encoding, on_bad_rows=on_bad_rows),
        )
        rows = list(source.rows())
        assert all(set(source.columns) <= row.values.keys() for row in rows)
        assert all(isinstance(text, str) for row in rows for text in row.values.values())
        assert list(source.rows()) == rows
        assert source.fingerprint() == source.fingerprint()

    with tempfile.TemporaryDirectory() as folder:
        (Path(folder) / f"any.{ending}").write_bytes(content)
        taken_or_refused(read)


@FUZZ
@given(st.text(max_size=30))
def test_any_name_of_a_source(name: str) -> None:
    if not name.startswith("hub:") and name != "-":
        with tempfile.TemporaryDirectory() as folder:
            base = Path(folder) / "empty"
            base.mkdir()
            taken_or_refused(lambda: open_source(name, base=base))
