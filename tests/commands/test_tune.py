"""`sentiment tune`, as a user types it."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import signal

import pytest
from support.cli import sentiment
from support.tuning import SLOW, write_doubtful_reviews

from sentiment_cli.analysis.tuning import study
from sentiment_cli.errors import DivergedError
from sentiment_cli.reviews.corpus import Corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.training import experiment as training
from sentiment_cli.training.loop import StepRecord

TRIALS = 7


@pytest.fixture
def slow(tmp_path, monkeypatch):
    """An empty folder with an experiment that learns too slowly."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    write_doubtful_reviews(tmp_path / "doubtful.csv")
    (tmp_path / "slow.yaml").write_text(SLOW, encoding="utf-8")
    return tmp_path


@pytest.fixture(scope="module")
def searched(tmp_path_factory):
    """A folder where the search was made once, and the answer."""
    folder = tmp_path_factory.mktemp("searched")
    write_doubtful_reviews(folder / "doubtful.csv")
    (folder / "slow.yaml").write_text(SLOW, encoding="utf-8")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        answer = tune()
    assert answer.code == 0, answer.err
    return folder, answer


@pytest.fixture
def kept(slow, searched):
    """The folder of `slow` with the search of `searched`, which is for the test to change."""
    shutil.copytree(searched[0] / "runs", slow / "runs")
    return slow


def tune(*arguments):
    return sentiment("tune", "slow.yaml", *(arguments or ("--trials", TRIALS)))


def journal(folder):
    """What became known of the trials, without the seconds."""
    (path,) = (folder / "runs" / "tune").glob("*/study.jsonl")
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    return [{key: line[key] for key in line if key != "seconds"} for line in lines]


def test_a_better_rate_is_found_and_holds(searched):
    folder, answer = searched
    out = " ".join(answer.out.split())
    assert "7 trials" in out
    assert "holds: its log loss is lower than the start's by" in out
    assert "3 fresh seeds each" in out
    states = [line["state"] for line in journal(folder) if "state" in line]
    assert len(states) == TRIALS
    assert "pruned" in states


def test_what_it_writes_trains_as_it_is(kept):
    command = tune().out.splitlines()[-1].split()
    assert command[:2] == ["sentiment", "train"]
    answer = sentiment(*command[1:])
    assert answer.code == 0, answer.err
    assert (kept / "runs" / "slow-tuned" / "manifest.json").exists()
    assert (kept / command[2]).read_text().startswith("# trial ")


def test_trials_and_fresh_seeds_are_trained_once(slow, trainings):
    assert tune("--trials", 3).code == 0
    assert trainings == {"start": 3 + 6}
    before = (slow / "runs").rglob("study.jsonl")
    assert tune("--trials", 3).code == 0
    assert trainings == {"start": 3 + 6}
    assert len(list(before)) == 1


def test_a_second_call_goes_on(kept, trainings):
    answer = tune("--trials", TRIALS + 1)
    assert answer.code == 0
    assert sum("settings" in line for line in journal(kept)) == TRIALS + 1
    assert 1 <= trainings["start"] <= 1 + 3  # another winner has seeds of its own


def test_what_a_pruned_trial_left_is_removed(searched):
    folder, _ = searched
    runs = {path.name.rpartition("-seed0")[0] for path in (folder / "runs").rglob("trial-*")}
    trial = -1
    for line in journal(folder):
        trial += "settings" in line
        if "state" in line:
            assert (f"trial-{trial}" in runs) == (line["state"] == "complete")


def test_the_test_reviews_stay_closed(slow, monkeypatch):
    own, opened = Corpus.reviews, set()

    def reviews(self, part):
        opened.add(part)
        return own(self, part)

    monkeypatch.setattr(Corpus, "reviews", reviews)
    assert tune("--trials", 2).code == 0
    assert Part.VALIDATION in opened
    assert Part.TEST not in opened
    assert not (slow / "runs" / "ledger.jsonl").exists()


@pytest.mark.parametrize("step", [5, 20])
def test_a_killed_search_ends_as_an_undisturbed_one(slow, searched, trainings, monkeypatch, step):
    own = training.start

    def dies(*arguments, **options):
        for event in own(*arguments, **options):
            yield event
            if isinstance(event, StepRecord) and event.step == step and trainings["start"] == 3:
                raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(training, "start", dies)
        assert tune().code == 130
    assert tune().out == searched[1].out
    assert journal(slow) == journal(searched[0])
    assert trainings["resume"] == 1


