"""The cache: one folder per content, one folder per stage."""

from __future__ import annotations

import os
import time

import pytest

from sentiment_cli.reviews import cache
from sentiment_cli.reviews.cache import (
    cached_contents,
    cached_stage,
    clear_cache,
    content_folder,
    is_whole,
    stage_folder,
)


@pytest.fixture(autouse=True)
def _own_cache(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))


def stored(content, size=10, *, stage="rows", made_by=None, source="reviews.csv"):
    folder = stage_folder(content_folder(content), stage, made_by)
    cached_stage(folder, ["a"], lambda to: (to / "a").write_bytes(b"x" * size), source=source)
    return folder


def test_stages_of_one_content_share_a_folder():
    rows, tokens = stored("c" * 64), stored("c" * 64, stage="tokens")
    assert rows.parent == tokens.parent
    assert stored("d" * 64).parent != rows.parent


def test_a_stage_is_written_once():
    folder = stored("c" * 64)
    cached_stage(folder, ["a"], lambda _: pytest.fail("written again"))
    assert (folder / "a").read_bytes() == b"x" * 10


def test_stage_folder_depends_on_settings_code_and_library_versions(monkeypatch):
    folder = content_folder("c" * 64)
    own = stage_folder(folder, "rows", {"a": 1})
    assert stage_folder(folder, "rows", {"a": 2}) != own
    monkeypatch.setattr(cache, "_library_versions", lambda: {"numpy": "0"})
    other_library = stage_folder(folder, "rows", {"a": 1})
    monkeypatch.undo()
    monkeypatch.setattr(cache, "code_version", lambda _: "other code")
    assert len({own, other_library, stage_folder(folder, "rows", {"a": 1})}) == 3


@pytest.mark.parametrize("content", [b"", b"x" * 9, b"y" + b"x" * 9])
def test_a_damaged_stage_is_written_again(content):
    folder = stored("c" * 64)
    (folder / "a").write_bytes(content)
    assert not is_whole(folder, ["a"])
    stored("c" * 64)
    assert (folder / "a").read_bytes() == b"x" * 10


def test_a_file_that_did_not_change_is_not_hashed_again(monkeypatch):
    folder = stored("c" * 64)
    hashed = []
    monkeypatch.setattr(cache, "_hashes", lambda _, names: hashed.extend(names) or {})
    assert is_whole(folder, ["a"])
    assert hashed == []


@pytest.mark.parametrize("boot", ["another start", ""])
def test_all_files_are_hashed_after_a_restart(monkeypatch, boot):
    folder = stored("c" * 64)
    hashed, hashes = [], cache._hashes
    monkeypatch.setattr(cache, "_boot_id", lambda: boot)
    monkeypatch.setattr(cache, "_hashes", lambda to, n: hashed.extend(n) or hashes(to, n))
    assert is_whole(folder, ["a"])
    assert hashed == ["a"]


def test_a_failed_write_leaves_nothing():
    folder = stage_folder(content_folder("c" * 64), "rows", None)

    def fail(to):
        (to / "a").write_bytes(b"half")
        raise ValueError

    with pytest.raises(ValueError):
        cached_stage(folder, ["a"], fail, source="reviews.csv")
    assert [path.name for path in folder.parent.iterdir()] == ["source"]


def test_contents_are_listed_with_the_last_used_first():
    stored("c" * 64, source="one.csv")
    stored("d" * 64, source="two.csv")
    os.utime(content_folder("d" * 64), (1, 1))
    assert [content.source for content in cached_contents()] == ["one.csv", "two.csv"]
    stored("d" * 64, source="two.csv")  # a use counts
    assert [content.source for content in cached_contents()] == ["two.csv", "one.csv"]


def test_above_the_limit_what_was_not_used_for_longest_goes_first(monkeypatch):
    monkeypatch.setattr(cache, "MAX_BYTES", 2500)
    for name in "abc":
        stored(name * 64, 1000, source=name)
    hours = 3600.0
    for age, name in enumerate("bca", start=2):
        os.utime(content_folder(name * 64), (time.time() - age * hours,) * 2)
    stored("d" * 64, 1000, source="d")
    assert {content.source for content in cached_contents()} == {"b", "d"}


def test_what_was_just_used_is_kept_above_the_limit(monkeypatch):
    monkeypatch.setattr(cache, "MAX_BYTES", 1500)
    for name in "ab":
        stored(name * 64, 1000, source=name)
    assert len(cached_contents()) == 2


def test_clear_removes_all_and_returns_the_bytes():
    stored("c" * 64, 1000)
    assert clear_cache() >= 1000
    assert cached_contents() == []


def test_clear_removes_nothing_that_is_not_ours(tmp_path):
    folder = stored("c" * 64)
    (folder.parent / "source").unlink()
    other = tmp_path / "cache" / "photos"
    other.mkdir()
    clear_cache()
    assert list((tmp_path / "cache").iterdir()) == [other]
