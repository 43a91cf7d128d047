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


def test_a_folder_goes_with_all_in_it(tmp_path):
    folder = transient.add(tmp_path / "folder")
    (folder / "deep").mkdir(parents=True)
    (folder / "deep" / "file").touch()
    transient.clear()
    assert not folder.exists()


def test_what_is_no_longer_there_stops_nothing(tmp_path):
    transient.add(tmp_path / "gone")
    transient.clear()
