"""`sentiment memory`, as a user types it."""

from __future__ import annotations

import pytest
from support.cli import sentiment, write_reviews

from sentiment_cli.analysis.memory import measure

GUIDE = ("model.bidirectional=false", "model.pooling=last", "training.epochs=2")


@pytest.fixture(scope="session")
def guides(shop):
    """Train the three cells as the guide draws them; return their run folders."""
    runs = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(shop)
        patch.setenv("SENTIMENT_CACHE", str(shop / "cache"))
        for cell in ("rnn", "lstm", "gru"):
            out = shop / "guides" / cell
            out.parent.mkdir(exist_ok=True)
            settings = [part for setting in GUIDE for part in ("--set", setting)]
            sentiment("train", "tiny.yaml", "--set", f"model.cell={cell}", *settings, "--out", out)
            runs.append(out)
    return runs


@pytest.fixture
def cached(shop, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(shop / "cache"))


@pytest.mark.usefixtures("cached")
def test_json_has_every_measure_of_every_run(here, guides):
    answer = sentiment("memory", *(part for run in guides for part in ("--run", run)), "--json")
    assert answer.code == 0, answer.err
    runs = answer.json["runs"]
    assert [run["run"] for run in runs] == [str(run) for run in guides]
    for run in runs:
        assert run["reviews"] == 24
        low, high = run["half_life_interval"]
        assert low <= run["half_life"] <= high
        assert run["start_half_life"] > 0
        medians = [at["median"] for at in run["gradient"]]
        assert medians[0] > medians[-1] > 0
        assert [at["words"] for at in run["gradient"]] == list(range(len(medians)))
        assert 0 < run["surgery"]["untouched"]["accuracy"] <= 1
    assert [list(run["surgery"])[1] for run in runs] == [
        "no_tanh", "forget_gate_1", "update_gate_1",
    ]  # fmt: skip


@pytest.mark.usefixtures("cached")
def test_a_person_reads_tables_and_curves(here, guides):
    answer = sentiment("memory", "--run", guides[0], "--run", guides[1])
    assert answer.code == 0, answer.err
    for words in ("half-life in words", "● rnn", "▲ lstm", "without tanh", "forget gate at 0"):
        assert words in answer.out
    assert max(map(len, answer.out.splitlines())) <= 80


@pytest.mark.usefixtures("cached")
def test_the_newest_run_is_measured_and_what_it_hides_is_told(here):
    answer = sentiment("memory")
    assert answer.code == 0, answer.err
    assert "run: runs/tiny" in answer.err
    assert "mean+max pooling" in answer.err
    assert "second direction" in answer.err
    assert "mean+max" not in answer.out


@pytest.mark.usefixtures("cached")
def test_the_planted_phrase_is_judged_without_the_direct_sum(here, monkeypatch):
    judges = []
    monkeypatch.setattr(measure, "plant", lambda judge, _: judges.append(judge) or [])
    assert "without the sum of n-gram inputs" in sentiment("memory").err
    (judge,) = judges
    assert judge.table is not None
    assert not judge.weights["head.weight"][:, judge.architecture.pooled_dim :].any()


@pytest.mark.usefixtures("cached")
def test_a_cut_is_told(here):
    assert "reviews are cut to 20 tokens" in sentiment("memory", "--run", "runs/tiny").err


@pytest.mark.usefixtures("cached")
def test_other_reviews_are_read(here, guides):
    write_reviews(here / "more.csv", ["bad", "good"], rows=31, seed=9)
    answer = sentiment("memory", "--run", guides[0], "--data", "more.csv", "--json")
    assert answer.json["runs"][0]["reviews"] == 31


@pytest.mark.usefixtures("cached")
def test_at_most_200_reviews_are_read(here, guides):
    write_reviews(here / "many.csv", ["bad", "good"], rows=300, seed=9)
    answer = sentiment("memory", "--run", guides[0], "--data", "many.csv", "--json")
    assert answer.json["runs"][0]["reviews"] == 200


def test_without_its_reviews_the_start_is_left_out(here, monkeypatch):
    write_reviews(here / "mine.csv", ["bad", "good"])
    settings = ("--set", "data.source=mine.csv", "--set", "model.vectors=counted")
    sentiment("train", "tiny.yaml", *settings, "--set", "training.epochs=1", "--out", "made")
    (here / "mine.csv").unlink()
    answer = sentiment("memory", "--run", "made", "--data", "reviews.csv", "--json")
    assert answer.code == 0, answer.err
    assert "cannot be made again" in answer.err
    assert answer.json["runs"][0]["start_gradient"] == []
    assert answer.json["runs"][0]["gradient"]


@pytest.mark.usefixtures("cached")
def test_a_page_is_written_beside_the_tables(here, guides):
    answer = sentiment("memory", "--run", guides[2], "--html", "memory.html")
    assert answer.code == 0, answer.err
    assert "page: memory.html" in answer.err
    assert "half-life" in answer.out
    html = (here / "memory.html").read_text(encoding="utf-8")
    assert html.startswith("<!doctype html>")
    assert "update gate at 0" in html


def test_a_page_without_a_folder_is_refused_before_anything_is_measured(here):
    answer = sentiment("memory", "--html", "pages/new/memory.html")
    assert answer.code == 5
    assert "there is no folder pages/new" in answer.err
    assert "mkdir -p pages/new" in answer.err


def test_no_run_is_measured_where_one_is_missing(here):
    answer = sentiment("memory", "--run", "nowhere")
    assert answer.code == 4
    assert "sentiment runs" in answer.err
