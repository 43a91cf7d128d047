"""Several processes: who reads what, and that together they do what one does."""

from __future__ import annotations

import os
from functools import partial
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from support.worlds import together

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.network import bulk
from sentiment_cli.training import torchrun
from sentiment_cli.training.batches import epoch_batches
from sentiment_cli.training.loop import EpochRecord, StepRecord, ValidationRecord
from sentiment_cli.training.seeds import step_seed
from sentiment_cli.training.torchrun import joining
from sentiment_cli.training.world import EndedError, LostError, Place, World

from .test_loop import dataset, epochs, loop

SIZES = st.integers(2, 9)


def worlds(size):
    return [World(lambda: False, Place(rank, size)) for rank in range(size)]


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 300), st.integers(1, 40), st.integers(0, 3), SIZES)
def test_of_an_epoch_each_review_is_read_by_one_process(reviews, batch_size, epoch, size):
    lengths = np.arange(1, reviews + 1)
    read = [
        indices[world.part()]
        for world in worlds(size)
        for indices in epoch_batches(lengths, batch_size=batch_size, seed=0, epoch=epoch)
    ]
    assert sorted(np.concatenate(read).tolist()) == list(range(reviews))


@settings(max_examples=20, deadline=None)
@given(st.integers(1, 60), st.integers(1, 12), SIZES)
def test_of_a_validation_each_review_is_judged_by_one_process(reviews, at_once, size):
    own = dataset(reviews, 5)
    judged = []

    def counted(model, sequences, batches, table):
        for indices in batches:
            judged.extend(indices.tolist())
            yield indices, np.ones((len(indices), 2), dtype=np.float32)

    def validate(found):
        found.validation = own
        records = found._validate(found.kept())
        while True:
            try:
                assert isinstance(next(records), ValidationRecord)
            except StopIteration as end:
                return end.value

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "_TOKENS", 8 * at_once)
        patch.setattr("sentiment_cli.training.loop.classify_batches", counted)
        logits = together(size, lambda world: loop(world=world), validate)
    assert sorted(judged) == list(range(reviews))
    assert all((one == 1).all() for one in logits)


def agree(size, make):
    """Compare what several processes come to with what one does."""
    alone = epochs(make())
    for own in together(size, lambda world: make(world=world), epochs):
        for one, other in zip(alone, own, strict=True):
            assert other.figures == pytest.approx(one.figures, abs=1e-4)


@pytest.mark.parametrize("size", [2, 3, 4])
@pytest.mark.parametrize("batch_size", [8, 16, 59, 100])
def test_without_dropout_any_number_of_processes_learns_the_same(size, batch_size):
    agree(size, partial(loop, batch_size=batch_size))


def test_with_class_weights_and_ngrams_any_number_of_processes_learns_the_same():
    agree(3, partial(loop, class_weights=torch.tensor([0.3, 2.0]), ngrams=2))


def test_every_process_ends_with_the_same_weights_bit_for_bit():
    def weights(found):
        list(found.run())
        return found.kept()

    one, other = together(2, lambda world: loop(world=world, epochs=2), weights)
    assert all(torch.equal(one[name], other[name]) for name in one)


def test_every_process_yields_the_same_records():
    def kinds(found):
        return [(type(r), getattr(r, "tokens", 0)) for r in found.run()]

    one, other, third = together(3, lambda world: loop(world=world), kinds)
    alone = kinds(loop())
    assert one == other == third
    assert [kind for kind in one if kind[0] in (StepRecord, EpochRecord)] == [
        kind for kind in alone if kind[0] in (StepRecord, EpochRecord)
    ]


def test_each_process_draws_for_itself_and_the_first_as_one_alone():
    assert step_seed(3, 5, 0) == step_seed(3, 5)
    assert len({step_seed(3, 5, rank) for rank in range(9)}) == 9


def test_a_process_that_torchrun_has_not_started_is_alone(monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("TORCHELASTIC_RUN_ID", raising=False)
    with joining(lambda: True) as world:
        assert (world.rank, world.size) == (0, 1)
        assert world.stopping()
        assert list(range(9))[world.part()] == list(range(9))
        world.send(lambda: pytest.fail("there is nobody to hear it"))
        assert world.once_a_host(lambda: "done") == "done"
    assert torchrun.rank() is None
    assert os.environ["RANK"] == "1"


def test_an_exchange_that_fails_says_what_it_means(monkeypatch):
    def fail(tensor):
        raise RuntimeError("[gloo/pair.cc:1] Connection closed by peer. This is typical. More")

    monkeypatch.setattr("torch.distributed.all_reduce", fail)
    with pytest.raises(LostError, match=r"out of reach \(Connection closed by peer\)$") as caught:
        worlds(2)[0].stopping()
    assert "--resume DIR" in caught.value.hint


def test_whoever_waits_for_rank_0_ends_with_it():
    said: dict[str, str] = {}
    store = SimpleNamespace(
        check=lambda keys: all(key in said for key in keys),
        set=said.__setitem__,
        get=lambda key: said[key].encode(),
    )
    leader, other = (World(lambda: False, Place(rank, 2, rank), store) for rank in range(2))
    assert leader.once_a_host(lambda: "prepared") == "prepared"
    assert other.once_a_host(lambda: pytest.fail("it is prepared")) == "prepared"
    leader.leave()
    with pytest.raises(EndedError):
        other.received()


def test_more_processes_than_cuda_devices_are_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(EnvironmentFault, match="process 3 of this host finds 2") as caught:
        World(lambda: False, Place(2, 3, 2)).device("auto")
    assert "--nproc-per-node 2" in caught.value.hint
