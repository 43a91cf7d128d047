"""Which sources are names, and where paths are read from."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli.config.paths import located


@pytest.mark.parametrize("source", ["imdb", "cereal", "hub:owner/name:config:train", "-", ""])
def test_names_stay(source: str, tmp_path: Path) -> None:
    (tmp_path / "imdb").mkdir()
    assert located(source, tmp_path) == source


@pytest.mark.parametrize("source", ["reviews.csv", "reviews", "../b/c.csv", "part-*.csv"])
def test_relative_paths_are_read_from_the_folder(source: str, tmp_path: Path) -> None:
    assert located(source, tmp_path) == f"{tmp_path}/{source}"


def test_absolute_paths_stay() -> None:
    assert located("/data/x*.csv", Path("/elsewhere")) == "/data/x*.csv"


def test_a_tilde_is_the_home_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HOME", "/home/someone")
    assert located("~/x.csv", Path("/elsewhere")) == "/home/someone/x.csv"


def test_a_relative_folder_becomes_absolute(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert located("x.csv", Path("configs")) == f"{tmp_path}/configs/x.csv"


def test_signs_in_the_folder_are_no_pattern(tmp_path: Path) -> None:
    folder = tmp_path / "old [1]"
    folder.mkdir()
    (folder / "a.csv").touch()
    pattern = Path(located("*.csv", folder))
    assert [match.name for match in Path("/").glob(str(pattern.relative_to("/")))] == ["a.csv"]


def test_a_file_whose_name_holds_signs_is_that_file(tmp_path: Path) -> None:
    (tmp_path / "a[1].csv").touch()
    assert located("a[1].csv", tmp_path) == f"{tmp_path}/a[1].csv"


def test_a_name_too_long_for_a_file_is_only_a_path(tmp_path: Path) -> None:
    assert located("[" + "x" * 5000, tmp_path).endswith("x")
