"""`sentiment train`, as a user types it."""

from __future__ import annotations

import itertools
import json

import pytest
from support.cli import sentiment, write_reviews

from sentiment_cli.training.linear import fitting

POOLINGS = ("last", "mean", "max", "mean+max", "attention")


def train(*arguments):
    return sentiment("train", "tiny.yaml", "--set", "training.epochs=1", *arguments)


def test_prints_the_run_folder_alone_on_stdout(here):
    answer = train("--out", "made")
    assert answer.code == 0, answer.err
    assert answer.out == "made\n"
    assert "sentiment eval --run made" in answer.err


def test_the_run_folder_holds_what_the_design_names(here):
    train("--out", "made")
    assert {path.name for path in (here / "made").iterdir()} >= {
        "config.yaml",
        "config.json",
        "model.safetensors",
        "tokenizer.json",
        "metrics.json",
        "history.jsonl",
        "README.md",
        "manifest.json",
        "timing.json",
    }


def test_json_is_one_object_with_the_validation_scores(here):
    found = train("--out", "made", "--json").json
    assert found["run"] == "made"
    assert 0 <= found["validation"]["accuracy"] <= 1


@pytest.mark.parametrize(
    ("cell", "pooling"),
    [*itertools.product(("rnn", "lstm", "gru"), ("mean+max",)),
     *itertools.product(("lstm",), POOLINGS)],
)  # fmt: skip
def test_every_cell_and_pooling_trains_and_predicts(here, cell, pooling):
    answer = train(
        "--set", f"model.cell={cell}", "--set", f"model.pooling={pooling}", "--out", "made"
    )
    assert answer.code == 0, answer.err
    found = sentiment("predict", "--run", "made", "--json", "a crunchy box", "").lines
    assert [line["text"] for line in found] == ["a crunchy box", ""]


@pytest.mark.parametrize(
    "change",
    [
        "model.num_layers=2",
        "model.bidirectional=false",
        "tokenizer.kind=bpe",
        "model.vectors=counted",
        "training.optimizer=sgd",
        "training.class_weights=balanced",
        "training.ema_decay=0",
        "training.clip_norm=null",
        "training.schedule=linear",
    ],
)
def test_every_other_choice_trains(here, change):
    answer = train("--set", change, "--out", "made")
    assert answer.code == 0, answer.err


def test_three_classes_train_evaluate_and_predict(here):
    write_reviews(here / "three.csv", ["bad", "mixed", "good"], rows=150)
    assert train("--set", "data.source=three.csv", "--out", "made").code == 0
    report = sentiment("eval", "--run", "made", "--json").json
    assert [row["class"] for row in report["classes"]] == ["bad", "good", "mixed"]
    assert sum(map(sum, report["confusion"])) == report["reviews"] == 30
    answer = sentiment("predict", "--run", "made", "--json", "passable").json
    assert sum(answer["probabilities"].values()) == pytest.approx(1)


def test_the_same_seed_is_the_same_model(here):
    for name in ("one", "two"):
        train("--out", name)
    for file in ("model.safetensors", "metrics.json", "history.jsonl", "tokenizer.json"):
        assert (here / "one" / file).read_bytes() == (here / "two" / file).read_bytes()


def test_the_model_card_holds_no_review(here):
    train("--out", "made")
    card = (here / "made" / "README.md").read_text(encoding="utf-8")
    assert "Validation" in card
    assert "crunchy" not in card


def test_a_linear_fit_that_did_not_converge_is_reported(here, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(here / "cache"))
    monkeypatch.setattr(fitting, "_MAX_ITER", 1)
    told = "TF-IDF bigrams (fit did not converge)"
    assert told in train("--out", "made").err
    figures = json.loads((here / "made" / "metrics.json").read_text())["baseline"]
    assert figures["tf_idf"]["converged"] is False
    assert told in (here / "made" / "README.md").read_text()
    assert "(fit did not converge)" in sentiment("eval", "--run", "made").out


