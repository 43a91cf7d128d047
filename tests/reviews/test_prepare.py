"""From the experiment file to token ids, once."""

from __future__ import annotations

import numpy as np
import pytest
from support.cli import write_reviews

from sentiment_cli.config.schema import DataConfig, Experiment, TokenizerConfig
from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.reviews.cache import clear_cache
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.reviews.split import Part, text_hash


@pytest.fixture
def experiment(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    write_reviews(tmp_path / "reviews.csv", ["bad", "good"])
    return Experiment(data=DataConfig(source=str(tmp_path / "reviews.csv")))


def prepared(experiment):
    stages = []
    found = prepare(experiment, progress=lambda stage, *_: stages.append(stage))
    return found, stages


def test_tokens_are_those_of_the_corpus(experiment):
    found, _ = prepared(experiment)
    reviews = list(open_corpus(experiment).reviews(Part.TRAINING))
    assert len(found.training) == len(reviews)
    for index, review in enumerate(reviews):
        assert np.array_equal(found.training[index], found.tokenizer.encode([review.text])[0].ids)
        assert found.training.labels[index] == review.label


def test_hashes_are_those_of_the_normalised_texts(experiment):
    found, _ = prepared(experiment)
    corpus = open_corpus(experiment)
    for dataset, part in ((found.training, Part.TRAINING), (found.validation, Part.VALIDATION)):
        assert dataset.hashes.tolist() == [text_hash(r.text) for r in corpus.reviews(part)]


def test_a_second_call_reads_the_cache(experiment):
    first, stages = prepared(experiment)
    again, stages_again = prepared(experiment)
    assert "tokenising" in stages
    assert "tokenising" not in stages_again
    assert np.array_equal(first.training.tokens, again.training.tokens)
    assert first.counts == again.counts
    assert first.tokenizer.to_json() == again.tokenizer.to_json()


def test_a_changed_file_is_noticed(experiment, tmp_path):
    prepared(experiment)
    write_reviews(tmp_path / "reviews.csv", ["bad", "good"], rows=130)
    found, stages = prepared(experiment)
    assert "tokenising" in stages
    assert sum(found.counts["training"]) == 92


def test_seeds_that_share_a_split_share_its_tokens(experiment):
    split = DataConfig(source=experiment.data.source, split_seed=0)
    first, _ = prepared(experiment)
    for seed in (0, 7):
        found, stages = prepared(Experiment(data=split, seed=seed))
        assert "tokenising" not in stages
        assert found.cache == first.cache


@pytest.mark.parametrize(
    "change", [{"seed": 1}, {"tokenizer": TokenizerConfig(max_tokens=5)}], ids=["seed", "tokenizer"]
)
def test_other_settings_have_a_cache_of_their_own(experiment, change):
    prepared(experiment)
    _, stages = prepared(experiment.model_copy(update=change))
    assert "tokenising" in stages


def test_texts_longer_than_a_chunk_of_reviews_are_all_there(experiment, monkeypatch):
    whole, _ = prepared(experiment)
    clear_cache()
    monkeypatch.setattr("sentiment_cli.reviews.prepare._CHUNK", 7)
    monkeypatch.setattr("sentiment_cli.reviews.rows._BATCH", 5)
    chunked, stages = prepared(experiment)
    assert "tokenising" in stages
    assert np.array_equal(whole.training.tokens, chunked.training.tokens)


@pytest.mark.parametrize(
    "damage",
    [
        lambda file: file.unlink(),
        lambda file: file.write_bytes(b""),
        lambda file: file.write_bytes(file.read_bytes()[:-1]),
        lambda file: file.write_bytes(bytes([file.read_bytes()[0] ^ 1]) + file.read_bytes()[1:]),
    ],
    ids=["missing", "empty", "cut", "flipped"],
)
def test_a_damaged_cache_is_made_anew(experiment, damage):
    whole, _ = prepared(experiment)
    names = sorted(file.name for file in whole.cache.iterdir())
    assert len(names) == 11
    for name in names:
        damage(whole.cache / name)
        again, stages = prepared(experiment)
        assert "tokenising" in stages, name
        assert np.array_equal(again.training.tokens, whole.training.tokens)
        assert again.counts == whole.counts
        assert sorted(file.name for file in again.cache.iterdir()) == names
    folders = {path.name.partition("-")[0] for path in whole.cache.parent.iterdir()}
    assert folders == {"source", "rows", "tokens"}


def test_a_cache_that_cannot_be_written_is_told(experiment, monkeypatch, tmp_path):
    (tmp_path / "file").write_text("in the way")
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "file"))
    with pytest.raises(EnvironmentFault, match="the cache") as fault:
        prepared(experiment)
    assert "SENTIMENT_CACHE" in fault.value.hint
