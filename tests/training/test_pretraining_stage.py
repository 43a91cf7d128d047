"""The stage of pre-training: what it hands over, and what it keeps."""

from __future__ import annotations

import shutil

import numpy as np
import pytest
import torch
from support.cli import write_reviews
from support.trainings import begun, tiny

from sentiment_cli import metrics
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.network.language_model import LanguageModel
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.runs.checkpoints import newest_checkpoint
from sentiment_cli.training import experiment as training
from sentiment_cli.training.events import Pretrained
from sentiment_cli.training.pretraining.assembly import assemble
from sentiment_cli.training.pretraining.kept import shared
from sentiment_cli.training.pretraining.loop import PretrainingStep
from sentiment_cli.training.pretraining.stage import hand_over
from sentiment_cli.training.world import LostError

SETTINGS = ("training.epochs=1", "pretraining.epochs=1", "pretraining.batch_size=16")


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    """One cache of tokens and linear models for all of these trainings."""
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(autouse=True)
def nothing_kept(cache, tmp_path, monkeypatch):
    """A folder of one's own, and no language model yet."""
    monkeypatch.setattr(metrics, "_DRAWS", 20)  # for time's sake: intervals are not the matter
    monkeypatch.setenv("SENTIMENT_CACHE", str(cache))
    monkeypatch.chdir(tmp_path)
    shutil.rmtree(cache / "pretrained", ignore_errors=True)
    write_reviews(tmp_path / "more.csv", ["good", "mixed"], rows=50, seed=1)


def steps(folder, name, *settings):
    """How many steps a run pre-trains."""
    events = begun(tiny(folder, *SETTINGS, *settings), folder / name)
    (told,) = (event for event in events if isinstance(event, Pretrained))
    done = sum(isinstance(event, PretrainingStep) for event in events)
    assert told.found == (done == 0)
    return done


@pytest.mark.parametrize(
    "change",
    [
        "pretraining.epochs=2",
        "pretraining.negatives=30",
        "pretraining.lr=0.01",
        "data.unlabelled=more.csv",
        "model.hidden_size=9",
        "model.cell=gru",
        "model.word_dropout=0.1",
        "model.vectors=counted",
        "tokenizer.max_tokens=10",
        "seed=1",
    ],
)
def test_another_language_model_is_trained_where_something_of_it_changes(tmp_path, change):
    assert steps(tmp_path, "first") == 6
    assert steps(tmp_path, "other", change) >= 6


@pytest.mark.parametrize(
    "change", ["training.lr=0.01", "model.pooling=attention", "training.objective=adversarial"]
)
def test_the_kept_one_is_taken_where_the_classifier_alone_changes(tmp_path, change):
    assert steps(tmp_path, "first") == 6
    assert steps(tmp_path, "other", change) == 0


def test_a_lost_process_costs_no_step_that_was_done(tmp_path):
    asked = 0

    def stop():
        nonlocal asked
        asked += 1
        if asked == 3:
            raise LostError("another process has ended")
        return False

    out = tmp_path / "run"
    events = training.start(
        tiny(tmp_path, *SETTINGS), out, device="cpu", progress=lambda *_: None, stop=stop
    )
    with pytest.raises(LostError) as lost:
        list(events)
    assert f"--resume {out}" in str(lost.value.hint)
    saved = newest_checkpoint(out / "pretraining")
    assert saved is not None
    assert saved.step == 3


def test_a_damaged_one_is_trained_anew(tmp_path, cache):
    assert steps(tmp_path, "first") == 6
    (kept,) = (cache / "pretrained").iterdir()
    kept.write_bytes(kept.read_bytes()[:-1] + b"\0\1")
    assert steps(tmp_path, "second") == 6
    assert steps(tmp_path, "third") == 0


def test_reads_training_and_unlabelled_reviews_and_no_others(tmp_path):
    experiment = tiny(tmp_path, *SETTINGS, "data.unlabelled=more.csv")
    prepared = prepare(experiment, progress=lambda *_: None)
    architecture = Architecture(
        cell="lstm", vocab_size=prepared.tokenizer.vocab_size, embedding_dim=8, hidden_size=8,
        num_layers=1, bidirectional=True, pooling="max", num_classes=2,
    )  # fmt: skip
    texts = assemble(experiment, prepared, architecture, torch.device("cpu")).texts
    expected = [*prepared.training, *prepared.unlabelled]
    assert len(texts) == len(expected)
    for own, other in zip(texts, expected, strict=True):
        assert own.tolist() == other.tolist()
    counts = np.bincount(np.concatenate(expected), minlength=architecture.vocab_size) + 1.0
    counts[0] = 0
    assert texts.shares(architecture.vocab_size) == pytest.approx(counts / counts.sum())


@pytest.mark.parametrize(
    ("cell", "bidirectional", "layers"),
    [("rnn", True, 1), ("lstm", True, 1), ("gru", True, 1), ("lstm", False, 2)],
)
def test_a_classifier_has_the_language_models_states_and_counted_vectors_deviation(
    cell, bidirectional, layers
):
    architecture = Architecture(
        cell=cell, vocab_size=30, embedding_dim=6, hidden_size=5, num_layers=layers,
        bidirectional=bidirectional, pooling="max", num_classes=2,
    )  # fmt: skip
    shares = torch.cat([torch.zeros(1), torch.full((29,), 1 / 29)])
    torch.manual_seed(0)
    taught = LanguageModel(architecture, shares=shares).eval()
    classifier = Classifier(architecture).eval()
    head = classifier.head.weight.detach().clone()
    hand_over(shared(taught), shares, classifier)
    ids, lengths = torch.randint(1, 30, (3, 7)), torch.tensor([7, 7, 7])
    torch.testing.assert_close(
        classifier.encode(classifier.embed(ids), lengths),
        taught.encode(taught.embed(ids), lengths),
    )
    words = classifier.embedding.weight.detach()[1:]
    assert float((words - words.mean(dim=0)).square().mean().sqrt()) == pytest.approx(0.3)
    assert not classifier.embedding.weight[0].any()
    assert torch.equal(classifier.head.weight, head)
