"""Settings that fit a source, written as an experiment file."""

from __future__ import annotations

import csv
import io

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from support.folders import forge, sound_files

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.column_names import Says, label_name
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.proposal import experiment_file, fitting_settings
from sentiment_cli.reviews.quality import inspect_reviews
from sentiment_cli.reviews.spelling import is_missing, normalised
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.start import read_start, settled
from sentiment_cli.runs import bundled

NAMES = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12)


@pytest.fixture(autouse=True)
def no_bundled_model(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", tmp_path / "none")


@pytest.fixture
def with_bundled_model(tmp_path, monkeypatch):
    monkeypatch.setattr(bundled, "FOLDER", forge(tmp_path / "bundled", sound_files()))


def write(rows, header=("text", "label")):
    file = io.StringIO()
    csv.writer(file).writerows([header, *rows])
    return file.getvalue()


def reviews(counts, words=5):
    return [
        [f"{label} number {i}" + " word" * (words - 3), label]
        for label, count in counts.items()
        for i in range(count)
    ]


def proposed(make, content, test=None):
    source = make("reviews.csv", content)
    inspection = inspect_reviews(source, advance=lambda rows: None)
    start = "bundled" if bundled.has_bundled() else None
    return fitting_settings(inspection, "reviews.csv", test, start=start)


def experiment(make, tmp_path, content, test=None):
    made = experiment_file(proposed(make, content, test), "reviews.csv", "sentiment train x.yaml")
    (tmp_path / "x.yaml").write_text(made, encoding="utf-8")
    return read_experiment(tmp_path / "x.yaml").experiment


def test_a_small_file_gets_a_small_network_and_more_epochs(make, tmp_path):
    small = experiment(make, tmp_path, write(reviews({"bad": 50, "good": 50})))
    large = experiment(make, tmp_path, write(reviews({"bad": 8000, "good": 8000})))
    assert small.model.hidden_size < large.model.hidden_size
    assert small.training.epochs > large.training.epochs
    assert small.training.batch_size < large.training.batch_size
    assert small.tokenizer.min_frequency == 1
    assert small.data.validation_fraction > large.data.validation_fraction
    assert small.model.vectors == "counted"


@pytest.mark.usefixtures("with_bundled_model")
def test_few_reviews_begin_with_the_bundled_model(make, tmp_path):
    small = experiment(make, tmp_path, write(reviews({"bad": 50, "good": 50})))
    assert small.model.init == "bundled"
    assert small.model.model_fields_set == {"init"}
    assert small.tokenizer.model_fields_set == {"max_tokens"}
    # What the model fixes is left to it.
    begins = settled(small, read_start(small))
    assert begins.model.hidden_size == 5


@pytest.mark.usefixtures("with_bundled_model")
@pytest.mark.parametrize(("each", "init"), [(9_999, "bundled"), (10_000, None)])
def test_many_reviews_begin_with_nothing(make, tmp_path, each, init):
    made = experiment(make, tmp_path, write(reviews({"bad": each, "good": each})))
    assert made.model.init == init
    assert made.model.vectors == (None if init else "counted")


@pytest.mark.parametrize(("good", "expected"), [(60, None), (61, "balanced")])
def test_skewed_classes_are_weighed(make, tmp_path, good, expected):
    made = experiment(make, tmp_path, write(reviews({"bad": 20, "good": good})))
    assert made.training.class_weights == expected


@pytest.mark.parametrize(("words", "expected"), [(5, 32), (33, 48), (100, 112), (900, 256)])
def test_length_that_holds_most_reviews_whole_within_reason(make, tmp_path, words, expected):
    made = experiment(make, tmp_path, write(reviews({"bad": 20, "good": 20}, words)))
    assert made.tokenizer.max_tokens == expected


def test_what_a_cut_costs_is_told(make):
    content = write(reviews({"bad": 20, "good": 20}, 900))
    made = experiment_file(proposed(make, content), "reviews.csv", "sentiment train x.yaml")
    assert "100% of the reviews are longer" in made


def test_stars_become_two_classes(make, tmp_path):
    made = experiment(make, tmp_path, write(reviews({"1": 20, "3": 20, "5": 20})))
    assert made.data.label_map == {"1": "negative", "5": "positive"}


def test_a_test_source_takes_the_place_of_a_share(make, tmp_path):
    (tmp_path / "test.csv").write_text(write(reviews({"bad": 20, "good": 20})))
    made = experiment(make, tmp_path, write(reviews({"bad": 20, "good": 20})), "test.csv")
    assert made.data.test == str(tmp_path / "test.csv")


@pytest.mark.parametrize(
    ("content", "what"),
    [
        ("text\nfine\n", "no column of labels, only the text"),
        (write(reviews({"good": 30})), "no classes to train on"),
        (write(reviews({"good": 30, "bad": 9})), "too few reviews to be split: 'negative'"),
    ],
)
def test_without_classes_there_is_no_experiment(make, content, what):
    with pytest.raises(DataError, match=what):
        proposed(make, content)


@given(
    header=st.lists(NAMES.filter(str.strip), min_size=2, max_size=2, unique=True),
    labels=st.lists(
        NAMES.map(lambda name: name[:7]).filter(bool), min_size=2, max_size=4, unique=True
    ),
)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_any_names_make_a_file_that_is_read_back(make, tmp_path, header, labels):
    assume(len({normalised(label) for label in labels if not is_missing(label)}) >= 2)
    assume(label_name(header[1]) is not Says.OTHER)
    rows = [
        [f"a review of some length, number {index} {number}", label]
        for index, label in enumerate(labels)
        for number in range(12)
    ]
    made = experiment(make, tmp_path, write(rows, header))
    assert [made.data.text_column, made.data.label_column] == header
    assert sum(open_corpus(made).counts(Part.TRAINING)) > 0