def test_a_signal_saves_and_tells_how_to_go_on(slow, trainings, monkeypatch):
    own = training.start

    def is_stopped(*arguments, **options):
        for event in own(*arguments, **options):
            yield event
            if isinstance(event, StepRecord) and event.step == 2:
                os.kill(os.getpid(), signal.SIGINT)

    with monkeypatch.context() as patch:
        patch.setattr(training, "start", is_stopped)
        answer = tune("--trials", 2, "--out", "kept here")
    assert answer.code == 130
    assert "go on with: sentiment tune slow.yaml --trials 2 --out 'kept here'" in answer.err
    assert tune("--trials", 2, "--out", "kept here").code == 0
    assert trainings["resume"] == 1


def test_one_epoch_is_looked_at_in_between(slow):
    assert tune("--trials", 2, "--set", "training.epochs=1").code == 0
    assert [line["look"] for line in journal(slow) if "look" in line] == [1, 2, 1, 2]


def test_trials_of_several_lengths_are_looked_at_after_epochs(slow):
    text = SLOW.partition("tune:")[0] + "tune: {training.epochs: [1, 2]}\n"
    (slow / "slow.yaml").write_text(text, encoding="utf-8")
    assert tune("--trials", 2, "--set", "training.epochs=1").code == 0
    lengths = {"1": [], "2": [1]}
    trials = [line for line in journal(slow) if "settings" in line]
    looks = [line["look"] for line in journal(slow) if "look" in line]
    assert looks == [look for one in trials for look in lengths[one["settings"]["training.epochs"]]]


def test_no_minutes_are_two_trials_and_the_verdict(slow, trainings):
    answer = tune("--minutes", 0)
    assert answer.code == 0, answer.err
    assert "2 trials" in answer.out


def test_a_start_that_nothing_beats_is_kept(slow, trainings, monkeypatch):
    worse = {"training.lr": 1e-5, "model.pooling": "mean"}
    monkeypatch.setattr(study, "suggest", lambda *_: worse)
    answer = tune("--trials", 2, "--set", "training.lr=0.05")
    assert answer.code == 0, answer.err
    assert "nothing did better than the start: keep it" in answer.out
    assert trainings == {"start": 2}
    assert not list((slow / "runs").rglob("*-tuned.yaml"))


def test_other_reviews_are_another_search(kept, trainings):
    write_doubtful_reviews(kept / "doubtful.csv", rows=510)
    assert tune("--trials", 2).code == 0
    assert trainings["start"] >= 2


def test_a_trial_that_diverges_ends_alone(slow, trainings, monkeypatch):
    own = training.start

    def diverges(*arguments, **options):
        yield from own(*arguments, **options)
        if trainings["start"] == 2:
            raise DivergedError("the loss is nan at step 3")

    monkeypatch.setattr(training, "start", diverges)
    answer = tune("--trials", 3)
    assert answer.code == 0, answer.err
    assert "3 trials, 1 diverged" in answer.out
    assert not list((slow / "runs").rglob("trial-1-*"))


def test_a_winner_that_diverges_under_a_fresh_seed_gives_way(kept, monkeypatch):
    before = [line["trial"] for line in journal(kept) if "trial" in line]
    (winner,) = {path.name.split("-")[1] for path in (kept / "runs").rglob("trial-*-seed1-*")}
    shutil.rmtree(next((kept / "runs").rglob(f"trial-{winner}-seed1-*")))
    own, begun = training.start, []

    def diverges(*arguments, **options):
        begun.append(arguments)
        yield from own(*arguments, **options)
        if len(begun) == 1:
            raise DivergedError("the loss is nan at step 3")

    monkeypatch.setattr(training, "start", diverges)
    answer = tune()
    assert answer.code == 0, answer.err
    assert f"trial {winner}: diverged" in answer.err
    assert "1 diverged" in answer.out
    assert f"trial {winner} " not in answer.out
    assert [line["trial"] for line in journal(kept) if "trial" in line] == before
    again = tune()
    assert again.out == answer.out


def test_a_start_that_diverges_is_an_error(slow):
    answer = tune("--trials", 2, "--set", "training.weight_decay=1e7")
    assert answer.code == 6
    assert "trial 0, seed 0: " in answer.err


def test_two_lengths_are_refused(slow):
    answer = tune("--minutes", 1, "--trials", 3)
    assert answer.code == 2
    assert "--minutes and --trials" in answer.err


def test_a_missing_package_is_told_with_its_command(slow, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    answer = tune()
    assert answer.code == 5
    assert "pip install 'sentiment-cli[tune]'" in answer.err


def test_too_few_validation_reviews_are_refused(slow):
    answer = tune("--set", "data.validation_fraction=0.01")
    assert answer.code == 3
    assert "validation reviews are too few" in answer.err
