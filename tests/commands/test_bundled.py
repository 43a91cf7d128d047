"""The model that travels with the package, wherever a run may be named."""

from __future__ import annotations

import pytest
from support.cli import TINY, sentiment, write_reviews

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.runs import bundled
from sentiment_cli.runs.compact import compact_files, write_run

CEREAL = 280


@pytest.fixture(scope="session")
def model(tmp_path_factory):
    """The folder of a small model in the place of the bundled one."""
    folder = tmp_path_factory.mktemp("bundled")
    write_reviews(folder / "reviews.csv", ["bad", "good"])
    (folder / "tiny.yaml").write_text(TINY, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        labels = "data.label_map={bad: negative, good: positive}"
        answer = sentiment("train", "tiny.yaml", "--set", labels, "--out", "run")
        assert answer.code == 0, answer.err
    write_run(folder / "small", compact_files(folder / "run"))
    (folder / "reviews.csv").unlink()  # nobody who installs the package has them
    return folder / "small"


@pytest.fixture
def empty(model, tmp_path, monkeypatch):
    """Stand in an empty folder; the package has a model."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bundled, "FOLDER", model)
    return tmp_path


def test_it_answers_where_there_is_no_run_and_says_so(empty):
    answer = sentiment("predict", "--json", "lovely and crunchy")
    assert answer.code == 0, answer.err
    assert answer.json["label"] == "positive"
    assert "the bundled model" in answer.err


def test_a_run_of_ones_own_goes_first(empty, shop):
    (empty / "runs").symlink_to(shop / "runs")
    assert sentiment("predict", "--json", "lovely").json["label"] in ("negative", "positive")
    named = sentiment("predict", "--json", "--run", "bundled", "lovely")
    assert named.json["label"] in ("negative", "positive")
    assert "the bundled model" not in named.err


def test_a_run_folder_of_that_name_is_what_is_meant(empty, shop):
    (empty / "bundled").symlink_to(shop / "runs" / "tiny")
    answer = sentiment("predict", "--json", "--run", "bundled", "lovely")
    assert answer.json["label"] in ("negative", "positive")


def test_eval_reads_the_cereal_reviews(empty):
    answer = sentiment("eval", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["run"] == "bundled"
    assert answer.json["reviews"] == CEREAL
    assert "no linear model stands beside it" in answer.err
    assert '"bundled"' in (empty / "runs" / "ledger.jsonl").read_text()


def test_eval_reads_other_reviews_too(empty):
    write_reviews(empty / "mine.csv", ["bad", "good"], rows=40, seed=99)
    options = ("--data", "mine.csv", "--set", "data.label_map={bad: negative, good: positive}")
    assert sentiment("eval", "--run", "bundled", "--json", *options).json["reviews"] == 40


def test_eval_maps_ratings_to_the_classes_of_the_included_model(empty):
    rows = "".join(f"fine {n},{n} out of 5\n" for n in (5, 1, 3))
    (empty / "foods.csv").write_text(f"body,score\n{rows}", encoding="utf-8")
    answer = sentiment("eval", "--run", "bundled", "--data", "foods.csv", "--json")
    assert answer.code == 0, answer.err
    assert answer.json["reviews"] == 2
    assert "ratings out of 5: '1 out of 5' read as negative" in answer.err


def test_explain_asks_the_cereal_reviews(empty):
    answer = sentiment("explain", "--run", "bundled", "--check", 4, "--json")
    assert answer.code == 0, answer.err
    assert answer.json["run"] == "bundled"
    assert answer.json["reviews"] == 4
    page = sentiment("explain", "lovely box", "--html", "page.html")
    assert page.code == 0, page.err


def test_memory_reads_the_cereal_reviews(empty):
    answer = sentiment("memory", "--json")
    assert answer.code == 0, answer.err
    (report,) = answer.json["runs"]
    assert report["run"] == "bundled"
    assert report["reviews"] == 200


def test_a_file_is_scored(empty):
    write_reviews(empty / "mine.csv", ["bad", "good"], rows=40)
    answer = sentiment("predict", "--file", "mine.csv", "--out", "scored.csv")
    assert answer.code == 0, answer.err
    assert (empty / "scored.csv").read_text().count("\n") == 41


@pytest.mark.parametrize(
    "arguments", [("predict", "fine"), ("eval",), ("explain", "fine"), ("memory",)]
)
def test_an_installation_without_it_says_so(empty, monkeypatch, arguments):
    monkeypatch.setattr(bundled, "FOLDER", empty / "none")
    answer = sentiment(*arguments)
    assert answer.code == 4
    assert "there is no finished run under runs/" in answer.err
    named = sentiment(*arguments, "--run", "bundled")
    assert named.code == 4
    assert "this installation has no bundled model" in named.err


def test_reviews_in_words_that_it_does_not_know_begin_with_nothing(empty):
    write_reviews(empty / "known.csv", ["bad", "good"], seed=4)
    rows = [f"Мне очень понравилось {n},good\nНевкусно {n},bad\n" for n in range(20)]
    (empty / "foreign.csv").write_text("text,label\n" + "".join(rows), encoding="utf-8")
    for name, init in (("known", "bundled"), ("foreign", None)):
        answer = sentiment("inspect", f"{name}.csv", "--write-config", f"{name}.yaml")
        assert answer.code == 0, answer.err
        assert read_experiment(empty / f"{name}.yaml", []).experiment.model.init == init
