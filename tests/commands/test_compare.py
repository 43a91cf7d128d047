"""`sentiment compare`, as a user types it."""

from __future__ import annotations

import json
import os
import signal

import pytest
from support.cli import SWEPT, TINY, sentiment
from support.cli import compare_cells as compare

from sentiment_cli.analysis.comparison import measure
from sentiment_cli.training import experiment as training
from sentiment_cli.training.linear import fitting
from sentiment_cli.training.loop import StepRecord


@pytest.fixture
def found(compared):
    """What the comparison of `compared` says."""
    return compared[1].json


def test_json_has_the_stable_names(found):
    assert [(run["name"], run["seed"]) for run in found["runs"]] == [
        ("rnn", 0), ("rnn", 1), ("gru", 0), ("gru", 1),
    ]  # fmt: skip
    assert [row["name"] for row in found["table"]][:2] == ["rnn", "gru"]
    verdict = found["verdicts"][0]
    assert {verdict["a"], verdict["b"]} == {"rnn", "gru"}
    low, high = verdict["interval"]
    assert low <= verdict["difference"] <= high
    assert 0 <= verdict["p_adjusted"] <= 1
    assert verdict["verdict"] in ("better", "no difference shown")


def test_each_row_has_its_costs(found):
    for row in found["table"][:2]:
        assert row["seeds"] == 2
        assert row["cold_ms"] == 123.0
        for cost in ("parameters", "seconds", "tokens_per_second", "file_bytes"):
            assert row[cost] > 0


def test_a_person_reads_tables_and_a_sentence_a_pair(kept):
    answer = compare()
    assert answer.code == 0, answer.err
    for words in ("24 test reviews", "calibration", "training s", "majority", "rnn", "gru"):
        assert words in answer.out
    assert "no difference shown between" in answer.out or "is better than" in answer.out


def test_the_majority_class_stands_beside(found):
    (majority,) = (row for row in found["table"] if row["kind"] == "majority")
    assert majority["accuracy"] == 0.5


def test_a_linear_fit_that_did_not_converge_is_reported(swept, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(swept / "cache"))
    monkeypatch.setattr(fitting, "_MAX_ITER", 1)
    answer = sentiment("compare", "cells.yaml", "--seeds", 1, "--json")
    assert "the fit of TF-IDF bigrams did not converge" in answer.json["summary"]


def test_the_linear_models_stand_beside_and_are_judged(found):
    linear = [row["name"] for row in found["table"] if row["kind"] == "linear"]
    assert linear == ["TF-IDF bigrams", "NB-weighted trigrams"]
    pairs = [{verdict["a"], verdict["b"]} for verdict in found["verdicts"]]
    for name in linear:
        assert {name, "rnn"} in pairs
        assert any(name in sentence for sentence in found["summary"])


def test_every_run_is_trained_once_and_a_line_tells_of_it(swept, trainings):
    answer = compare()
    assert answer.code == 0
    assert trainings == {"start": 4}
    for run in ("rnn, seed 0", "gru, seed 0", "rnn, seed 1", "gru, seed 1"):
        assert answer.err.count(f"{run}: training on cpu\n") == 1
        assert f"{run}: epoch 1: validation loss" in answer.err


def test_a_second_call_trains_and_measures_nothing(kept, found, trainings, monkeypatch):
    monkeypatch.setattr(measure, "evaluate", None)
    assert compare("--json").json == found
    assert not trainings


def test_a_seed_more_trains_that_seed_alone(kept, trainings):
    found = sentiment("compare", "cells.yaml", "--seeds", 3, "--json").json
    assert trainings == {"start": 2}
    assert len(found["runs"]) == 6


def test_a_config_more_trains_that_config_alone(kept, trainings):
    (kept / "cells.yaml").write_text(SWEPT.replace("rnn, gru", "lstm, rnn, gru"))
    assert len(compare("--json").json["runs"]) == 6
    assert trainings == {"start": 2}


def test_the_same_settings_are_found_again_under_another_name(kept, trainings):
    (kept / "gru.yaml").write_text(
        TINY.replace("epochs: 4", "epochs: 1").replace("model: {", "model: {cell: gru, ")
    )
    assert sentiment("compare", "gru.yaml", "--seeds", 2).code == 0
    assert not trainings


@pytest.mark.parametrize("change", ["training.epochs=2", "data.split_seed=5"])
def test_other_settings_are_other_runs(kept, trainings, change):
    assert compare("--set", change).code == 0
    assert trainings == {"start": 4}


def test_other_reviews_are_other_runs(kept, trainings):
    content = (kept / "reviews.csv").read_text()
    (kept / "reviews.csv").unlink()
    (kept / "reviews.csv").write_text(content + "fresh and lovely,good\n")
    assert compare().code == 0
    assert trainings == {"start": 4}


