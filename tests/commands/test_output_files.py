"""Output files that exist: refused before any work, and replaced with --force."""

from __future__ import annotations

import shlex

import pytest
from support.cli import sentiment

WRITERS = {
    "page.html": ("explain", "crunchy and lovely", "--html", "page.html"),
    "memory.html": ("memory", "--html", "memory.html"),
    "shop.yaml": ("inspect", "reviews.csv", "--write-config", "shop.yaml"),
    "scored.csv": ("predict", "--file", "reviews.csv", "-o", "scored.csv"),
}


@pytest.mark.parametrize("name", WRITERS)
def test_an_output_file_that_exists_is_refused_and_the_hint_replaces_it(here, name):
    (here / name).write_text("old")
    answer = sentiment(*WRITERS[name])
    assert (answer.code, answer.out) == (2, "")
    assert f"{name}: the file exists" in answer.err
    assert (here / name).read_text() == "old"
    hint = answer.err.partition("hint:")[2].strip()
    program, *words = shlex.split(hint)
    assert (program, words[-1]) == ("sentiment", "--force")
    again = sentiment(*words)
    assert again.code == 0, again.err
    assert (here / name).read_text(encoding="utf-8") != "old"


def test_the_hint_puts_force_before_the_texts_that_follow_two_dashes(here):
    (here / "page.html").write_text("old")
    answer = sentiment("explain", "--html", "page.html", "--", "-5 stars")
    assert "hint:  sentiment explain --html page.html --force -- '-5 stars'" in answer.err


@pytest.mark.parametrize("force", [(), ("--force",)])
@pytest.mark.parametrize("name", WRITERS)
def test_a_folder_is_never_replaced(here, name, force):
    (here / name).mkdir()
    answer = sentiment(*WRITERS[name], *force)
    assert (answer.code, answer.out) == (5, "")
    assert f"{name}: expected a file" in answer.err


@pytest.mark.parametrize("name", WRITERS)
def test_a_missing_folder_is_an_error_before_any_work(here, name):
    *words, last = WRITERS[name]
    answer = sentiment(*words, f"nowhere/{last}")
    assert (answer.code, answer.out) == (5, "")
    assert "hint:  mkdir -p nowhere" in answer.err
