"""What is tried next, and what is given up."""

from __future__ import annotations

import pytest

from sentiment_cli.analysis.tuning.journal import Trial
from sentiment_cli.analysis.tuning.suggest import hopeless, suggest
from sentiment_cli.config.space import read_space

SPACE = """\
tune:
  training.lr: {low: 0.00012345, high: 0.1, log: true}
  model.num_layers: {low: 1, high: 3}
  training.clip_norm: [null, 0.5, 2]
"""


@pytest.fixture
def space(tmp_path):
    (tmp_path / "space.yaml").write_text(SPACE)
    return read_space(tmp_path / "space.yaml")


def grown(space, trials, loss):
    """Trials from the start on, each as it is suggested and with the loss of its settings."""
    found = []
    for number in range(trials):
        settings = suggest(space, found, seed=3)
        found.append(Trial(number, settings, state="complete", loss=loss(settings)))
    return found


def test_what_is_tried_lies_in_the_space_and_is_an_experiment(space):
    for trial in grown(space, 12, lambda settings: settings["training.lr"]):
        found = space.experiment(trial.settings)
        assert 0.00012345 <= found.training.lr <= 0.1
        assert found.model.num_layers in (1, 2, 3)
        assert found.training.clip_norm in (None, 0.5, 2)


def test_the_same_past_asks_for_the_same_and_another_one_for_something_else(space):
    past = grown(space, 8, lambda settings: settings["training.lr"])
    assert suggest(space, past, seed=3) == suggest(space, past, seed=3)
    assert suggest(space, past, seed=3) != suggest(space, past, seed=4)
    assert suggest(space, past, seed=3) != suggest(space, past[:-1], seed=3)


def test_it_learns_where_the_loss_is_low(space):
    found = grown(space, 30, lambda settings: abs(settings["training.lr"] - 0.01))
    late = sorted(abs(trial.settings["training.lr"] - 0.01) for trial in found[15:])
    early = sorted(abs(trial.settings["training.lr"] - 0.01) for trial in found[:6])
    assert late[len(late) // 2] < early[len(early) // 2]


def test_a_start_outside_of_the_space_teaches_nothing_and_harms_nothing(space):
    outside = Trial(0, {}, state="complete", loss=0.5)
    assert suggest(space, [outside], seed=0).keys() == space.dimensions.keys()


def ended(*losses):
    return [Trial(at, {}, {1: loss}, "complete", loss) for at, loss in enumerate(losses)]


@pytest.mark.parametrize(("loss", "given_up"), [(0.24, False), (0.26, True)])
def test_what_is_worse_than_the_median_is_given_up(loss, given_up):
    running = Trial(4, {}, {1: loss})
    assert hopeless([*ended(0.1, 0.2, 0.3, 0.4), running]) is given_up


def test_nothing_is_given_up_before_four_are_complete_or_a_look_is_taken():
    assert not hopeless([*ended(0.1, 0.1, 0.1), Trial(3, {}, {1: 9.0})])
    assert not hopeless([*ended(0.1, 0.1, 0.1, 0.1), Trial(4, {})])


def test_what_was_tried_is_not_tried_again(tmp_path):
    (tmp_path / "cells.yaml").write_text("tune: {model.cell: [lstm, gru]}\n")
    space = read_space(tmp_path / "cells.yaml")
    first = suggest(space, [], seed=0)
    tried = [Trial(0, first, state="complete", loss=0.5)]
    second = suggest(space, tried, seed=0)
    assert {first["model.cell"], second["model.cell"]} == {"lstm", "gru"}
    assert suggest(space, [*tried, Trial(1, second, state="complete", loss=0.4)], seed=0) is None
