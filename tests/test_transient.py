"""Files that go with the process."""

from __future__ import annotations

from sentiment_cli import transient


def test_clears_what_was_neither_kept_nor_removed(tmp_path):
    for name in "abc":
        transient.add(tmp_path / name).touch()
    transient.keep(tmp_path / "a")
    transient.remove(tmp_path / "b")
    (tmp_path / "b").touch()
    transient.clear()
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "b"]


def test_what_is_no_longer_there_stops_nothing(tmp_path):
    transient.add(tmp_path / "gone")
    transient.clear()
