"""A manifest is what `encode` writes, or it is refused."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sentiment_cli import __version__
from sentiment_cli.errors import ModelError
from sentiment_cli.runs.manifest import FORMAT, encode, parse

WHERE = Path("run/manifest.json")
names = st.from_regex(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,20}", fullmatch=True)
contents = st.dictionaries(names.filter(lambda name: name != WHERE.name), st.binary(max_size=50))


@settings(max_examples=50, deadline=None)
@given(contents)
def test_what_was_encoded_is_parsed(files: dict[str, bytes]) -> None:
    entries = parse(encode(files), WHERE)
    assert entries == {name: (len(data), sha256(data).hexdigest()) for name, data in files.items()}


@settings(max_examples=50, deadline=None)
@given(contents)
def test_the_order_of_the_files_changes_nothing(files: dict[str, bytes]) -> None:
    assert encode(dict(reversed(files.items()))) == encode(files)


@settings(max_examples=100, deadline=None)
@given(contents, st.data())
def test_no_changed_byte_passes(files: dict[str, bytes], data: st.DataObject) -> None:
    manifest = bytearray(encode(files))
    at = data.draw(st.integers(0, len(manifest) - 1))
    manifest[at] ^= data.draw(st.integers(1, 255))
    with pytest.raises(ModelError):
        parse(bytes(manifest), WHERE)


@settings(max_examples=200, deadline=None)
@given(st.binary(max_size=200))
def test_other_bytes_are_refused_in_one_message(data: bytes) -> None:
    with pytest.raises(ModelError, match=r"run/manifest\.json is damaged"):
        parse(data, WHERE)


@pytest.mark.parametrize("name", ["../a", "a/b", "", "..", ".a", "manifest.json", "a b", "a\n"])
def test_a_name_that_no_reader_accepts_is_not_written(name: str) -> None:
    with pytest.raises(ValueError, match="cannot stand in a manifest"):
        encode({name: b""})


def test_it_holds_names_sizes_and_hashes_and_the_format_alone() -> None:
    manifest = json.loads(encode({"a": b"text"}))
    assert manifest.keys() == {"files", "format", "needs", "seal"}
    assert manifest["files"] == {"a": {"size": 4, "sha256": sha256(b"text").hexdigest()}}


def test_a_newer_format_is_refused_with_the_version_that_reads_it() -> None:
    manifest = {"format": FORMAT + 1, "needs": "3.4.5", "anything": ["else"]}
    with pytest.raises(ModelError) as told:
        parse(json.dumps(manifest).encode(), WHERE)
    assert f"format {FORMAT + 1}" in told.value.what
    assert __version__ in told.value.what
    assert "3.4.5" in str(told.value.hint)


@pytest.mark.parametrize("needs", [None, 7, "\x1b[31m", "1.0; rm -rf /", "9" * 1000])
def test_a_newer_format_puts_no_text_of_its_own_into_the_message(needs: object) -> None:
    with pytest.raises(ModelError) as told:
        parse(json.dumps({"format": FORMAT + 1, "needs": needs}).encode(), WHERE)
    assert "a newer version" in str(told.value.hint)


def test_the_version_that_the_format_needs_is_out() -> None:
    needs = json.loads(encode({}))["needs"]
    assert tuple(map(int, needs.split("."))) <= tuple(map(int, __version__.split(".")[:3]))
