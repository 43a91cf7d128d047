"""A training that begins with a saved run."""

from __future__ import annotations

import csv
import json

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.cli import sentiment, write_reviews
from support.predictor import predictor
from support.trainings import begun, gone_on, killed, results, tiny

from sentiment_cli import metrics
from sentiment_cli.analysis.comparison.store import Store
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.bulk import classify_all
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.network.replay import Replay
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.start import read_start, settled
from sentiment_cli.runs import bundled
from sentiment_cli.runs.saved import Saved, read_hashes, read_saved
from sentiment_cli.training.events import Started
from sentiment_cli.training.init import WEIGHTS, begin_with_run, start_counts

STILL = ("training.optimizer=sgd", "training.lr=1e-30", "training.ema_decay=0")
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


def tables(folder, *runs):
    """The counts of n-grams of runs."""
    return [load_file(folder / run / "ngrams.safetensors") for run in runs]


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


def test_with_other_classes_the_head_and_the_columns_of_ngrams_keep_their_draw(folder):
    begun(own(folder, *STILL, relabelled(folder, {"good": "crisp"})), folder / "run")
    first, run = weights(folder / "first"), weights(folder / "run")
    for name, weight in first.items():
        if name.startswith("encoder.weight_ih_l0"):
            assert np.array_equal(weight[:, :8], run[name][:, :8]), name
            assert not np.isclose(weight[:, 8:], run[name][:, 8:]).any(), name
        else:
            assert np.array_equal(weight, run[name]) == (not name.startswith("head.")), name


@pytest.mark.parametrize(
    "classes", [("positive", "negative"), ("mixed", "good", "bad"), ("b", "a", "c")]
)
def test_classes_in_another_order_are_predicted_alike(folder, classes):
    """The columns of the head and those of the n-gram inputs are put into the new order."""
    if len(classes) == 2:
        saved, labels = read_saved(folder / "first"), ("negative", "positive")
    else:
        labels = tuple(sorted(classes))
        own_predictor = predictor(labels)
        engine = own_predictor.engine
        saved = Saved(own_predictor.config, b"", dict(engine.weights), engine.table, None)
    architecture = saved.config.architecture
    model = Classifier(architecture).eval()
    begin_with_run(model, saved, classes)
    rng = np.random.default_rng(0)
    reviews = [rng.integers(1, architecture.vocab_size, size) for size in (1, 4, 9, 30)]
    found = classify_all(model, reviews, np.array([1, 4, 9, 30]), start_counts(saved, classes))
    expected = Replay(architecture, saved.weights, saved.table)(reviews)
    columns = [labels.index(name) for name in classes]
    assert found == pytest.approx(expected[:, columns], abs=1e-5)


def test_known_reviews_are_told_and_get_no_counts_of_their_own(folder):
    answer = sentiment("train", "own.yaml", "--out", "run")
    assert answer.code == 0, answer.err
    figures = json.loads((folder / "run" / "metrics.json").read_text())
    known = sum(figures["reviews"]["training"])
    assert figures["known_reviews"] == known
    assert f"known       {known} training reviews, from {folder / 'first'}" in answer.err
    first, run = tables(folder, "first", "run")
    weight = run["totals"][0] / first["totals"][0]
    assert weight in np.array(WEIGHTS, np.float32)
    assert np.array_equal(run["keys"], first["keys"])
    assert run["counts"] == pytest.approx(first["counts"] * weight)
    assert run["totals"] == pytest.approx(first["totals"] * weight)


def test_own_counts_are_added_to_the_weighted_counts_of_the_start(folder):
    write_reviews(folder / "more.csv", ["bad", "good"], seed=9)
    begun(own(folder, "data.source=more.csv"), folder / "run")
    first, run = tables(folder, "first", "run")
    figures = json.loads((folder / "run" / "metrics.json").read_text())
    assert figures["known_reviews"] == 0
    added = run["totals"] - np.array(figures["reviews"]["training"], np.float32)
    weights = added / first["totals"]
    assert weights[0] == pytest.approx(weights[1])
    assert any(np.isclose(weights[0], weight) for weight in WEIGHTS)


def test_with_other_classes_only_own_reviews_are_counted(folder):
    begun(own(folder, relabelled(folder, {"good": "great"})), folder / "run")
    figures = json.loads((folder / "run" / "metrics.json").read_text())
    (table,) = tables(folder, "run")
    assert table["totals"].tolist() == figures["reviews"]["training"]
    assert figures["known_reviews"] == sum(figures["reviews"]["training"])


def test_a_start_without_ngrams_leaves_the_network_without(folder):
    begun(tiny(folder, "model.ngrams=0", "training.epochs=1"), folder / "plain")
    begun(own(folder, "model.init=plain"), folder / "run")
    assert not (folder / "run" / "ngrams.safetensors").exists()
    assert read_experiment(folder / "run" / "config.yaml").experiment.model.ngrams == 0


def test_the_hashes_of_the_start_are_kept(folder):
    write_reviews(folder / "more.csv", ["bad", "good"], seed=9)
    begun(own(folder, "data.source=more.csv"), folder / "run")
    begun(own(folder, "model.init=run"), folder / "third")
    first, run, third = (set(read_hashes(folder / n)) for n in ("first", "run", "third"))
    assert first < run
    assert third == run
    figures = json.loads((folder / "run" / "metrics.json").read_text())
    assert len(run) == len(first) + sum(figures["reviews"]["training"])


def test_another_number_of_ngrams_is_refused_with_a_hint_that_works(folder):
    asked = ("--set", "model.ngrams=2")
    answer = sentiment("train", "own.yaml", *asked, "--out", "run")
    assert answer.code == 2
    assert "model.ngrams: 2 was asked for" in answer.err
    assert "leave model.ngrams out" in answer.err
    assert "--set model.init=null" in answer.err
    again = sentiment("train", "own.yaml", *asked, "--set", "model.init=null", "--out", "run")
    assert again.code == 0, again.err
    assert read_saved(folder / "run").table.orders == 2


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
        ("model.ngrams=0", "model.ngrams: 0 was asked for, and .* has 3"),
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
    assert "starts from tokenizer, embedding and encoder of bundled" in answer.err
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
    corpus = open_corpus(experiment)
    reviews = list(corpus.reviews(Part.VALIDATION))
    answers = Predictor.load(folder / "first")([review.text for review in reviews])
    right = [
        a.label == corpus.labels.classes[r.label] for a, r in zip(answers, reviews, strict=True)
    ]
    assert started.initial_accuracy == pytest.approx(np.mean(right))


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
