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
    tokenizer = SimpleNamespace(
        encode=lambda texts: [SimpleNamespace(ids=t.split(), found=len(t.split())) for t in texts]
    )

    def probabilities(self, encoded):
        long = np.array([min(0.99, read.found / 7) for read in encoded])
        return np.stack([1 - long, long], axis=1)


def reviews(*labelled):
    return [
        Review(" ".join(["word"] * words), label, Row({}, "f.csv:", number))
        for number, (words, label) in enumerate(labelled, start=2)
    ]


def judged(*labelled):
    return evaluate(ByLength(), reviews(*labelled), advance=lambda _: None)


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
