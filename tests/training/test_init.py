"""A training that begins with a saved run."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.cli import sentiment, write_reviews
from support.trainings import begun, gone_on, killed, results, tiny

from sentiment_cli import metrics
from sentiment_cli.analysis.comparison.store import Store
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.start import read_start, settled
from sentiment_cli.runs import bundled
from sentiment_cli.training.events import Started

STILL = ("training.optimizer=sgd", "training.lr=1e-30", "training.averaging=0")
"""Settings with which no weight moves, so that the kept ones are those it began with."""

OWN = """\
data: {source: reviews.csv}
model: {init: first}
training: {epochs: 1, batch_size: 16}
device: cpu
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with reviews and a run trained on them."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("SENTIMENT_CACHE", str(folder / "cache"))
        patch.setattr(metrics, "_DRAWS", 20)
        begun(tiny(folder, "model.cell=gru", "tokenizer.lowercase=false"), folder / "first")
    return folder


@pytest.fixture
def folder(made, tmp_path, monkeypatch):
    """Stand in an empty folder, with the reviews and the run of `made` at hand."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(made / "cache"))
    monkeypatch.setattr(metrics, "_DRAWS", 20)  # for time's sake: intervals are not the matter
    for name in ("reviews.csv", "tiny.yaml", "first"):
        (tmp_path / name).symlink_to(made / name)
    (tmp_path / "own.yaml").write_text(OWN)
    return tmp_path


def own(folder, *settings):
    return read_experiment(folder / "own.yaml", settings).experiment


def weights(run):
    return load_file(run / "model.safetensors")


def relabelled(folder, names):
    """Write the reviews once more, under other classes."""
    with (folder / "reviews.csv").open() as file, (folder / "other.csv").open("w") as other:
        for text, label in csv.reader(file):
            csv.writer(other).writerow([text, names.get(label, label)])
    return "data.source=other.csv"


def test_it_begins_with_all_weights_where_the_classes_agree(folder):
    begun(own(folder, *STILL), folder / "run")
    first, run = weights(folder / "first"), weights(folder / "run")
    assert first.keys() == run.keys()
    for name, weight in first.items():
        assert np.array_equal(weight, run[name]), name


def test_a_head_of_other_classes_keeps_its_draw(folder):
    begun(own(folder, *STILL, relabelled(folder, {"good": "great"})), folder / "run")
    first, run = weights(folder / "first"), weights(folder / "run")
    for name, weight in first.items():
        assert np.array_equal(weight, run[name]) == (not name.startswith("head.")), name


def test_more_classes_than_the_start_has_are_learned(folder):
    write_reviews(folder / "three.csv", ["bad", "good", "mixed"], seed=3)
    begun(own(folder, "data.source=three.csv"), folder / "run")
    assert Predictor.load(folder / "run").config.classes == ("bad", "good", "mixed")


def test_the_tokenizer_is_that_of_the_start_on_other_reviews(folder):
    write_reviews(folder / "more.csv", ["bad", "good"], seed=9)
    begun(own(folder, "data.source=more.csv"), folder / "run")
    name = "tokenizer.json"
    assert (folder / "run" / name).read_bytes() == (folder / "first" / name).read_bytes()


def test_another_tokenizer_has_another_token_cache(folder):
    write_reviews(folder / "more.csv", ["bad", "good"], seed=9)
    begun(tiny(folder, "data.source=more.csv", "model.cell=gru"), folder / "second")
    caches = set()
    for init in ("first", "second"):
        events = begun(own(folder, f"model.init={init}"), folder / f"from-{init}")
        caches.add(next(e for e in events if isinstance(e, Started)).prepared.cache)
    assert len(caches) == 2


def test_what_is_left_out_is_taken_from_the_start_and_written_out(folder):
    begun(own(folder), folder / "run")
    ran = read_experiment(folder / "run" / "config.yaml").experiment
    first = read_experiment(folder / "first" / "config.yaml").experiment
    assert ran.model.init == str(folder / "first")
    assert ran.tokenizer == first.tokenizer
    assert ran.model.cell == first.model.cell == "gru"
    assert ran.model.hidden_size == first.model.hidden_size == 8
    assert json.loads((folder / "run" / "metrics.json").read_text())["init"] == ran.model.init
    # So a run's settings are an experiment that trains.
    begun(ran, folder / "again")
    assert results(folder / "again") == results(folder / "run")


def test_reviews_may_be_cut_otherwise(folder):
    begun(own(folder, "tokenizer.max_tokens=7", "tokenizer.keep=tail"), folder / "run")
    config = Predictor.load(folder / "run").config
    assert (config.max_tokens, config.keep) == (7, "tail")


@pytest.mark.parametrize(
    ("setting", "told"),
    [
        ("model.cell=lstm", "model.cell: lstm was asked for, and model.init: .* has gru"),
        ("model.hidden_size=9", "model.hidden_size: 9 was asked for, and .* has 8"),
        ("model.embedding_dim=9", "model.embedding_dim: 9"),
        ("model.num_layers=2", "model.num_layers: 2"),
        ("model.bidirectional=false", "model.bidirectional: false"),
        ("model.pooling=last", "model.pooling: last"),
        ("tokenizer.kind=bpe", "tokenizer.kind: bpe"),
        ("tokenizer.lowercase=true", "tokenizer.lowercase: true .* has false"),
        ("tokenizer.vocab_size=300", "tokenizer.vocab_size: 300"),
        ("model.vectors=counted", "model.vectors: counted: the embedding begins with"),
    ],
)
def test_what_does_not_go_with_the_start_is_refused_before_the_reviews_are_read(
    folder, setting, told
):
    experiment = own(folder, setting, "data.source=gone.csv")
    with pytest.raises(UsageError, match=told):
        begun(experiment, folder / "run")
    assert not (folder / "run").exists()


@pytest.mark.parametrize(
    ("setting", "differing"),
    [("seed=1", "data.split_seed"), ("data.test_fraction=0.3", "data.test_fraction")],
)
def test_a_start_that_learned_from_what_tests_here_is_refused(folder, made, setting, differing):
    same = f"data.source={made / 'reviews.csv'}"
    with pytest.raises(UsageError, match="reviews that steer or test here taught it") as fault:
        begun(own(folder, setting, same), folder / "run")
    assert f"has {differing}: " in fault.value.what
    begun(own(folder, "seed=1", "data.split_seed=0", same), folder / "run")


def test_what_is_asked_for_and_equals_the_start_is_no_fault(folder):
    experiment = own(folder, "model.cell=gru", "model.hidden_size=8")
    assert settled(experiment, read_start(experiment)).model.embedding_dim == 8


def test_a_damaged_start_is_refused(folder, made):
    (folder / "first").unlink()
    (folder / "first").mkdir()
    for file in (made / "first").iterdir():
        if file.is_file():
            (folder / "first" / file.name).write_bytes(file.read_bytes())
    (folder / "first" / "model.safetensors").write_bytes(b"nothing")
    with pytest.raises(ModelError, match=r"model\.safetensors is damaged"):
        begun(own(folder), folder / "run")


def test_the_bundled_model_is_a_start(folder, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", folder / "first")
    answer = sentiment("train", "own.yaml", "--set", "model.init=bundled", "--out", "run")
    assert answer.code == 0, answer.err
    assert "begins with tokenizer, embedding and encoder of bundled" in answer.err
    assert "init: bundled" in (folder / "run" / "config.yaml").read_text()


def test_without_a_bundled_model_it_is_told(folder, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", folder / "none")
    answer = sentiment("train", "own.yaml", "--set", "model.init=bundled")
    assert answer.code == 4
    assert "no bundled model" in answer.err


def test_a_run_resumed_does_not_need_its_start(folder):
    experiment = own(folder, "checkpoint.every=4", "training.epochs=2")
    begun(experiment, folder / "whole")
    killed(experiment, folder / "parts", step=6)
    (folder / "first").unlink()
    (resumed,) = (e for e in gone_on(folder / "parts") if isinstance(e, Started))
    assert resumed.resumed_at == 4
    assert results(folder / "parts") == results(folder / "whole")


def test_a_run_killed_before_its_first_checkpoint_needs_it_again(folder, made):
    experiment = own(folder, "training.epochs=2")
    begun(experiment, folder / "whole")
    killed(experiment, folder / "parts", step=3)
    (folder / "first").unlink()
    with pytest.raises(ModelError, match="there is no run folder"):
        gone_on(folder / "parts")
    (folder / "first").symlink_to(made / "first")
    gone_on(folder / "parts")
    assert results(folder / "parts") == results(folder / "whole")


def test_how_right_the_start_is_as_it_is_is_told(folder):
    write_reviews(folder / "more.csv", ["bad", "good"], seed=9)
    experiment = own(folder, "data.source=more.csv")
    (started, *_) = (e for e in begun(experiment, folder / "run") if isinstance(e, Started))
    corpus = open_corpus(experiment.data, seed=experiment.split_seed)
    reviews = list(corpus.reviews(Part.VALIDATION))
    answers = Predictor.load(folder / "first")([review.text for review in reviews])
    right = [
        a.label == corpus.labels.classes[r.label] for a, r in zip(answers, reviews, strict=True)
    ]
    assert started.as_it_is == pytest.approx(np.mean(right))


def test_a_comparison_keeps_runs_of_other_starts_apart(folder, monkeypatch):
    begun(tiny(folder, "seed=1"), folder / "second")
    experiment = own(folder, "model.init=bundled")
    found = set()
    for name in ("first", "second", "first"):
        monkeypatch.setattr(bundled, "FOLDER", folder / name)
        found.add(Store(folder / "kept", "reviews").run("own", experiment))
    assert len(found) == 2


def test_memory_measures_the_start_as_it_was(folder):
    begun(own(folder, *STILL), folder / "run")
    (report,) = sentiment("memory", "--run", "run", "--json").json["runs"]
    assert report["start_gradient"] == report["gradient"]
    (folder / "first").unlink()
    (report,) = sentiment("memory", "--run", "run", "--json").json["runs"]
    assert any("the run it began with cannot be read" in note for note in report["notes"])
