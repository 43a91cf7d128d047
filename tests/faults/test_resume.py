"""A training that was stopped and gone on with ends as one that was not: bit for bit."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load
from safetensors.torch import save as dump
from support.cli import sentiment, write_reviews
from support.trainings import (
    STEPS_AN_EPOCH,
    at_epoch,
    at_step,
    at_validation,
    begun,
    gone_on,
    killed,
    killed_at,
    results,
    tiny,
)

from sentiment_cli import metrics
from sentiment_cli.errors import DivergedError, ModelError
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.runs.checkpoints import newest_checkpoint, save
from sentiment_cli.training.checkpoint import SOURCES
from sentiment_cli.training.events import (
    Event,
    RoundStarted,
    Started,
    Stopped,
    UnlabelledPredicted,
    Warned,
)
from sentiment_cli.training.experiment import start
from sentiment_cli.training.loop import EpochRecord, ValidationRecord

MID_FIRST, MID_THIRD = at_step(4), at_step(2 * STEPS_AN_EPOCH + 2)
ROUNDS = (
    "data.unlabelled=more.csv",
    "training.self_training_rounds=2",
    "training.epochs=2",
    "checkpoint.every=4",
)
"""Settings of a training of three rounds, of twice six steps each."""
WAYS = [
    ("training.optimizer=adamw", "training.ema_decay=0.8", "checkpoint.every=epoch"),
    ("training.optimizer=adamw", "training.ema_decay=0", "checkpoint.every=3"),
    ("training.optimizer=sgd", "training.ema_decay=0.8", "checkpoint.every=3"),
    ("training.optimizer=sgd", "training.ema_decay=0", "checkpoint.every=epoch"),
]


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


def started(events):
    return next(event for event in events if isinstance(event, Started))


def twice_interrupted(experiment, out, first=MID_FIRST, second=MID_THIRD):
    begun(experiment, out, first)
    gone_on(out, second)
    gone_on(out)
    return results(out)


@pytest.mark.parametrize("way", WAYS, ids=" ".join)
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_twice_interrupted_in_mid_epoch_it_ends_as_if_it_had_not_been(disk, cell, way):
    experiment = tiny(disk, f"model.cell={cell}", *way)
    begun(experiment, disk / "whole")
    assert twice_interrupted(experiment, disk / "parts") == results(disk / "whole")


@pytest.mark.parametrize(
    "settings",
    [
        ("model.num_layers=2", "model.pooling=attention"),
        ("model.bidirectional=false", "model.pooling=last", "model.word_dropout=0.2"),
        ("model.vectors=counted", "tokenizer.kind=bpe"),
        ("training.optimizer=sgd", "model.dropout=0.3"),
        ("data.unlabelled=more.csv", "model.vectors=counted"),
        ("training.class_weights=balanced", "training.schedule=linear"),
        ("model.embedding_dropout=0.2", "checkpoint.keep=3", "checkpoint.every=1"),
    ],
    ids=" ".join,
)
def test_so_it_does_with_other_settings(disk, settings, monkeypatch):
    monkeypatch.chdir(disk)
    write_reviews(disk / "more.csv", ["good", "mixed"], rows=50, seed=1)
    experiment = tiny(disk, *settings)
    begun(experiment, disk / "whole")
    assert twice_interrupted(experiment, disk / "parts") == results(disk / "whole")


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (at_validation(), at_epoch(2)),
        (at_step(1), at_step(2)),
        (at_epoch(1), at_step(STEPS_AN_EPOCH + 1)),
        (at_step(STEPS_AN_EPOCH), at_validation()),
        (at_step(2), at_epoch(3)),
    ],
)
def test_wherever_it_is_stopped(disk, first, second):
    experiment = tiny(disk)
    begun(experiment, disk / "whole")
    assert twice_interrupted(experiment, disk / "parts", first, second) == results(disk / "whole")


def test_patience_that_is_running_out_is_not_forgotten(disk):
    experiment = tiny(disk, "training.epochs=12", "training.lr=0.5", "training.patience=2")
    begun(experiment, disk / "whole")
    figures = json.loads((disk / "whole" / "metrics.json").read_text())
    assert figures["stopped_early"]
    stale_from = figures["best_epoch"] * STEPS_AN_EPOCH
    first, second = at_step(stale_from + 2), at_step(stale_from + STEPS_AN_EPOCH + 2)
    parts = twice_interrupted(experiment, disk / "parts", first, second)
    assert parts == results(disk / "whole")


def test_killed_before_its_first_checkpoint_it_starts_again(disk):
    experiment = tiny(disk)
    begun(experiment, disk / "whole")
    killed(experiment, disk / "parts", step=5)
    assert newest_checkpoint(disk / "parts") is None
    assert started(gone_on(disk / "parts")).resumed_at == 0
    assert results(disk / "parts") == results(disk / "whole")


def test_killed_later_it_goes_on_from_the_last_interval(disk):
    experiment = tiny(disk, "checkpoint.every=4")
    begun(experiment, disk / "whole")
    killed(experiment, disk / "parts", step=STEPS_AN_EPOCH + 5)
    assert started(gone_on(disk / "parts")).resumed_at == STEPS_AN_EPOCH + 2
    assert results(disk / "parts") == results(disk / "whole")


def test_a_damaged_newest_checkpoint_is_passed_over_and_told(disk):
    experiment = tiny(disk, "checkpoint.every=4", "checkpoint.keep=2")
    begun(experiment, disk / "whole")
    killed(experiment, disk / "parts", step=9)
    (disk / "parts" / "checkpoints" / "step-000008" / "state.json").write_bytes(b"{}")
    events = gone_on(disk / "parts")
    assert started(events).resumed_at == STEPS_AN_EPOCH
    (told,) = (event.what for event in events if isinstance(event, Warned))
    assert "passed over" in told
    assert "step-000008" in told
    assert results(disk / "parts") == results(disk / "whole")


def test_other_reviews_than_it_began_with_are_refused(disk):
    begun(tiny(disk), disk / "run", MID_FIRST)
    write_reviews(disk / "reviews.csv", ["bad", "good"], seed=1)
    with pytest.raises(ModelError, match="the reviews, or what the tokenizer makes of them"):
        gone_on(disk / "run")


def test_a_network_that_no_reader_would_load_is_not_trained(disk, monkeypatch):
    monkeypatch.chdir(disk)
    tiny(disk)
    answer = sentiment("train", "tiny.yaml", "--out", "run", "--set", "model.hidden_size=65536")
    assert answer.code == 2
    assert "model.hidden_size" in answer.err


def test_weights_without_a_number_are_never_saved(disk):
    experiment = tiny(
        disk, "training.lr=1000", "training.weight_decay=1000000", "checkpoint.every=1"
    )
    with pytest.raises(DivergedError, match="learning rate"):
        begun(experiment, disk / "run")
    (prediction,) = Predictor.load(disk / "run")(["good"])
    assert 0 <= prediction.probability <= 1


def test_a_stop_says_what_is_saved(disk):
    stopped = begun(tiny(disk), disk / "run", MID_FIRST)[-1]
    assert isinstance(stopped, Stopped)
    assert stopped.step == stopped.saved == 4


def test_stopped_after_the_last_epoch_it_ends_like_one_that_was_not(disk):
    begun(tiny(disk), disk / "whole")
    seen: list[Event] = []

    def in_the_last_judging() -> bool:
        epochs = [event for event in seen if isinstance(event, EpochRecord)]
        return len(epochs) == 3 and isinstance(seen[-1], ValidationRecord)

    told = {"device": "cpu", "progress": lambda *_: None}
    for event in start(tiny(disk), disk / "parts", stop=in_the_last_judging, **told):
        seen += [event]
    assert isinstance(seen[-1], Stopped)
    assert seen[-1].saved == 3 * STEPS_AN_EPOCH
    gone_on(disk / "parts")
    assert results(disk / "parts") == results(disk / "whole")


@pytest.fixture
def rounds(disk, monkeypatch):
    """Settings of a training with self-training."""
    monkeypatch.chdir(disk)
    write_reviews(disk / "more.csv", ["good", "mixed"], rows=50, seed=1)
    return tiny(disk, *ROUNDS)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (at_step(5), at_step(13)),
        (at_step(12), at_step(24)),
        (at_step(15), at_step(16)),
        (at_epoch(3), at_step(29)),
        (at_validation(), at_epoch(6)),
    ],
)
def test_self_training_resumes_bit_identical_from_any_round(disk, rounds, first, second):
    begun(rounds, disk / "whole")
    assert twice_interrupted(rounds, disk / "parts", first, second) == results(disk / "whole")


def test_self_training_resumes_bit_identical_when_patience_ended_a_round(disk, rounds):
    experiment = tiny(disk, *ROUNDS, "training.epochs=9", "training.lr=0.5", "training.patience=1")
    begun(experiment, disk / "whole")
    lines = (disk / "whole" / "history.jsonl").read_text().splitlines()
    steps = [json.loads(line)["step"] for line in lines]
    assert max(step for step in steps if step <= 9 * STEPS_AN_EPOCH) < 9 * STEPS_AN_EPOCH
    second = at_step(9 * STEPS_AN_EPOCH + 2)  # of round 1
    assert twice_interrupted(experiment, disk / "parts", MID_FIRST, second) == results(
        disk / "whole"
    )


def test_self_training_resumes_bit_identical_after_a_stop_between_rounds(disk, rounds):
    begun(rounds, disk / "whole")
    seen: list[Event] = []

    def predicting_the_unlabelled() -> bool:
        return isinstance(seen[-1], UnlabelledPredicted)

    told = {"device": "cpu", "progress": lambda *_: None}
    for event in start(rounds, disk / "parts", stop=predicting_the_unlabelled, **told):
        seen += [event]
    assert isinstance(seen[-1], Stopped)
    assert seen[-1].step == seen[-1].saved == 12
    gone_on(disk / "parts")
    assert results(disk / "parts") == results(disk / "whole")


@pytest.mark.parametrize("step", [3, 14, 23])
def test_self_training_resumes_bit_identical_after_a_kill(disk, rounds, step):
    begun(rounds, disk / "whole")
    killed(rounds, disk / "parts", step=step)
    assert started(gone_on(disk / "parts")).resumed_at == step // 4 * 4
    assert results(disk / "parts") == results(disk / "whole")


def test_self_training_resumes_bit_identical_after_a_kill_at_the_start_of_a_round(disk, rounds):
    begun(rounds, disk / "whole")
    killed_at(rounds, disk / "parts", RoundStarted(1, 2, 50, 4))
    assert started(gone_on(disk / "parts")).resumed_at == 12
    assert results(disk / "parts") == results(disk / "whole")


@pytest.mark.parametrize("name", ["reviews.csv", "more.csv"])
def test_other_reviews_are_refused_in_a_later_round(disk, rounds, name):
    begun(rounds, disk / "run", at_step(14))
    write_reviews(disk / name, ["bad", "good"], rows=130, seed=4)
    with pytest.raises(ModelError, match="the reviews, or what the tokenizer makes of them"):
        gone_on(disk / "run")


def test_sources_of_ngrams_of_another_training_are_refused(disk, rounds):
    run = disk / "run"
    begun(rounds, run, at_step(14))
    saved = newest_checkpoint(run)
    assert saved is not None
    probabilities = load(saved.files[SOURCES])["unlabelled"]
    hostile = [
        {"unlabelled": probabilities[:-1].clone()},
        {"unlabelled": -probabilities},
        {"unlabelled": probabilities * torch.nan},
        {"unlabelled": probabilities.double()},
        {"unlabelled": probabilities, "more": probabilities.clone()},
        {"unlabelled": probabilities, "keys": torch.arange(3).to(torch.uint64)},
        {"known": torch.tensor([3, 2]).to(torch.uint64)},
    ]
    for content in [*map(dump, hostile), b"", b"\xff" * 99, saved.files[SOURCES][:-1]]:
        save(run, 14, {**saved.files, SOURCES: content}, best_step=None, keep=1)
        with pytest.raises(ModelError, match="no checkpoint of this experiment"):
            gone_on(run)
    save(run, 14, saved.files, best_step=None, keep=1)
    gone_on(run)


def hostile(position):
    """Ways to say of a training where it stands that none of ours would say."""
    return [
        {**position, "step": 10**9},
        {**position, "batch": 10**9, "step": 10**9},
        {**position, "batch": -1},
        {**position, "batch": 0, "reviews": 0},
        {**position, "reviews": 10**9},
        {**position, "epoch": "1"},
        {**position, "loss_sum": float("nan")},
        {**position, "best_loss": "low"},
        {**position, "best_loss": 10**400},
        {**position, "stopped_early": None},
        {**position, "history": 7},
        {**position, "history": [7]},
        {**position, "more": 1},
        [],
        "position",
    ]


def test_a_position_that_no_training_comes_to_is_refused(disk):
    run = disk / "run"
    begun(tiny(disk), run, MID_FIRST)
    saved = newest_checkpoint(run)
    assert saved is not None
    state = json.loads(saved.files["state.json"])
    for position in hostile(state["position"]):
        content = json.dumps({**state, "position": position}).encode()
        save(run, 4, {**saved.files, "state.json": content}, best_step=None, keep=1)
        with pytest.raises(ModelError, match="no checkpoint of this experiment"):
            gone_on(run)
    save(run, 4, saved.files, best_step=None, keep=1)
    gone_on(run)


@pytest.mark.parametrize("name", ["state.safetensors", "model.safetensors"])
def test_tensors_of_another_training_are_refused(disk, name):
    run = disk / "run"
    begun(tiny(disk), run, at_step(STEPS_AN_EPOCH + 1))
    saved = newest_checkpoint(run)
    assert saved is not None
    tensors = load(saved.files[name])
    first = min(tensors)
    hostile = [
        {**tensors, first: tensors[first].flatten()[:1].clone()},
        {**tensors, first: torch.full_like(tensors[first], torch.nan)},
        {**tensors, first: tensors[first].long()},
        *({**tensors, name: -tensors[name]} for name in tensors if name.startswith("step.")),
        {**tensors, "more": tensors[first].clone()},
        {key: value for key, value in tensors.items() if key != first},
    ]
    for content in [*map(dump, hostile), b"", b"\xff" * 99, dump(tensors)[:-1]]:
        save(run, STEPS_AN_EPOCH + 1, {**saved.files, name: content}, best_step=None, keep=1)
        with pytest.raises(ModelError, match="no checkpoint of this experiment"):
            gone_on(run)
