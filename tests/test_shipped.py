"""Files that travel with the program are found in a checkout and in a wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli import shipped as module
from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.shipped import shipped


def test_a_shipped_file_is_found() -> None:
    assert shipped("configs", "lstm.yaml").is_file()
    assert shipped("data").is_dir()


def test_a_wheel_carries_them_inside_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "sentiment_cli"
    for folder in (package, tmp_path):
        (folder / "data").mkdir(parents=True)
    monkeypatch.setattr(module, "_PACKAGE", package)
    assert shipped("data") == package / "data"
    (tmp_path / "data" / "only_here.csv").touch()
    assert shipped("data", "only_here.csv") == tmp_path / "data" / "only_here.csv"


def test_a_damaged_installation_is_told() -> None:
    with pytest.raises(EnvironmentFault, match=r"lacks its own file configs/none\.yaml"):
        shipped("configs", "none.yaml")
