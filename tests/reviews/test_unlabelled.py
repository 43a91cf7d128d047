"""Reviews without labels, and those among them that must not teach."""

from __future__ import annotations

import csv

import numpy as np
import pytest
from support.cli import write_reviews

from sentiment_cli.config.schema import DataConfig, Experiment
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.reviews.split import Part


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    write_reviews(tmp_path / "reviews.csv", ["bad", "good"])
    return tmp_path


def experiment(folder, **settings):
    data = {"source": str(folder / "reviews.csv"), "unlabelled": str(folder / "more.csv")}
    return Experiment(data=DataConfig(**data | settings))


def write(folder, texts, header="text"):
    with (folder / "more.csv").open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([[header], *([text] for text in texts)])


def prepared(experiment):
    return prepare(experiment, progress=lambda *_: None)


def texts_of(folder, part):
    corpus = open_corpus(Experiment(data=DataConfig(source=str(folder / "reviews.csv"))))
    return [review.text for review in corpus.reviews(part)]


def test_they_need_no_label_column_and_teach_the_vocabulary(folder):
    write(folder, ["a zebra eats a zebra", "another zebra"])
    found = prepared(experiment(folder))
    assert len(found.unlabelled) == 2
    tokens = found.tokenizer.tokens(found.unlabelled[0])
    assert tokens == ["a", "zebra", "[UNK]", "a", "zebra"]  # `eats` is seen but once
    assert found.unlabelled.labels.tolist() == [-1, -1]


@pytest.mark.parametrize("part", [Part.VALIDATION, Part.TEST])
@pytest.mark.parametrize(
    "disguised",
    [str, str.upper, lambda text: f"<br />{text.replace(' ', ', ')}!!"],
    ids=["as it is", "case", "marks and markup"],
)
def test_reviews_that_steer_or_test_are_left_out_and_counted(folder, part, disguised):
    held = texts_of(folder, part)
    write(folder, [disguised(held[0]), "quite another text", disguised(held[-1])])
    found = prepared(experiment(folder))
    assert (len(found.unlabelled), found.overlapping) == (1, 2)
    assert found.overlapping == prepared(experiment(folder)).overlapping  # as the cache tells it


def test_those_of_a_test_source_of_its_own_are_left_out_too(folder):
    write_reviews(folder / "test.csv", ["bad", "good"], rows=20, seed=9)
    with (folder / "test.csv").open() as file:
        held = [row["text"] for row in csv.DictReader(file)]
    write(folder, [*held, "quite another text"])
    found = prepared(experiment(folder, test=str(folder / "test.csv")))
    assert (len(found.unlabelled), found.overlapping) == (1, 20)


def test_training_reviews_may_stand_among_them(folder):
    write(folder, texts_of(folder, Part.TRAINING))
    assert prepared(experiment(folder)).overlapping == 0


def test_nothing_left_is_an_error(folder):
    write(folder, texts_of(folder, Part.TEST))
    with pytest.raises(DataError, match=r"more.csv \(data.unlabelled\) holds no review"):
        prepared(experiment(folder))


def test_a_text_without_a_word_is_one_unknown_word(folder):
    write(folder, ["", "   ", "a spoon"])
    found = prepared(experiment(folder))
    assert [len(found.unlabelled[i]) for i in range(3)] == [1, 1, 2]


def test_a_broken_row_stops_or_is_counted(folder):
    (folder / "more.csv").write_text("text,stars\nfine,1\nbroken\nlovely,2\n")
    with pytest.raises(DataError, match=r"more.csv:3: "):
        prepared(experiment(folder))
    found = prepared(experiment(folder, on_bad_rows="skip"))
    assert (len(found.unlabelled), found.skipped) == (2, 1)


def test_without_the_text_column_it_is_refused(folder):
    write(folder, ["a spoon"], header="body")
    with pytest.raises(DataError, match=r"no column 'text' \(data.text_column\)"):
        prepared(experiment(folder))


def test_a_change_of_theirs_is_noticed(folder):
    write(folder, ["a spoon"])
    first = prepared(experiment(folder))
    write(folder, ["a spoon", "a fork"])
    again = prepared(experiment(folder))
    assert len(again.unlabelled) == 2
    assert first.content != again.content
    assert first.cache != again.cache


def test_their_damaged_cache_is_made_anew(folder):
    write(folder, ["a spoon", "a fork"])
    first = prepared(experiment(folder))
    whole = np.array(first.unlabelled.tokens)
    for name in ("unlabelled.tokens", "unlabelled.offsets", "unlabelled.hashes"):
        (first.cache / name).write_bytes(b"")
        assert np.array_equal(prepared(experiment(folder)).unlabelled.tokens, whole)
