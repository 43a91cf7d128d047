"""Memory as a person reads it, in what tables and curves must not stumble over."""

from __future__ import annotations

import pytest
from support.memory import report

from sentiment_cli.console.memory import show_memory


@pytest.fixture
def shown(capsys):
    def show(*runs):
        show_memory(list(runs))
        return capsys.readouterr().out

    return show


def test_a_gradient_that_does_not_fall_never_halves(shown):
    out = shown(report("runs/a", half_life=None, half_life_interval=[40.0, None]))
    assert "never (40.0 to never)" in out


def test_too_short_reviews_are_told(shown):
    bare = report("runs/a", half_life=None, half_life_interval=None, gradient=[])
    assert "too few words" in shown(bare)


def test_an_unknown_start_is_no_figure(shown):
    row = next(line for line in shown(report("runs/a")).splitlines() if " a " in line)
    assert row.split()[5:6] == ["-"]


def test_a_phrase_that_lasts_is_told_from_one_that_never_decided(shown):
    lasts = report("runs/lasts", planted_half=None)
    planted = [{"words": k, "judged": 0.0, "pairs": 8} for k in (0, 100)]
    never = report("runs/never", planted_half=None, planted=planted)
    out = shown(lasts, never)
    rows = {
        line.split()[0]: line.split()
        for line in out.splitlines()
        if "%" in line and line[1:2].isalpha()
    }
    assert rows["lasts"][1:3] == [">", "100"]
    assert rows["never"][1] == "-"


def test_runs_without_a_phrase_are_left_out_of_its_table(shown):
    assert "still judged" not in shown(report("runs/a", planted=[], planted_half=None))


def test_an_explosion_is_told(shown):
    surgery = {
        "untouched": {"what": "untouched", "accuracy": 0.9},
        "no_tanh": {
            "what": "without tanh", "accuracy": 0.1, "difference": -0.8,
            "difference_interval": [-0.9, -0.7], "overflows": 12, "largest_state": 3e21,
        },
    }  # fmt: skip
    out = shown(report("runs/rnn", surgery=surgery))
    assert "12 answers are no number" in out
    assert "largest state value 3.0e+21" in out
    assert "-80.0 (-90.0 to -70.0)" in out


def test_a_name_cannot_act_on_the_terminal(shown):
    assert "\x1b" not in shown(report("runs/\x1b[31mred"))