def test_a_killed_comparison_goes_on_where_it_stood(swept, trainings, monkeypatch):
    own = training.start

    def dies_in_the_second(*arguments, **options):
        for event in own(*arguments, **options):
            yield event
            if isinstance(event, StepRecord) and event.step == 2 and trainings["start"] == 2:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "start", dies_in_the_second)
        assert compare().code == 130
    assert trainings == {"start": 2}
    found = compare("--json").json
    assert trainings == {"start": 4, "resume": 1}
    assert len(found["runs"]) == 4


def test_a_signal_saves_and_tells_how_to_go_on(swept, trainings, monkeypatch):
    own = training.start

    def is_stopped(*arguments, **options):
        for event in own(*arguments, **options):
            yield event
            if isinstance(event, StepRecord) and event.step == 2:
                os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(training, "start", is_stopped)
        answer = compare("--out", "kept here")
    assert answer.code == 130
    assert "go on with: sentiment compare cells.yaml --seeds 2 --out 'kept here'" in answer.err
    found = compare("--out", "kept here", "--json").json
    assert trainings == {"start": 4, "resume": 1}
    assert found["runs"][0]["seconds"] is None  # those of half a training


def test_runs_share_one_tokenised_copy(swept, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(swept / "cache"))
    compare()
    assert len(list((swept / "cache").glob("*/tokens-*"))) == 1


def test_a_run_of_the_store_is_one_as_train_makes_it(kept):
    run = compare("--json").json["runs"][1]
    report = sentiment("eval", "--run", run["run"], "--json").json
    assert report["accuracy"] == run["accuracy"]
    assert report["log_loss"] == pytest.approx(run["log_loss"])


def test_nothing_of_a_review_is_kept(compared):
    files = [path for path in (compared[0] / "runs").rglob("*") if path.is_file()]
    assert {"test.safetensors", "majority.safetensors"} <= {path.name for path in files}
    for path in files:
        if path.name != "tokenizer.json":
            assert b"crunchy" not in path.read_bytes(), path


def test_one_seed_is_said_to_tell_nothing_of_others(kept):
    answer = sentiment("compare", "cells.yaml", "--seeds", 1)
    assert answer.code == 0, answer.err
    assert "other seeds may say otherwise" in " ".join(answer.out.split())


def test_damaged_answers_are_measured_again(kept, found, trainings):
    answers = sorted((kept / "runs" / "compare").rglob("test.safetensors"))
    answers[0].write_bytes(b"nonsense")
    assert compare("--json").json["verdicts"] == found["verdicts"]
    assert not trainings


def test_different_reviews_are_refused(swept):
    (swept / "other.yaml").write_text(TINY.replace("data: {", "data: {limit: 50, "))
    answer = sentiment("compare", "cells.yaml", "other.yaml")
    assert answer.code == 2
    assert "data.limit" in answer.err


def test_the_same_experiment_twice_is_refused(swept):
    (swept / "twin.yaml").write_text((swept / "tiny.yaml").read_text())
    answer = sentiment("compare", "tiny.yaml", "twin.yaml")
    assert answer.code == 2
    assert "the same experiment" in answer.err


def test_a_diverging_config_is_named(swept):
    answer = compare("--set", "training.lr=1000", "--set", "training.weight_decay=1000000")
    assert answer.code == 6
    assert "rnn, seed 0: " in answer.err


def test_train_leads_to_compare_where_a_file_sweeps(swept):
    answer = sentiment("train", "cells.yaml")
    assert answer.code == 2
    assert "cells.yaml:6: sweep" in answer.err
    assert "sentiment compare cells.yaml" in answer.err


def test_each_look_at_the_test_set_is_counted(swept):
    assert "looked at 6 times" in compare().err
    assert "looked at 6 times" in compare().err  # nothing new was measured
    run = compare("--json").json["runs"][0]["run"]
    assert "looked at 7 times" in sentiment("eval", "--run", run).err
    lines = (swept / "runs" / "ledger.jsonl").read_text().splitlines()
    assert [json.loads(line)["run"] for line in lines][-1] == run


def test_a_single_test_review_is_refused_before_any_training(swept, trainings):
    (swept / "one.csv").write_text("text,label\ncrunchy,good\n")
    answer = compare("--set", "data.test=one.csv")
    assert answer.code == 3
    assert "fewer than 2 test reviews" in answer.err
    assert not trainings


def test_other_vectors_in_the_same_file_are_other_runs(swept, trainings):
    vectors = swept / "vectors.txt"
    vectors.write_text("crunchy " + "0.5 " * 8 + "\nstale " + "0.1 " * 8 + "\n")
    assert compare("--set", "model.vectors=vectors.txt").code == 0
    vectors.write_text("crunchy " + "0.9 " * 8 + "\nstale " + "0.1 " * 8 + "\n")
    assert compare("--set", "model.vectors=vectors.txt").code == 0
    assert trainings == {"start": 8}


@pytest.mark.parametrize("page", ["cells.yaml", "reviews.csv"])
def test_compare_refuses_a_page_that_exists_before_it_trains(swept, trainings, page):
    before = (swept / page).read_bytes()
    answer = compare("--html", page)
    assert answer.code == 2
    assert not trainings
    assert (swept / page).read_bytes() == before
