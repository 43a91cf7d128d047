"""`sentiment explain`, as a user types it."""

from __future__ import annotations

import subprocess
import sys

import pytest
from support.cli import sentiment, write_reviews
from support.trainings import at_step, begun

from sentiment_cli.config.reader import read_experiment

REVIEW = "A crunchy lovely box of cereal, but the milk was stale."


def test_json_has_the_stable_names(here):
    answer = sentiment("explain", REVIEW, "--json")
    assert answer.code == 0, answer.err
    report = answer.json
    words = len(report["tokens"])
    assert report["tokens"][:3] == ["A", "crunchy", "lovely"]
    assert set(report["gates"]) == {"i", "f", "g", "o"}
    assert [len(report["gates"]["f"]), len(report["gates"]["f"][0])] == [1, 2]
    assert len(report["gates"]["f"][0][0]) == len(report["running"]) == words
    assert len(report["contributed"]) == len(report["kept"][1]) == words
    assert len(report["ngrams"]) == words
    assert report["direct_sum"] + report["recurrent"] != 0
    assert set(report["scores"]["kept"]) == {"comprehensiveness", "sufficiency"}
    assert report["running"][-1] == pytest.approx(report["probability"], abs=1e-5)


def test_it_answers_as_predict_does(here):
    predicted = sentiment("predict", REVIEW, "--json").json
    explained = sentiment("explain", REVIEW, "--json").json
    for name in ("text", "label", "flags"):
        assert explained[name] == predicted[name]
    assert explained["probability"] == pytest.approx(predicted["probability"], abs=1e-5)


def test_a_person_reads_the_review_and_its_lists(here):
    answer = sentiment("explain", REVIEW)
    assert answer.code == 0, answer.err
    for word in ("crunchy", "kept, forward", "forgotten, backward", "spoke for it", "chance"):
        assert word in answer.out
    assert "mean+max pooling" in answer.out


def test_what_the_network_does_not_know_or_read_is_told(here):
    answer = sentiment("explain", "crunchy zebra " * 20)
    assert "zebra" in answer.out.partition("unknown")[2].splitlines()[0]
    assert "20 of 40 words are read" in answer.out


def test_what_acts_on_a_terminal_is_spelled_out(here):
    out = sentiment("explain", "crunchy \x1b[31m\u202e [bold]stale[/] 👩‍🍳").out
    assert not set(out) & set("\x1b\u202e")


@pytest.mark.parametrize("text", ["", " ", "zebra", "\udc80"])
def test_any_text_is_explained(here, text):
    assert sentiment("explain", text).code == 0


def test_torch_is_not_loaded(shop):
    script = (
        "import sys; from sentiment_cli.cli import app\n"
        "try: app(['explain', 'crunchy and fresh'])\n"
        "except SystemExit: print(*sys.modules, file=sys.stderr)"
    )
    found = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, cwd=shop, text=True, check=True
    )
    assert "sentiment_cli.analysis.explanation" in found.stderr.split()
    assert not {"torch", "scipy", "sklearn", "pydantic"} & set(found.stderr.split())


def test_gradients_say_how_complete_they_are(here):
    assert "Integrated gradients are complete" in sentiment("explain", REVIEW, "--gradients").out
    report = sentiment("explain", REVIEW, "--gradients", "--json").json
    assert len(report["gradients"]) == len(report["tokens"])
    assert abs(report["gap"]) <= 0.01 * sum(map(abs, report["gradients"]))
    assert "gradients" in report["scores"]


def test_check_asks_the_runs_own_test_reviews(here):
    report = sentiment("explain", "--check", "10", "--json").json
    assert report["reviews"] == 10
    assert set(report["verdicts"]) == {"kept", "contributed"}


def test_check_asks_another_source(here):
    write_reviews(here / "more.csv", ["bad", "good"], rows=7, seed=9)
    report = sentiment("explain", "--check", "50", "--data", "more.csv", "--json").json
    assert report["reviews"] == 7


def test_check_reads_another_column_by_set(here):
    write_reviews(here / "more.csv", ["bad", "good"], rows=7, seed=9)
    renamed = (here / "more.csv").read_text().replace("text", "body", 1)
    (here / "more.csv").write_text(renamed)
    asked = ("explain", "--check", "50", "--data", "more.csv", "--json")
    for given in ((), ("--set", "data.text_column=body")):
        assert sentiment(*asked, *given).json["reviews"] == 7


def test_an_unfinished_run_says_which_step_answers(here):
    experiment = read_experiment(here / "tiny.yaml", []).experiment
    begun(experiment, here / "half", at_step(2))
    answer = sentiment("explain", "--run", "half", REVIEW)
    assert answer.code == 0, answer.err
    assert "half is not finished: its checkpoint of step 2 answers" in answer.err


def test_check_says_in_words_what_it_found(here):
    out = sentiment("explain", "--check", "24").out
    assert "mean of 24 test reviews" in out
    for method in ("kept", "contributed"):
        assert f"{method}: its words are missed" in out


def test_a_review_and_a_check_are_two_answers(here):
    first, second = sentiment("explain", REVIEW, "--check", "5", "--json").lines
    assert first["text"] == REVIEW
    assert second["reviews"] == 5


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--data", "more.csv", "text"),
        ("--set", "data.text_column=body", "text"),
        ("--check", "1"),
        ("--check", "many"),
    ],
)
def test_what_does_not_go_together_is_a_usage_error(here, arguments):
    answer = sentiment("explain", *arguments)
    assert answer.code == 2
    assert "hint:" in answer.err


def test_html_is_written_beside_the_answer(here):
    answer = sentiment("explain", REVIEW, "--html", "review.html")
    assert answer.code == 0, answer.err
    assert "page: review.html" in answer.err
    assert "spoke for it" in answer.out
    assert (here / "review.html").read_text(encoding="utf-8").startswith("<!doctype html>")


def test_a_page_that_cannot_be_written_is_exit_5(here):
    assert sentiment("explain", REVIEW, "--html", "nowhere/review.html").code == 5


def test_a_page_needs_a_review(here):
    assert sentiment("explain", "--check", "5", "--html", "review.html").code == 2
