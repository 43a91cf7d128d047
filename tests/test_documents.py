"""The documents say what the program does."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import typer

from sentiment_cli.cli import app

ROOT = Path(__file__).parents[1]
DOCUMENTS = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *(ROOT / "docs").glob("*.md")]


def commands():
    return typer.main.get_command(app).commands


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_command_has_help_and_stands_in_the_readme(name):
    assert commands()[name].help
    assert f"sentiment {name}" in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("name", sorted(commands()))
def test_every_option_has_help(name):
    for parameter in commands()[name].params:
        assert parameter.help, parameter.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_every_link_leads_somewhere(document):
    for target in re.findall(r"\]\(([^)#]+)\)", document.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (document.parent / target).exists(), target


def test_the_page_of_settings_is_what_the_schema_says(tmp_path):
    tool = ROOT / "tools" / "settings.py"
    subprocess.run([sys.executable, tool, tmp_path / "settings.md"], check=True, cwd=ROOT)
    page = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8")
    assert page == (tmp_path / "settings.md").read_text(encoding="utf-8"), "make docs"


def test_every_room_stands_in_the_architecture():
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for room in (ROOT / "sentiment_cli").iterdir():
        if room.name.startswith("_") or room.suffix not in ("", ".py"):
            continue
        name = f"`{room.name}/`" if room.is_dir() else f"`{room.stem}`"
        assert name in text, name
