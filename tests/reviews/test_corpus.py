"""Sources of reviews with each row's class and part decided."""

from __future__ import annotations

import csv

import pytest

from sentiment_cli.config.schema import DataConfig, Experiment
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.split import Part


def write(path, rows, header=("text", "label")):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows([header, *rows])
    return str(path)


def rows(count, start=0):
    return [(f"review {i}", "bad" if i % 2 else "good") for i in range(start, start + count)]


def texts(corpus, part):
    return [review.text for review in corpus.reviews(part)]


def test_every_review_is_in_one_part(tmp_path):
    corpus = open_corpus(Experiment(data=DataConfig(source=write(tmp_path / "a.csv", rows(100)))))
    found = [text for part in Part for text in texts(corpus, part)]
    assert sorted(found) == sorted(text for text, _ in rows(100))
    assert corpus.counts(Part.TEST) == [10, 10]
    assert corpus.labels.classes == ("negative", "positive")


def test_a_split_that_leaves_nothing_to_learn_from_is_refused(tmp_path):
    source = write(tmp_path / "a.csv", rows(20))
    data = DataConfig(source=source, test_fraction=0.6, validation_fraction=0.5)
    with pytest.raises(DataError, match="leaves no training review") as raised:
        open_corpus(Experiment(data=data))
    assert "data.test_fraction" in str(raised.value.hint)


def test_separate_files_steer_and_test(tmp_path):
    data = DataConfig(
        source=write(tmp_path / "a.csv", rows(30)),
        validation=write(tmp_path / "b.csv", rows(6, 100)),
        test=write(tmp_path / "c.csv", rows(8, 200)),
    )
    corpus = open_corpus(Experiment(data=data))
    assert len(texts(corpus, Part.TRAINING)) == 30
    assert texts(corpus, Part.VALIDATION) == [text for text, _ in rows(6, 100)]
    assert texts(corpus, Part.TEST) == [text for text, _ in rows(8, 200)]


def test_a_separate_test_file_leaves_its_share_to_training(tmp_path):
    data = DataConfig(
        source=write(tmp_path / "a.csv", rows(40)), test=write(tmp_path / "c.csv", rows(8, 200))
    )
    corpus = open_corpus(Experiment(data=data))
    assert len(texts(corpus, Part.TRAINING)) == 36
    assert len(texts(corpus, Part.VALIDATION)) == 4


def test_an_unknown_label_in_a_separate_file_is_named_with_its_place(tmp_path):
    data = DataConfig(
        source=write(tmp_path / "a.csv", rows(40)),
        test=write(tmp_path / "c.csv", [("fine", "good"), ("odd", "gorgeous")]),
    )
    with pytest.raises(DataError, match=r"c\.csv:3.*gorgeous"):
        open_corpus(Experiment(data=data))


def test_values_without_a_class_are_left_out_and_counted(tmp_path):
    stars = [(f"review {i}", str(1 + i % 5)) for i in range(100)]
    data = DataConfig(
        source=write(tmp_path / "a.csv", stars),
        label_map={"1": "bad", "2": "bad", "4": "good", "5": "good"},
    )
    corpus = open_corpus(Experiment(data=data))
    assert corpus.rows.dropped == 20
    assert sum(len(texts(corpus, part)) for part in Part) == 80
    assert all(review.row.values["label"] != "3" for review in corpus.reviews(Part.TRAINING))


def test_broken_rows_are_skipped_and_counted_where_it_is_asked(tmp_path):
    path = write(tmp_path / "a.csv", [*rows(40), ("three", "fields", "here")])
    with pytest.raises(DataError, match=r"a\.csv:42"):
        open_corpus(Experiment(data=DataConfig(source=path)))
    corpus = open_corpus(Experiment(data=DataConfig(source=path, on_bad_rows="skip")))
    assert len(texts(corpus, Part.TRAINING)) == 28
    assert corpus.rows.skipped == 1


def test_a_file_that_changes_between_two_passes_is_noticed(tmp_path):
    path = tmp_path / "a.csv"
    corpus = open_corpus(Experiment(data=DataConfig(source=write(path, rows(40)))))
    write(path, rows(39))
    with pytest.raises(DataError, match="changed while it was read"):
        texts(corpus, Part.TRAINING)


def test_a_column_of_texts_is_no_label(tmp_path):
    data = DataConfig(
        source=write(tmp_path / "a.csv", rows(100)), text_column="label", label_column="text"
    )
    with pytest.raises(DataError, match="more than 50 different labels"):
        open_corpus(Experiment(data=data))


def test_one_class_alone_is_refused(tmp_path):
    data = DataConfig(source=write(tmp_path / "a.csv", [(f"r {i}", "good") for i in range(40)]))
    with pytest.raises(DataError, match="only 'good'"):
        open_corpus(Experiment(data=data))
