"""What bash offers behind a command."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from support.folders import forge, sound_files

from sentiment_cli.commands.completion import config_files, run_folders, unfinished_runs
from sentiment_cli.runs import bundled

BASH = """
eval "$(_SENTIMENT_COMPLETE=source_bash sentiment)"
while read -r line; do
  eval "COMP_WORDS=($line)"
  COMP_CWORD=$(( ${#COMP_WORDS[@]} - 1 ))
  COMPREPLY=()
  _sentiment_completion sentiment
  echo "${COMPREPLY[*]}"
done
"""


@pytest.fixture
def here(tmp_path, monkeypatch):
    """A folder with an experiment file, a finished run and one that was stopped."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "shop.yaml").touch()
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "deep.yml").touch()
    (tmp_path / "runs").mkdir()
    forge(tmp_path / "runs" / "done", sound_files())
    (tmp_path / "runs" / "half").mkdir()
    (tmp_path / "runs" / "half" / "config.yaml").touch()
    (tmp_path / "runs" / "notes").mkdir()
    return tmp_path


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash")
def test_bash_completes_commands_options_experiments_and_runs(here):
    cases = {
        "sentiment pr": ["predict"],
        "sentiment train --re": ["--resume"],
        "sentiment train sh": ["shop.yaml"],
        "sentiment tune quic": ["quick"],
        "sentiment compare shop.yaml more/": ["more/deep.yml"],
        "sentiment eval --run runs/": ["runs/done", "runs/half"],
        "sentiment memory --run runs/d": ["runs/done"],
        "sentiment train --resume r": ["runs/half"],
        "sentiment eval --device c": ["cpu", "cuda"],
    }
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    found = subprocess.run(
        ["bash", "--norc", "-c", BASH], input="\n".join(cases) + "\n", cwd=here, text=True,
        env={**os.environ, "PATH": path}, capture_output=True, timeout=120, check=True,
    )  # fmt: skip
    offered = dict(zip(cases, map(str.split, found.stdout.splitlines()), strict=True))
    assert offered == cases, found.stderr


def test_experiments_are_those_here_and_those_that_travel_along(here):
    assert {"shop.yaml", "more/deep.yml", "quick", "lstm"} <= set(config_files(""))
    assert not any(name.startswith("runs") for name in config_files(""))
    assert config_files("gu") == ["guide", "guide-gru", "guide-lstm", "guide-rnn"]


def test_runs_are_told_from_other_folders(here, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", here / "runs" / "done")
    assert run_folders("") == ["bundled", "runs/done", "runs/half"]
    assert run_folders("runs/d") == ["runs/done"]
    assert unfinished_runs("") == ["runs/half"]


def test_signs_of_a_pattern_are_no_pattern(here):
    (here / "a[1].yaml").touch()
    assert config_files("a[") == ["a[1].yaml"]
    assert config_files("*") == []
