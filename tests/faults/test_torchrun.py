"""Trainings by torchrun: what several processes come to, and what is left when one of them dies."""

from __future__ import annotations

import json
import signal
import time

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.cli import TINY, sentiment, write_reviews
from support.torchrun import Torchrun

from sentiment_cli.runs.checkpoints import newest_checkpoint

STEPS = 50


@pytest.fixture(scope="module")
def reviews(tmp_path_factory):
    folder = tmp_path_factory.mktemp("reviews")
    write_reviews(folder / "reviews.csv", ["bad", "good"])
    text = TINY.replace(" dropout: 0.1", " dropout: 0.0")
    (folder / "tiny.yaml").write_text(text, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        yield folder


@pytest.fixture
def here(reviews, tmp_path, monkeypatch):
    """An empty folder with an experiment without dropout."""
    monkeypatch.chdir(tmp_path)
    for name in ("reviews.csv", "tiny.yaml"):
        (tmp_path / name).symlink_to(reviews / name)
    return tmp_path


@pytest.fixture(scope="module")
def alone(reviews):
    """The losses of the steps of a training in one process."""
    out = reviews / "alone"
    answer = sentiment("train", reviews / "tiny.yaml", *steps(STEPS), "--out", out)
    assert answer.code == 0, answer.err
    return losses(out)


def steps(count):
    """Options that make each step an epoch, whose loss stands in the run's history."""
    settings = (
        f"training.epochs={count}", "training.batch_size=100", "training.patience=null",
        "training.schedule=constant", "training.warmup_ratio=0",
    )  # fmt: skip
    return [part for setting in settings for part in ("--set", setting)]


def losses(run):
    lines = (run / "history.jsonl").read_text().splitlines()
    return [json.loads(line)["training_loss"] for line in lines]


@pytest.mark.parametrize(("size", "real"), [(2, True), (4, False)])
def test_the_loss_of_each_step_is_that_of_one_process(here, alone, size, real):
    arguments = (*steps(STEPS), "--out", "run")
    with Torchrun(size, "train", "tiny.yaml", *arguments, cwd=here, real=real) as run:
        assert run.code() == 0, run.err
    assert f"{size} processes" in run.err
    assert run.err.count("\nepoch 50 ") == 1
    assert run.out == "run\n"
    assert losses(here / "run") == pytest.approx(alone, abs=1e-4)
    assert len(alone) == STEPS
    assert json.loads((here / "run" / "timing.json").read_text())["processes"] == size


@pytest.mark.parametrize(("killed", "size", "then"), [(1, 2, 1), (0, 2, 3)])
def test_a_rank_that_is_killed_ends_the_others_and_another_world_goes_on(
    here, alone, killed, size, then
):
    arguments = (*steps(400), "--set", "checkpoint.every=5", "--out", "run")
    with Torchrun(size, "train", "tiny.yaml", *arguments, cwd=here) as run:
        run.until("epoch 7 ")
        run.send(killed, signal.SIGKILL)
        died = time.monotonic()
        assert run.code() != 0
    assert time.monotonic() - died < 30
    assert run.err.count(f"error: rank {1 - killed}: another process of this training") == 1
    saved = newest_checkpoint(here / "run")
    assert saved is not None
    assert saved.step >= 5
    with Torchrun(then, "train", "--resume", "run", cwd=here) as run:
        run.until(f"resumed     after step {saved.step}")
        run.until("epoch 60 ")
        run.send(0, signal.SIGINT)
        assert run.code() != 0
    assert "which is saved" in run.err
    after = newest_checkpoint(here / "run")
    assert after is not None
    assert after.step >= 60
    assert losses(here / "run")[:STEPS] == pytest.approx(alone, abs=1e-4)


def test_an_error_reaches_the_screen_once_with_its_rank(here):
    with Torchrun(2, "train", "nothing.yaml", cwd=here) as run:
        assert run.code() != 0
    assert run.err.count("error: ") == 1
    assert "error: rank 0: " in run.err


def test_a_start_and_self_training_come_to_what_one_process_does(here):
    """Each round of self-training counts what the network of the round before predicts."""
    write_reviews(here / "own.csv", ["bad", "good"], rows=90, seed=5)
    write_reviews(here / "more.csv", ["good", "bad"], rows=50, seed=1)
    assert sentiment("train", "tiny.yaml", "--out", "first").code == 0
    settings = (
        "data.source=own.csv", "data.unlabelled=more.csv", "model.init=first",
        "training.self_training_rounds=2", "training.epochs=2", "training.patience=null",
    )  # fmt: skip
    chosen = [part for setting in settings for part in ("--set", setting)]
    one = sentiment("train", "tiny.yaml", *chosen, "--out", "one")
    assert one.code == 0, one.err
    with Torchrun(2, "train", "tiny.yaml", *chosen, "--out", "two", cwd=here) as run:
        assert run.code() == 0, run.err
    assert "round 2 of 2: training again with the n-grams of 50 predicted" in run.err
    assert losses(here / "two") == pytest.approx(losses(here / "one"), abs=1e-4)
    assert len(losses(here / "two")) == 3 * 2
    tables = [load_file(here / name / "ngrams.safetensors") for name in ("one", "two")]
    assert np.array_equal(tables[0]["keys"], tables[1]["keys"])
    assert tables[1]["counts"] == pytest.approx(tables[0]["counts"], abs=0.01)


def test_other_settings_are_trained_together(here):
    """Unlabelled reviews, class weights, and dropout."""
    write_reviews(here / "more.csv", ["good", "bad"], rows=50, seed=1)
    settings = (
        "data.unlabelled=more.csv",
        "training.class_weights=balanced", "model.vectors=counted", "model.dropout=0.1",
        "training.epochs=4", "training.lr=0.05",
    )  # fmt: skip
    chosen = [part for setting in settings for part in ("--set", setting)]
    with Torchrun(2, "train", "tiny.yaml", *chosen, "--out", "run", cwd=here) as run:
        assert run.code() == 0, run.err
    figures = json.loads((here / "run" / "metrics.json").read_text())
    assert figures["validation"]["accuracy"] > 0.8
