"""Pre-training that was stopped, killed or kept ends as if it had not been: bit for bit."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load
from safetensors.torch import save as dump
from support.cli import sentiment, write_reviews
from support.trainings import (
    at_pretraining_step,
    at_step,
    begun,
    gone_on,
    killed_at,
    results,
    tiny,
)

from sentiment_cli import metrics
from sentiment_cli.errors import ModelError
from sentiment_cli.runs.checkpoints import newest_checkpoint, save
from sentiment_cli.training.events import Pretrained, PretrainingStarted, Warned
from sentiment_cli.training.pretraining.loop import PretrainingLoop, PretrainingStep

STEPS_AN_EPOCH = 6
SETTINGS = ("pretraining.epochs=2", "pretraining.batch_size=16", "pretraining.negatives=20")
MID_SECOND = at_pretraining_step(STEPS_AN_EPOCH + 3)
BETWEEN = Pretrained({}, found=False)


@pytest.fixture(scope="module", autouse=True)
def cache(tmp_path_factory):
    """One cache of tokens for all of these trainings, and one thread."""
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(metrics, "_DRAWS", 20)  # for time's sake: intervals are not the matter
        patch.setenv("SENTIMENT_CACHE", str(tmp_path_factory.mktemp("cache")))
        yield
    torch.set_num_threads(threads)


def pretrained(folder, *settings):
    return tiny(folder, "training.epochs=1", *SETTINGS, *settings)


def forget():
    """Leave no kept language model."""
    shutil.rmtree(Path(os.environ["SENTIMENT_CACHE"], "pretrained"), ignore_errors=True)


def whole(experiment, out):
    """What the run holds that nothing interrupted; no later run finds its language model."""
    forget()
    begun(experiment, out)
    forget()
    return results(out)


def steps(events):
    return [event.step for event in events if isinstance(event, PretrainingStep)]


@pytest.mark.parametrize(
    "settings",
    [
        ("model.cell=lstm", "checkpoint.every=epoch", "model.word_dropout=0.2"),
        ("model.cell=gru", "checkpoint.every=4", "data.unlabelled=more.csv"),
        ("model.cell=rnn", "model.bidirectional=false", "model.num_layers=2", "model.dropout=0.3"),
        ("model.vectors=counted", "model.embedding_dropout=0.2", "pretraining.negatives=500"),
    ],
    ids=" ".join,
)
def test_twice_interrupted_in_mid_epoch_it_ends_as_if_it_had_not_been(disk, settings, monkeypatch):
    monkeypatch.chdir(disk)
    write_reviews(disk / "more.csv", ["good", "mixed"], rows=50, seed=1)
    experiment = pretrained(disk, *settings)
    expected = whole(experiment, disk / "whole")
    stopped = begun(experiment, disk / "parts", at_pretraining_step(4))[-1]
    assert stopped.pretraining
    assert stopped.saved == stopped.step == 4
    assert steps(gone_on(disk / "parts", MID_SECOND))[0] == 5
    gone_on(disk / "parts")
    assert results(disk / "parts") == expected


@pytest.mark.parametrize("kept", [True, False])
def test_killed_between_the_stages_it_trains_no_language_model_again(disk, kept):
    experiment = pretrained(disk)
    expected = whole(experiment, disk / "whole")
    killed_at(experiment, disk / "parts", BETWEEN)
    if not kept:
        forget()
    assert steps(gone_on(disk / "parts")) == []
    assert results(disk / "parts") == expected


def test_killed_in_mid_pretraining_it_goes_on_from_the_last_interval(disk):
    experiment = pretrained(disk, "checkpoint.every=4")
    expected = whole(experiment, disk / "whole")
    killed_at(experiment, disk / "parts", MID_SECOND)
    events = gone_on(disk / "parts")
    (started,) = (event for event in events if isinstance(event, PretrainingStarted))
    assert started.resumed_at == 8
    assert results(disk / "parts") == expected


def test_stopped_in_the_classifiers_stage_it_goes_on_there(disk):
    experiment = pretrained(disk)
    expected = whole(experiment, disk / "whole")
    begun(experiment, disk / "parts", at_step(3))
    forget()
    events = gone_on(disk / "parts")
    assert not [event for event in events if isinstance(event, Pretrained | PretrainingStep)]
    assert results(disk / "parts") == expected
    assert json.loads(expected["metrics.json"])["pretraining"]["epochs"] == 2


def test_a_damaged_newest_checkpoint_is_passed_over_and_told(disk):
    experiment = pretrained(disk, "checkpoint.every=4", "checkpoint.keep=2")
    expected = whole(experiment, disk / "whole")
    killed_at(experiment, disk / "parts", MID_SECOND)
    newest = disk / "parts" / "pretraining" / "checkpoints" / "step-000008"
    (newest / "state.json").write_bytes(b"{}")
    events = gone_on(disk / "parts")
    (told,) = (event.what for event in events if isinstance(event, Warned))
    assert "step-000008" in told
    assert results(disk / "parts") == expected


def test_a_finished_run_holds_nothing_of_the_stage(disk):
    begun(pretrained(disk), disk / "run")
    assert not (disk / "run" / "pretraining").exists()


def test_nothing_is_predicted_from_a_language_model(disk):
    forget()
    begun(pretrained(disk), disk / "run", MID_SECOND)
    answer = sentiment("predict", "--run", disk / "run", "good")
    assert answer.code == 4
    assert "still at its language model" in answer.err


def test_a_config_that_was_changed_meanwhile_is_refused(disk):
    forget()
    begun(pretrained(disk), disk / "run", MID_SECOND)
    with (disk / "run" / "config.yaml").open("a") as config:
        config.write("# changed\n")
    with pytest.raises(ModelError, match="was changed after the run began") as fault:
        gone_on(disk / "run")
    assert str(disk / "run" / "pretraining" / "checkpoints") in fault.value.hint


def test_a_link_in_the_stages_place_is_refused(disk):
    forget()
    begun(pretrained(disk), disk / "run", MID_SECOND)
    (disk / "run" / "pretraining").rename(disk / "elsewhere")
    (disk / "run" / "pretraining").symlink_to(disk / "elsewhere")
    with pytest.raises(ModelError, match="is no folder, but a link"):
        gone_on(disk / "run")


def test_a_run_that_vanishes_does_not_come_back_in_part(disk, monkeypatch):
    forget()
    monkeypatch.chdir(disk)
    pretrained(disk)
    step = PretrainingLoop._step

    def vanish(loop, indices):
        shutil.rmtree(disk / "run", ignore_errors=True)
        return step(loop, indices)

    monkeypatch.setattr(PretrainingLoop, "_step", vanish)
    settings = [part for setting in SETTINGS for part in ("--set", setting)]
    answer = sentiment("train", "tiny.yaml", *settings, "--out", "run")
    assert answer.code == 5
    assert "warning: not saved" in answer.err
    assert not (disk / "run").exists()


def hostile(position):
    """Ways to say of a pre-training where it stands that none of ours would say."""
    return [
        {**position, "step": 10**9},
        {**position, "batch": -1},
        {**position, "epoch": "1"},
        {**position, "foretold": 0.5},
        {**position, "loss_sum": float("nan")},
        {**position, "key": "../../elsewhere"},
        {**position, "key": 7},
        {**position, "history": 7},
        {**position, "history": [{"epoch": 1}]},
        {**position, "vectors": 7},
        {**position, "more": 1},
        [],
    ]


def test_a_position_that_no_pretraining_comes_to_is_refused(disk):
    forget()
    run = disk / "run"
    begun(pretrained(disk), run, MID_SECOND)
    saved = newest_checkpoint(run / "pretraining")
    state = json.loads(saved.files["state.json"])
    for position in hostile(state["position"]):
        content = json.dumps({**state, "position": position}).encode()
        changed = {**saved.files, "state.json": content}
        save(run / "pretraining", saved.step, changed, best_step=None, keep=1)
        with pytest.raises(ModelError, match="no checkpoint of this experiment"):
            gone_on(run)


def test_tensors_of_another_pretraining_are_refused(disk):
    forget()
    run = disk / "run"
    begun(pretrained(disk), run, MID_SECOND)
    saved = newest_checkpoint(run / "pretraining")
    tensors = load(saved.files["state.safetensors"])
    first = min(tensors)
    for content in (
        dump({**tensors, first: torch.full_like(tensors[first], torch.nan)}),
        dump({key: value for key, value in tensors.items() if key != first}),
        b"\xff" * 99,
    ):
        changed = {**saved.files, "state.safetensors": content}
        save(run / "pretraining", saved.step, changed, best_step=None, keep=1)
        with pytest.raises(ModelError, match="no checkpoint of this experiment"):
            gone_on(run)


def test_other_reviews_than_it_began_with_are_refused(disk):
    forget()
    begun(pretrained(disk), disk / "run", MID_SECOND)
    write_reviews(disk / "reviews.csv", ["bad", "good"], seed=1)
    with pytest.raises(ModelError, match="the reviews, what the tokenizer makes of them"):
        gone_on(disk / "run")
