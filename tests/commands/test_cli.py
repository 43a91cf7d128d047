"""What every command shares: help, version, usage errors, exit codes."""

from __future__ import annotations

import pytest
import typer
from support.cli import sentiment, sentiment_process

import sentiment_cli
from sentiment_cli.cli import app
from sentiment_cli.commands import predict

COMMANDS = ("train", "eval", "predict", "explain", "inspect", "runs")


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command):
    answer = sentiment(command, "--help")
    assert answer.code == 0
    assert "--json" in answer.out


def test_help_names_every_command():
    out = sentiment("--help").out
    assert all(command in out for command in COMMANDS)


def test_version():
    assert sentiment("--version").out == f"sentiment {sentiment_cli.__version__}\n"


def test_a_run_without_its_option_is_told_where_it_belongs():
    answer = sentiment("eval", "runs/mine")
    assert answer.code == 2
    assert "sentiment eval --help; a run folder is named by --run DIR" in answer.err


def test_a_mistyped_command_names_those_that_exist():
    answer = sentiment("trian")
    assert answer.code == 2
    assert answer.err.startswith("error: there is no command 'trian'\nhint:  did you mean train?")


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("evaluate", "did you mean eval? commands:"),
        ("PREDICT", "did you mean predict? commands:"),
        ("xyzzy", "commands: train, "),
        (
            "I ate it all, it's great",
            """to judge a review: sentiment predict 'I ate it all, it'"'"'s""",
        ),
        ("reviews.csv", "sentiment inspect reviews.csv"),
        ("help", "sentiment --help"),
        ("version", "sentiment --version"),
        ("tiny.yaml", "sentiment train tiny.yaml"),
    ],
)
def test_what_is_no_command_leads_to_one(here, typed, hint):
    answer = sentiment(typed)
    assert answer.code == 2
    assert f"hint:  {hint}" in answer.err


def test_alone_it_ends_with_what_to_do_first():
    answer = sentiment()
    first = (answer.out + answer.err).partition("Begin with one of these:")[2]
    assert [line.split()[:2] for line in first.splitlines() if line.strip()] == [
        ["sentiment", "predict"], ["sentiment", "inspect"], ["sentiment", "train"],
    ]  # fmt: skip


def test_an_unknown_option_is_told_in_the_same_form():
    answer = sentiment("train", "--epochs", "3")
    assert answer.code == 2
    assert answer.err.startswith("error: ")
    assert "hint:" in answer.err


@pytest.mark.parametrize(
    ("typed", "kind"),
    [
        (("compare", "lstm.yaml", "--seeds", "two"), "whole number"),
        (("tune", "lstm.yaml", "--minutes", "x"), "number"),
    ],
)
def test_what_is_no_number_is_told_in_plain_words(typed, kind):
    answer = sentiment(*typed)
    assert answer.code == 2
    assert f"is not a {kind}.\n" in answer.err


def test_a_bug_shows_no_traceback_and_keeps_one(monkeypatch, tmp_path):
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", None)

    secret = " ".join(["a", "review"])

    def broken(_):
        raise RuntimeError(secret)

    monkeypatch.setattr(predict, "chosen_run", broken)
    answer = sentiment("predict", "x")
    assert answer.code == 1
    assert "Traceback" not in answer.err
    (log,) = tmp_path.glob("sentiment-*.log")
    assert "broken" in log.read_text()
    assert secret not in log.read_text()
    assert log.stat().st_mode & 0o077 == 0


def test_a_closed_pipe_ends_it_quietly(shop):
    import subprocess
    import sys

    process = subprocess.Popen(
        [sys.executable, "-m", "sentiment_cli", "predict", "-"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=shop,
    )
    assert process.stdout
    process.stdout.close()
    _, err = process.communicate(b"fresh\n" * 10)
    assert process.returncode == 141
    assert b"Traceback" not in err


def test_the_module_runs_as_the_command_does():
    assert sentiment_process("--version").out.startswith("sentiment ")


@pytest.mark.parametrize("typed", [("-q", "predict", "fresh"), ("predict", "--quiet", "fresh")])
def test_quiet_writes_the_same_results_and_no_notes(here, typed):
    loud = sentiment("predict", "fresh")
    quiet = sentiment(*typed)
    assert loud.err.startswith("run: ")
    assert (quiet.code, quiet.out, quiet.err) == (0, loud.out, "")
    assert sentiment("predict", "fresh").err == loud.err


def test_quiet_keeps_errors_and_their_hints(here):
    answer = sentiment("predict", "-q", "--run", "nowhere", "fresh")
    assert answer.code == 4
    assert answer.err.startswith("error: ")
    assert "hint:" in answer.err


def test_quiet_training_writes_only_its_result(here):
    answer = sentiment("train", "tiny.yaml", "-q", "-o", "made", "--set", "training.epochs=1")
    assert (answer.code, answer.out, answer.err) == (0, "made\n", "")


@pytest.mark.parametrize("name", sorted(typer.main.get_command(app).commands))
def test_every_command_takes_quiet(name):
    assert "--quiet" in sentiment(name, "--help").out


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        (("predict", "--text", "great"), 'sentiment predict "great"'),
        (("predict", "--text=so great", "--json"), 'sentiment predict "so great"'),
        (("explain", "--text", 'a "great" one'), "sentiment explain 'a \"great\" one'"),
        (("predict", "--text"), 'sentiment predict "the review"'),
        (("predict", "--file", "a.csv", "--text", "body"), "--text-column"),
    ],
)
def test_a_text_option_leads_to_the_argument(typed, hint):
    answer = sentiment(*typed)
    assert answer.code == 2
    assert f"hint:  {hint}" in answer.err.replace("the option for a column is ", "")
