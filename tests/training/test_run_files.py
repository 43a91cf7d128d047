"""What a training with n-grams leaves in its run folder, and what it keeps to itself."""

from __future__ import annotations

import json
import multiprocessing
import pickle
from collections import Counter
from concurrent.futures import ProcessPoolExecutor

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.cli import write_reviews
from support.trainings import begun, tiny

from sentiment_cli import metrics
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.ngram_inputs import ngram_keys
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.runs.reader import HASHES, NGRAMS
from sentiment_cli.training.events import Started

TEXTS = ["crunchy and lovely", "stale", "", "the box of stale cereal 17"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty folder with unlabelled reviews, and a token cache of its own."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(metrics, "_DRAWS", 20)  # for time's sake: intervals are not the matter
    write_reviews(tmp_path / "more.csv", ["good", "bad"], rows=50, seed=1)
    return tmp_path


@pytest.fixture
def run(folder):
    begun(tiny(folder), folder / "run")
    return folder / "run"


def figures(run):
    return json.loads((run / "metrics.json").read_text())


def reviews_with(experiment, predictor):
    """In how many training and unlabelled reviews each n-gram is, by its key, (plain Python)."""
    corpus = open_corpus(experiment)
    texts = [review.text for review in corpus.reviews(Part.TRAINING)]
    source = corpus.sources.opened.get("unlabelled")
    if source is not None:
        texts += [row.values["text"] for row in source.rows()]
    counted = Counter()
    for encoded in predictor.read(texts):
        keys = ngram_keys(encoded.ids, np.array([len(encoded.ids)]), experiment.model.ngrams)
        counted.update(set(keys.ravel().tolist()) - {0})
    return counted


@pytest.mark.parametrize("settings", [(), ("data.unlabelled=more.csv",)], ids=["plain", "rounds"])
def test_no_ngram_of_fewer_than_three_reviews_is_saved(folder, settings):
    """Each of the reviews ends with a number that no other has."""
    experiment = tiny(folder, "tokenizer.vocab_size=400", *settings)
    begun(experiment, folder / "run")
    predictor = Predictor.load(folder / "run")
    counted = reviews_with(experiment, predictor)
    saved = load_file(folder / "run" / NGRAMS)["keys"].tolist()
    assert saved
    assert min(counted[key] for key in saved) >= 3
    (encoded,) = predictor.read(["17"])
    assert encoded.ids[0] > 1  # the number is a word of the vocabulary
    (key,) = ngram_keys(encoded.ids, np.array([1]), 1).ravel().tolist()
    assert counted[key] in (1, 2)
    assert key not in saved


def test_the_counts_are_those_of_the_training_reviews(run, folder):
    table = load_file(run / NGRAMS)
    assert table["totals"].tolist() == figures(run)["reviews"]["training"]
    counted = reviews_with(tiny(folder), Predictor.load(run))
    assert table["counts"].sum(axis=1).tolist() == [counted[key] for key in table["keys"].tolist()]


def test_the_hashes_are_those_of_the_training_texts(run):
    hashes = load_file(run / HASHES)["hashes"]
    assert len(hashes) == sum(figures(run)["reviews"]["training"])
    assert (hashes[1:] > hashes[:-1]).all()


def test_unlabelled_reviews_are_counted_as_predicted(folder):
    begun(tiny(folder), folder / "alone")
    begun(tiny(folder, "data.unlabelled=more.csv"), folder / "rounds")
    alone, rounds = (load_file(folder / name / NGRAMS)["totals"] for name in ("alone", "rounds"))
    added = figures(folder / "rounds")["unlabelled"]["reviews"]
    assert rounds.sum() == pytest.approx(alone.sum() + added)
    assert (rounds > alone).all()


def test_rounds_are_numbered_through(folder):
    experiment = tiny(folder, "data.unlabelled=more.csv", "training.self_training_rounds=2")
    (started, *_) = (e for e in begun(experiment, folder / "run") if isinstance(e, Started))
    lines = (folder / "run" / "history.jsonl").read_text().splitlines()
    assert [json.loads(line)["epoch"] for line in lines] == list(range(1, 10))
    assert figures(folder / "run")["steps"] == started.total_steps == 3 * 3 * 6
    assert figures(folder / "run")["best_epoch"] > 6  # only the last round's weights are kept


def test_without_ngrams_a_run_has_no_table(folder):
    begun(tiny(folder, "model.ngrams=0", "data.unlabelled=more.csv"), folder / "run")
    assert not (folder / "run" / NGRAMS).exists()
    assert NGRAMS not in (folder / "run" / "manifest.json").read_text()
    weights = load_file(folder / "run" / "model.safetensors")
    assert weights["encoder.weight_ih_l0"].shape[1] == 8
    assert weights["head.weight"].shape[1] == 4 * 8
    own = figures(folder / "run")
    assert own["ngrams"] is None
    assert own["self_training_rounds"] == 0
    assert Predictor.load(folder / "run")(TEXTS)[0].probability > 0


def test_a_pickled_predictor_answers_in_another_process(run):
    predictor = Predictor.load(run)
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(1, mp_context=spawn) as pool:
        answers = pool.submit(predictor, TEXTS).result()
    assert answers == predictor(TEXTS)


def test_a_predictor_that_computes_in_torch_is_pickled_with_its_table(run):
    predictor = Predictor.load(run)
    expected = predictor(TEXTS)
    predictor.engine.use_torch()
    copy = pickle.loads(pickle.dumps(predictor))
    assert copy(TEXTS) == expected
