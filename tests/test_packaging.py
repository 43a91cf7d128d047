"""What travels in the wheel."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The names of the files in a wheel built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (built,) = folder.glob("*.whl")
    with zipfile.ZipFile(built) as archive:
        return set(archive.namelist())


def test_configs_and_cereal_reviews_travel(wheel):
    for config in (ROOT / "configs").glob("*.yaml"):
        assert f"sentiment_cli/configs/{config.name}" in wheel
    assert "sentiment_cli/data/cereal_reviews.csv" in wheel


def test_every_module_and_the_typing_mark_travel(wheel):
    for module in (ROOT / "sentiment_cli").rglob("*.py"):
        assert str(module.relative_to(ROOT)) in wheel
    assert "sentiment_cli/py.typed" in wheel


def test_every_part_of_a_page_travels(wheel):
    for part in (ROOT / "sentiment_cli" / "analysis" / "pages").iterdir():
        assert str(part.relative_to(ROOT)) in wheel


def test_neither_tests_nor_benchmarks_travel(wheel):
    assert not any(name.startswith(("tests/", "benchmarks/")) for name in wheel)