def test_an_occupied_folder_is_left_as_it_is(here):
    (here / "made").mkdir()
    (here / "made" / "mine.txt").write_text("mine")
    answer = train("--out", "made")
    assert answer.code == 2
    assert "made" in answer.err
    assert [path.name for path in (here / "made").iterdir()] == ["mine.txt"]


def test_what_fails_before_the_first_step_leaves_no_run(here):
    answer = sentiment("train", "tiny.yaml", "--set", "model.hidden_size=16384", "--out", "big")
    assert answer.code != 0
    assert "model.hidden_size" in answer.err
    assert not (here / "big").exists()


def test_a_mistyped_key_is_named_with_the_one_that_was_meant(here):
    answer = train("--set", "model.hiden_size=3")
    assert answer.code == 2
    assert "model.hiden_size" in answer.err
    assert "hidden_size" in answer.err


def test_a_missing_column_is_named_with_those_that_exist(here):
    answer = train("--set", "data.text_column=body", "--out", "made")
    assert answer.code == 3
    assert "body" in answer.err
    assert "'text', 'label'" in answer.err


def test_a_missing_file_is_named(here):
    answer = train("--set", "data.source=revews.csv", "--out", "made")
    assert answer.code == 3
    assert "revews.csv" in answer.err
    assert "reviews.csv" in answer.err


def test_a_missing_config_is_a_usage_error(here):
    answer = sentiment("train", "tinny.yaml")
    assert answer.code == 2
    assert "tiny.yaml" in answer.err


def test_cuda_is_no_quiet_fallback(here):
    import torch

    if torch.cuda.is_available():
        assert train("--device", "cuda", "--out", "made").code == 0
        return
    answer = train("--device", "cuda", "--out", "made")
    assert answer.code == 5
    assert "cuda" in answer.err
    assert not (here / "made").exists()


def test_resume_takes_no_settings(here):
    answer = sentiment("train", "tiny.yaml", "--resume", "runs/tiny")
    assert answer.code == 2


def test_a_finished_run_says_so(here):
    answer = sentiment("train", "--resume", "runs/tiny")
    assert answer.code == 0
    assert "finished" in answer.err


def test_a_finished_run_is_cleared_of_checkpoints_that_a_kill_left_half_removed(here):
    train("--out", "made")
    (here / "made" / ".partial-0123").mkdir()
    assert sentiment("train", "--resume", "made").code == 0
    assert not (here / "made" / ".partial-0123").exists()


def test_a_loss_without_a_number_is_exit_6_and_proposes_a_setting(here):
    answer = sentiment(
        "train", "tiny.yaml", "--out", "made", "--set", "training.lr=1000",
        "--set", "training.weight_decay=1000000",
    )  # fmt: skip
    assert answer.code == 6
    assert "training.lr" in answer.err


def test_history_is_one_json_object_an_epoch(shop):
    lines = (shop / "runs" / "tiny" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == list(range(1, len(lines) + 1))


def test_trains_with_unlabelled_reviews_and_reports_them(here):
    write_reviews(here / "more.csv", ["good", "bad"], rows=40, seed=3)
    with (here / "reviews.csv").open() as reviews, (here / "more.csv").open("a") as more:
        more.writelines(reviews.readlines()[1:])  # those of validation and test among them
    answer = train(
        *("--set", "data.unlabelled=more.csv"),
        *("--out", "made"),
    )
    assert answer.code == 0, answer.err
    figures = json.loads((here / "made" / "metrics.json").read_text())
    held = sum(figures["reviews"]["validation"]) + sum(figures["reviews"]["test"])
    assert figures["unlabelled"] == {"reviews": 160 - held, "overlapping": held}
    told = f"{160 - held} reviews; {held} are in validation or test and were skipped"
    assert f"unlabelled  {told}" in answer.err
    assert f"{160 - held} reviews without labels" in (here / "made" / "README.md").read_text()
