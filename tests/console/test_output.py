"""A stranger's text on the screen."""

from __future__ import annotations

import json

import pytest

from sentiment_cli.console import output


@pytest.mark.parametrize(
    "text", ["\x1b[31mred", "\x1b]0;title\x07", "\x9b31m", "a\u202eb", "\u2066x", "\x00", "\udc80"]
)
def test_control_codes_are_spelled_out(text):
    line = output.one_line(text)
    assert "\\u" in line
    assert not set(line) & set("\x1b\x07\x9b\u202e\u2066\x00\udc80")


def test_line_breaks_become_spaces():
    assert output.one_line("a\r\n\tb\u2028c") == "a b c"


def test_long_texts_are_cut_to_the_width():
    assert output.one_line("x" * 100, 10) == "x" * 9 + "…"


def test_emoji_and_markup_stay_as_they_are():
    assert output.one_line("👩‍🍳 [bold]good[/]") == "👩‍🍳 [bold]good[/]"


@pytest.mark.parametrize(("columns", "width"), [("0", 60), ("20", 60), ("100", 100)])
def test_tables_are_never_so_narrow_that_figures_are_cut(columns, width, monkeypatch):
    monkeypatch.setenv("COLUMNS", columns)
    assert output.tables().width == width


def test_a_json_line_is_one_line(capsys):
    output.json_line({"text": "a\nb\u2028"})
    found = capsys.readouterr().out
    assert json.loads(found) == {"text": "a\nb\u2028"}
    assert found.count("\n") == 1


@pytest.mark.parametrize("text", ["\x9b31m", "\x7f", "a\u202eb", "\ud800", "tab\there", 'a "\\'])
def test_a_json_line_holds_the_text_and_nothing_that_acts(text, capsys):
    output.json_line({"text": text})
    found = capsys.readouterr().out
    assert json.loads(found) == {"text": text}
    assert not set(found) & set("\x9b\x7f\u202e\ud800\t")


def test_a_path_in_a_note_or_a_hint_is_spelled_out(capsys):
    output.note("run: runs/\x1b]0;title\x07")
    output.fault("no such file", "did you mean \x9b31m\u202e?")
    assert capsys.readouterr().err.splitlines() == [
        "run: runs/\\u001b]0;title\\u0007",
        "error: no such file",
        "hint:  did you mean \\u009b31m\\u202e?",
    ]


def test_a_fault_goes_to_stderr_without_colour_off_a_terminal(capsys):
    output.fault("bad \x1b[1m\nworse", "do this")
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err == "error: bad \\u001b[1m\n       worse\nhint:  do this\n"


def test_a_long_line_breaks_between_words_and_hangs(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    told = output.hung("reviews     18,000 training, 2,000 validation; a-negative-class", 12)
    assert told.splitlines() == [
        "reviews     18,000 training, 2,000",
        "            validation; a-negative-class",
    ]


@pytest.mark.parametrize(("quiet", "term"), [(True, "xterm"), (False, "dumb")])
def test_progress_is_live_neither_when_quiet_nor_on_a_dumb_terminal(quiet, term, monkeypatch):
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("TERM", "xterm")
    assert output.live().is_terminal
    monkeypatch.setenv("TERM", term)
    monkeypatch.setattr(output, "quiet", quiet)
    assert not output.live().is_terminal
