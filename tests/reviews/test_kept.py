"""Pieces of work in the cache folder."""

from __future__ import annotations

from sentiment_cli.reviews.kept import keep, kept


def test_what_is_kept_is_found(tmp_path):
    keep(tmp_path / "new" / "work", b"done")
    assert kept(tmp_path / "new" / "work") == b"done"


def test_what_was_never_kept_is_not_found(tmp_path):
    assert kept(tmp_path / "work") is None


def test_damaged_work_is_not_found(tmp_path):
    path = tmp_path / "work"
    keep(path, b"done")
    path.write_bytes(path.read_bytes()[:-1] + b"X")
    assert kept(path) is None


def test_a_cache_that_cannot_be_written_costs_nothing(tmp_path):
    (tmp_path / "file").write_bytes(b"")
    keep(tmp_path / "file" / "work", b"done")
    assert kept(tmp_path / "file" / "work") is None
