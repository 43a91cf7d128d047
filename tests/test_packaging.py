"""What travels in the wheel and the sdist, and whether it works where nothing else is."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
import zipfile
from pathlib import Path

import pytest
import typer
from support.cli import write_reviews

from sentiment_cli.cli import app

ROOT = Path(__file__).parents[1]
GOOD = (
    "Amazing! This box of cereal gave me a perfectly balanced breakfast, as all things should be. "
    "I only ate half of it but will definitely be buying again!"
)
BAD = "Stale, tasteless and overpriced. I threw the box away."


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    """A wheel and an sdist built from this checkout."""
    folder = tmp_path_factory.mktemp("dist")
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "--directory", folder],
        cwd=ROOT,
        check=True,
        capture_output=True,
    )
    (wheel,) = folder.glob("*.whl")
    (sdist,) = folder.glob("*.tar.gz")
    return {"wheel": wheel, "sdist": sdist}


@pytest.fixture(scope="module")
def wheel(built):
    """The names of the files in the wheel."""
    with zipfile.ZipFile(built["wheel"]) as archive:
        return set(archive.namelist())


def install(package, folder):
    """Install a package into an environment that borrows from this one what it depends on.

    Returns:
        What runs a program there, in an empty folder and without a setting of this process.
    """
    venv.create(folder / "env", with_pip=False)
    python = folder / "env" / "bin" / "python"
    (folder / "here").mkdir()
    (site_packages(folder) / "borrowed.pth").write_text(sysconfig.get_path("purelib") + "\n")
    subprocess.run(
        [
            sys.executable, "-m", "pip", "--python", python, "install", "--quiet", "--no-index",
            "--no-deps", "--no-build-isolation", "--ignore-installed", package,
        ],
        check=True, capture_output=True, text=True,
    )  # fmt: skip
    outside = {"PATH": "/usr/bin:/bin", "HOME": str(folder), "OMP_NUM_THREADS": "1"}

    def run(program, *arguments):
        return subprocess.run(
            [python.with_name(program), *map(str, arguments)],
            cwd=folder / "here", env=outside, capture_output=True, timeout=120, text=True,
            check=True,
        )  # fmt: skip

    return run


def site_packages(folder):
    return next((folder / "env").glob("lib/python*/site-packages"))


@pytest.fixture(scope="module")
def installed(built, tmp_path_factory):
    """What runs a program where the wheel is installed, and its empty folder."""
    folder = tmp_path_factory.mktemp("installed")
    return install(built["wheel"], folder), folder / "here"


def test_it_is_the_installed_package_that_runs(installed):
    run, here = installed
    place = run("python", "-c", "import sentiment_cli; print(sentiment_cli.__file__)").stdout
    assert Path(place).is_relative_to(here.parent / "env")


def test_every_help_is_there(installed):
    run, _ = installed
    for name in typer.main.get_command(app).commands:
        assert f"sentiment {name}" in run("sentiment", name, "--help").stdout


def test_twenty_reviews_become_a_model_that_answers(installed):
    run, here = installed
    write_reviews(here / "mine.csv", ["bad", "good"], rows=20)
    run("sentiment", "inspect", "mine.csv", "--write-config", "mine.yaml")
    run("sentiment", "train", "mine.yaml", "--set", "training.epochs=1")
    answer = run("sentiment", "predict", "--run", "runs/mine", BAD, GOOD).stdout
    assert len(answer.splitlines()) == 2
    assert {line.split()[0] for line in answer.splitlines()} <= {"negative", "positive"}


def test_the_sdist_installs_the_same_files(built, tmp_path):
    run = install(built["sdist"], tmp_path)
    assert run("sentiment", "--version").stdout.startswith("sentiment ")
    with zipfile.ZipFile(built["wheel"]) as archive:
        for name in archive.namelist():
            if name.startswith("sentiment_cli/"):
                own = site_packages(tmp_path) / name
                assert own.read_bytes() == archive.read(name), name


def test_it_answers_the_moment_it_is_installed(installed, tmp_path):
    run, _ = installed
    answer = run("sentiment", "predict", "--run", "bundled", BAD, GOOD).stdout
    assert [line.split()[0] for line in answer.splitlines()] == ["negative", "positive"]


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


def test_the_bundled_model_travels_and_is_small(built):
    with zipfile.ZipFile(built["wheel"]) as archive:
        files = [
            file
            for file in archive.infolist()
            if file.filename.startswith("sentiment_cli/bundled/")
        ]
    assert "sentiment_cli/bundled/manifest.json" in {file.filename for file in files}
    assert sum(file.file_size for file in files) <= 8_000_000


def test_neither_tests_nor_benchmarks_travel(wheel):
    assert not any(name.startswith(("tests/", "benchmarks/", "tools/")) for name in wheel)
