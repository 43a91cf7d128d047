"""The command that goes on with what was stopped."""

from __future__ import annotations

import shlex

import pytest
import typer

from sentiment_cli.commands.again import command_line, end_stopped
from sentiment_cli.errors import EnvironmentFault


def test_a_command_is_written_as_one_types_it():
    options = {"--seeds": 3, "--set": ["a=1", "b={c: d}"], "--out": None, "--no-texts": True}
    line = command_line("compare", ["my file.yaml"], options)
    assert shlex.split(line) == [
        "sentiment", "compare", "my file.yaml", "--seeds", "3", "--set", "a=1", "--set", "b={c: d}",
        "--no-texts",
    ]  # fmt: skip


def test_what_is_saved_ends_with_the_signals_exit_code(capsys):
    with pytest.raises(typer.Exit) as ended:
        end_stopped(15, unsaved=None, again="sentiment tune x.yaml")
    assert ended.value.exit_code == 143
    assert "go on with: sentiment tune x.yaml" in capsys.readouterr().err


def test_what_is_not_saved_is_a_fault():
    with pytest.raises(EnvironmentFault, match="no space") as raised:
        end_stopped(2, unsaved="no space", again="sentiment tune x.yaml")
    assert "sentiment tune x.yaml" in str(raised.value.hint)
