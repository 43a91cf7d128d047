"""What TensorBoard shows of a training, read by TensorBoard itself."""

from __future__ import annotations

import importlib.util
import json

import pytest
from support.trainings import STEPS_AN_EPOCH, at_epoch, at_step, begun, gone_on, results, tiny
from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.training import experiment as training
from sentiment_cli.training import loop, reading
from sentiment_cli.training.events import Finished, Warned
from sentiment_cli.training.tensorboard import FOLDER

STEPS = 3 * STEPS_AN_EPOCH
BY_STEP = ("loss/training", "gradient_norm", "learning_rate", "tokens_per_second")
BY_EPOCH = ("loss/validation", "accuracy/validation")


@pytest.fixture(autouse=True)
def _every_second_step_is_looked_at(monkeypatch):
    monkeypatch.setattr(loop, "LOOK_EVERY", 2)


@pytest.fixture
def drawn(tmp_path):
    """An experiment that writes for TensorBoard."""
    return tiny(tmp_path, "training.tensorboard=true", "checkpoint.every=4")


def scalars(run):
    """What TensorBoard reads: by tag, the value at each step, of which none comes twice."""
    read = EventAccumulator(str(run / FOLDER))
    read.Reload()
    found = {}
    for tag in read.Tags()["scalars"]:
        points = [(event.step, event.value) for event in read.Scalars(tag)]
        found[tag] = dict(points)
        assert len(points) == len(found[tag]), tag
    return found


def test_tensorboard_reads_every_figure(drawn, tmp_path):
    begun(drawn, tmp_path / "run")
    found = scalars(tmp_path / "run")
    assert found.keys() == {*BY_STEP, *BY_EPOCH}
    for tag in BY_STEP:
        assert list(found[tag]) == list(range(2, STEPS + 1, 2))
    for tag in BY_EPOCH:
        assert list(found[tag]) == [STEPS_AN_EPOCH, 2 * STEPS_AN_EPOCH, STEPS]
    for tag in ("gradient_norm", "tokens_per_second", "loss/training"):
        assert min(found[tag].values()) > 0


def test_epochs_are_those_of_the_history(drawn, tmp_path):
    begun(drawn, tmp_path / "run")
    lines = (tmp_path / "run" / "history.jsonl").read_text().splitlines()
    history = {figures["step"]: figures for figures in map(json.loads, lines)}
    for step, loss in scalars(tmp_path / "run")["loss/validation"].items():
        assert loss == pytest.approx(history[step]["validation_loss"])


def test_the_learning_rate_is_that_of_the_step(drawn, tmp_path):
    begun(drawn, tmp_path / "run")
    rates = list(scalars(tmp_path / "run")["learning_rate"].values())
    assert rates[0] == pytest.approx(drawn.training.lr)  # the warm-up has two steps
    assert rates == sorted(rates, reverse=True)


@pytest.mark.parametrize("stop_at", [at_step(8), at_step(STEPS_AN_EPOCH), at_epoch(2)])
def test_a_resumed_run_draws_the_same_lines(drawn, tmp_path, stop_at):
    begun(drawn, tmp_path / "run")
    begun(drawn, tmp_path / "stopped", stop_at)
    gone_on(tmp_path / "stopped")
    found, expected = scalars(tmp_path / "stopped"), scalars(tmp_path / "run")
    for tag in expected.keys() - {"tokens_per_second"}:
        assert found[tag] == expected[tag], tag


def test_steps_that_a_kill_undid_are_forgotten(drawn, tmp_path):
    events = training.start(
        drawn, tmp_path / "run", device="cpu", progress=lambda *_: None, stop=lambda: False
    )
    for event in events:
        if isinstance(event, loop.StepRecord) and event.step == 11:  # the last saved one is 8
            events.close()
            break
    before = scalars(tmp_path / "run")["loss/training"]
    assert list(before) == [2, 4, 6, 8, 10]
    gone_on(tmp_path / "run")
    assert list(scalars(tmp_path / "run")["loss/training"]) == list(range(2, STEPS + 1, 2))


def test_the_run_is_that_without(drawn, tmp_path):
    begun(drawn, tmp_path / "run")
    plain = tiny(tmp_path, "checkpoint.every=4")
    begun(plain, tmp_path / "plain")
    assert not (tmp_path / "plain" / FOLDER).exists()
    found, expected = results(tmp_path / "run"), results(tmp_path / "plain")
    for name in expected.keys() - {"config.yaml"}:
        assert found[name] == expected[name], name


def test_a_disk_that_refuses_is_a_warning(drawn, tmp_path, monkeypatch):
    def refuse(path):
        raise EnvironmentFault(f"cannot make the folder {path}: it is full")

    monkeypatch.setattr("sentiment_cli.training.tensorboard.make_folder", refuse)
    events = begun(drawn, tmp_path / "run")
    assert isinstance(events[-1], Finished)
    (warned,) = (event for event in events if isinstance(event, Warned))
    assert "TensorBoard" in warned.what
    assert "it is full" in warned.what


def test_a_missing_package_is_told_before_reviews_are_read(drawn, tmp_path, monkeypatch):
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(reading, "prepare", None)
    with pytest.raises(EnvironmentFault) as caught:
        begun(drawn, tmp_path / "run")
    assert "pip install 'sentiment-cli[tensorboard]'" in caught.value.hint
    assert not (tmp_path / "run").exists()
