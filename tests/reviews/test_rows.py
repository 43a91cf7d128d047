"""Sources are read once; copies of held-out reviews are removed from training."""

from __future__ import annotations

import csv
from itertools import chain
from pathlib import Path

import pytest
from support.cli import write_reviews

from sentiment_cli.config.schema import Experiment
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.cache import cache_folder, clear_cache
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.reviews.rows import Sources
from sentiment_cli.reviews.sources.source import Source
from sentiment_cli.reviews.split import Part
from sentiment_cli.training.linear.baselines import linear_baselines


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    monkeypatch.chdir(tmp_path)
    write_reviews(tmp_path / "reviews.csv", ["bad", "good"], rows=200)
    return tmp_path


def rows_of(name):
    with Path(name).open(newline="") as file:
        return [(row["text"], row["label"]) for row in csv.DictReader(file)]


def write(name, rows):
    with Path(name).open("w", newline="") as file:
        csv.writer(file).writerows([("text", "label"), *rows])
    return name


def experiment(**data):
    return Experiment.model_validate({"data": {"source": "reviews.csv", **data}})


def silent(*_):
    pass


def test_a_training_reads_its_sources_once(folder, monkeypatch):
    passes = []
    read = Source.rows
    monkeypatch.setattr(Source, "rows", lambda self: passes.append(self.name) or read(self))
    write("test.csv", [("fine thing", "good"), ("awful thing", "bad")])
    own = experiment(test="test.csv")
    prepare(own, progress=silent)
    linear_baselines(own, progress=silent)
    open_corpus(own)
    assert sorted(passes) == ["reviews.csv", "test.csv"]
    prepare(own.model_copy(update={"seed": 1}), progress=silent)
    linear_baselines(own.model_copy(update={"seed": 1}), progress=silent)
    assert sorted(passes) == ["reviews.csv"] * 2 + ["test.csv"] * 2  # its words are needed again


def test_the_cache_holds_no_text(folder):
    secret = "zanzibar quetzalcoatl"
    write("reviews.csv", [*rows_of("reviews.csv"), (secret, "good")])
    prepare(experiment(), progress=silent)
    linear_baselines(experiment(), progress=silent)
    content = b"".join(path.read_bytes() for path in cache_folder().rglob("*") if path.is_file())
    assert b"zanzibar" not in content


def test_copies_of_test_reviews_do_not_train(folder):
    rows = rows_of("reviews.csv")
    disguised = [(text.upper() + "!!", label) for text, label in rows[:30]]
    write("test.csv", [*disguised, ("quite another text", "good")])
    corpus = open_corpus(experiment(test="test.csv"))
    assert corpus.copies == {"training reviews in test": 30}
    held_out = {review.hash for review in corpus.reviews(Part.TEST)}
    assert len(held_out) == 31
    for part in (Part.TRAINING, Part.VALIDATION):
        assert held_out.isdisjoint(review.hash for review in corpus.reviews(part))
    assert sum(corpus.counts(Part.TRAINING)) + sum(corpus.counts(Part.VALIDATION)) == 170


def test_a_review_of_validation_and_test_stays_in_test(folder):
    rows = rows_of("reviews.csv")
    write("validation.csv", [*rows[:20], ("a third one", "bad")])
    write("test.csv", rows[:10])
    corpus = open_corpus(experiment(validation="validation.csv", test="test.csv"))
    assert corpus.copies == {
        "validation reviews in test": 10,
        "training reviews in test": 10,
        "training reviews in validation": 10,
    }
    assert [sum(corpus.counts(part)) for part in (Part.VALIDATION, Part.TEST)] == [11, 10]


def test_copies_are_reported_by_a_prepared_training(folder):
    write("test.csv", rows_of("reviews.csv")[:30])
    for _ in range(2):  # from the cache too
        found = prepare(experiment(test="test.csv"), progress=silent)
        assert found.copies == {"training reviews in test": 30}


def test_if_all_reviews_are_test_reviews_both_files_are_named(folder):
    write("test.csv", rows_of("reviews.csv"))
    with pytest.raises(DataError, match=r"200 reviews of reviews\.csv .*in test\.csv too"):
        open_corpus(experiment(test="test.csv"))


def test_a_source_that_changes_after_the_split_is_an_error(folder):
    corpus = open_corpus(experiment())
    rows = rows_of("reviews.csv")
    write("reviews.csv", [(f"{text} more", label) for text, label in rows])
    with pytest.raises(DataError, match="changed while it was read"):
        list(corpus.reviews(Part.TRAINING))


def test_a_source_that_lost_rows_after_the_split_is_an_error(folder):
    corpus = open_corpus(experiment())
    write("reviews.csv", rows_of("reviews.csv")[:-1])
    with pytest.raises(DataError, match="changed while it was read"):
        list(chain.from_iterable(map(corpus.reviews, Part)))


def test_validation_reviews_that_are_all_test_reviews_are_an_error(folder):
    rows = rows_of("reviews.csv")
    write("validation.csv", rows[:10])
    write("test.csv", rows[:20])
    with pytest.raises(DataError, match=r"all reviews of validation\.csv .* are test reviews too"):
        open_corpus(experiment(validation="validation.csv", test="test.csv"))


def test_a_batch_is_bounded_by_its_characters(folder, monkeypatch):
    whole = open_corpus(experiment())
    clear_cache()
    monkeypatch.setattr("sentiment_cli.reviews.rows._CHARACTERS", 100)
    parts = open_corpus(experiment())
    assert parts.rows.words.tolist() == whole.rows.words.tolist()
    assert parts.rows.offsets.tolist() == whole.rows.offsets.tolist()


def test_linear_models_of_a_running_training_do_not_read_a_source_that_changed(folder):
    own = experiment()
    prepared = prepare(own, progress=silent)
    sources = Sources(own.data, content=prepared.content)
    write("reviews.csv", rows_of("reviews.csv")[:100])
    found = linear_baselines(own, sources=sources, progress=silent)
    assert len(found.validation["tf_idf"]) == len(prepared.validation)


def test_notes_do_not_name_the_file_that_was_read_first(folder):
    lines = "".join(f"{text};{label}\n" for text, label in rows_of("reviews.csv"))
    for name in ("one.csv", "two.csv"):
        Path(name).write_text(f"text;label\n{lines}")
        notes = prepare(experiment(source=name), progress=silent).notes
        assert notes
        assert "one.csv" not in " ".join(notes)


def test_labels_that_a_map_does_not_list_are_counted_in_bounded_memory(folder, monkeypatch):
    monkeypatch.setattr("sentiment_cli.reviews.rows.MAX_VALUES", 20)
    rows = rows_of("reviews.csv")
    write("reviews.csv", [*((f"odd {n}", f"note {n}") for n in range(60)), *rows])
    corpus = open_corpus(experiment(label_map={"bad": "negative", "good": "positive"}))
    assert corpus.rows.dropped == 60
    assert corpus.labels.classes == ("negative", "positive")
    assert "note 59" not in " ".join(corpus.labels.notes)
