"""The lists of words that an explanation names."""

from __future__ import annotations

from support.predictor import predictor

from sentiment_cli.analysis.explanation.named import named_words
from sentiment_cli.analysis.explanation.record import explain

TEXT = "A crunchy box, the milk is good but the spoon is stale!"


def lists(**shape):
    explanation = explain(predictor(**shape), TEXT)
    return explanation, {found.title: found.words for found in named_words(explanation)}


def test_kept_and_forgotten_are_the_two_ends_of_one_order():
    explanation, found = lists(bidirectional=False)
    (kept,) = explanation.attribution.kept
    order = sorted(zip(explanation.words.shown, kept.tolist(), strict=True), key=lambda p: -p[1])
    half = len(order) // 2
    assert found["kept"] == order[: len(order) - half][:8]
    assert found["forgotten"] == order[::-1][:half][:8]


def test_each_direction_has_its_own():
    assert {"kept, forward", "forgotten, backward"} <= set(lists()[1])


def test_for_and_against_are_told_by_their_sign():
    explanation, found = lists()
    assert all(value > 0 for _, value in found["spoke for it"])
    assert all(value < 0 for _, value in found["spoke against it"])
    largest = explanation.attribution.contributed.max()
    assert found["spoke for it"][0][1] == 100 * largest
