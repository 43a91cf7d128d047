"""How well a classifier does on labelled reviews."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from sentiment_cli.errors import DataError
from sentiment_cli.inference.evaluation import evaluate
from sentiment_cli.reviews.corpus import Review
from sentiment_cli.reviews.sources import Row


class ByLength:
    """Says `long` of a review of more than three words, the surer the longer it is."""

    config = SimpleNamespace(classes=("short", "long"))

    def read(self, texts):
        return [SimpleNamespace(found=len(t.split())) for t in texts]

    def probabilities(self, read):
        long = np.array([min(0.99, own.found / 7) for own in read])
        return np.stack([1 - long, long], axis=1)


class AlwaysLong:
    """A baseline that says `long` of every review."""

    def __init__(self, converged=True):
        self.converged = converged

    def __call__(self, _words, lengths):
        return np.tile([-1.0, 1.0], (len(lengths), 1))


def reviews(*labelled):
    return [
        Review(" ".join(["word"] * words), label, number, Row({}, "f.csv:", number))
        for number, (words, label) in enumerate(labelled, start=2)
    ]


def judged(*labelled, baselines=None):
    return evaluate(
        ByLength(),
        reviews(*labelled),
        baselines=baselines or {},
        advance=lambda _: None,
    )


def test_counts_answers_and_lengths():
    report = judged((1, 0), (2, 0), (3, 1), (6, 1), (30, 1)).report()
    assert report["confusion"] == [[2, 0], [1, 2]]
    assert report["accuracy"] == pytest.approx(0.8)
    assert report["majority"] == {"label": "long", "accuracy": 0.6, "balanced_accuracy": 0.5}
    assert [(row["from"], row["to"], row["reviews"]) for row in report["by_length"]] == [
        (0, 25, 4),
        (26, 50, 1),
    ]
    assert report["classes"][1] == {
        "class": "long", "precision": 1.0, "recall": pytest.approx(2 / 3),
        "f1": pytest.approx(0.8), "reviews": 3,
    }  # fmt: skip


def test_a_baseline_is_measured_on_the_same_reviews():
    baselines = {"tf_idf": AlwaysLong()}
    report = judged((1, 0), (2, 0), (6, 1), (30, 1), baselines=baselines).report()
    assert report["baseline"]["tf_idf"]["accuracy"] == 0.5
    assert report["baseline"]["tf_idf"]["accuracy_difference"] == 0.5
    low, high = report["baseline"]["tf_idf"]["accuracy_difference_interval"]
    assert low < 0.5 < high
    assert "converged" not in report["baseline"]["tf_idf"]


def test_a_baseline_that_did_not_converge_is_marked():
    baselines = {"tf_idf": AlwaysLong(), "nb_weighted": AlwaysLong(converged=False)}
    report = judged((1, 0), (30, 1), baselines=baselines).report()
    assert report["baseline"]["nb_weighted"]["converged"] is False
    assert "converged" not in report["baseline"]["tf_idf"]


def test_keeps_the_five_most_confident_mistakes_worst_first():
    evaluation = judged(*[(words, 0) for words in range(1, 12)], (1, 1))
    assert len(evaluation.worst) == 5
    found = [mistake.probability for mistake in evaluation.worst]
    assert found == sorted(found, reverse=True)
    assert evaluation.worst[0].label == "short"
    assert evaluation.worst[0].place.startswith("f.csv:")


def test_a_report_holds_no_text():
    assert "word" not in str(judged((1, 0), (9, 0)).report())


def test_a_class_without_reviews_has_no_share():
    report = judged((1, 0), (2, 0)).report()
    assert report["classes"][1]["recall"] == 0.0
    assert report["balanced_accuracy"] == 1.0


def test_no_review_is_an_error():
    with pytest.raises(DataError, match="no review"):
        judged()
