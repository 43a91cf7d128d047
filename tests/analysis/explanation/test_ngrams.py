"""The n-grams that an explanation names, against a table made by hand."""

from __future__ import annotations

import numpy as np
import pytest
from support.predictor import predictor

from sentiment_cli.analysis.explanation.named import named_words
from sentiment_cli.analysis.explanation.ngrams import Ngram, Ngrams
from sentiment_cli.analysis.explanation.page import explain_page
from sentiment_cli.analysis.explanation.record import explain
from sentiment_cli.analysis.memory.held import without_direct_sum
from sentiment_cli.console.explanation import show_explanation
from sentiment_cli.inference.engine import Engine
from sentiment_cli.network.ngram_inputs import NgramTable, ngram_keys

TWO, THREE = ("bad", "good"), ("bad", "good", "so-so")
COUNTS = {"good": (4, 9), "the milk": (18, 2), "milk": (9, 6), "! good": (1, 19)}
"""Reviews of each class that hold an n-gram."""


def ratio(counts, totals, label):
    """Naive Bayes' log-count ratio for the class `label`, over reviews that count."""
    reviews, others = totals[label], sum(totals) - totals[label]
    smoothing = 2 / sum(totals)
    share = counts[label] / reviews + smoothing
    return np.log(share / ((sum(counts) - counts[label]) / others + smoothing))


def answered(answer, classes=TWO, **shape):
    """A predictor with COUNTS that gives the answer, and the totals of its table."""
    own = predictor(classes, ngrams=2, **shape)
    totals = (40, 20, 30)[: len(classes)]
    rows = []
    for text, counts in COUNTS.items():
        (read,) = own.tokenizer.encode([text])
        key = ngram_keys(read.ids, np.array([len(read.ids)]), 2)[len(read.ids) - 1, -1]
        rows.append((key, [*counts, 5][: len(classes)]))
    keys, found = zip(*sorted(rows), strict=True)
    table = NgramTable(
        np.array(keys, np.uint64), np.array(found, np.float32), np.array(totals, np.float32), 2
    )
    weights = dict(own.engine.weights)
    weights["head.bias"] = np.eye(len(classes), dtype=np.float32)[answer] * 30
    own.engine = Engine(own.engine.architecture, weights, table, "cpu")
    return own, totals


@pytest.mark.parametrize("classes", [TWO, THREE])
@pytest.mark.parametrize("answer", [0, 1])
def test_each_word_has_its_strongest_ngram(answer, classes):
    own, totals = answered(answer, classes)
    report = explain(own, "The  MILK is stale! Good").report()
    assert report["label"] == classes[answer]

    def named(text, start, end, like):
        value = ratio([*COUNTS[like], 5][: len(classes)], totals, answer)
        return {"text": text, "start": start, "end": end, "value": pytest.approx(value, abs=1e-5)}

    assert report["ngrams"] == [
        None,
        named("The MILK", 0, 2, "the milk"),
        None,
        None,
        None,
        named("! Good", 4, 6, "! good"),
    ]


@pytest.mark.parametrize("classes", [TWO, THREE])
@pytest.mark.parametrize("cell", ["rnn", "lstm"])
def test_both_ways_into_the_head_make_the_log_odds(cell, classes):
    own = predictor(classes, cell=cell)
    text = "a good crunchy box ! the spoon"
    explanation = explain(own, text)
    report = explanation.report()
    answer = classes.index(report["label"])

    def log_odds(logits):
        others = np.delete(logits, answer).mean()
        return (logits[answer] - others) / own.config.temperature

    assert report["direct_sum"] != 0
    whole = report["direct_sum"] + report["recurrent"]
    assert whole == pytest.approx(log_odds(explanation.trace.logits), abs=1e-5)
    if len(classes) == 2:
        probability = report["probability"]
        assert whole == pytest.approx(np.log(probability / (1 - probability)), abs=1e-5)
    engine = own.engine
    altered = without_direct_sum(engine.architecture, engine.weights)
    (alone,) = Engine(engine.architecture, altered, engine.table, "cpu").logits(
        [explanation.words.read.ids]
    )
    assert report["recurrent"] == pytest.approx(log_odds(alone), abs=1e-5)


def ngrams(ids, *found):
    return Ngrams(np.array(ids), (None, *found), 0.0, 0.0)


def test_an_ngram_within_a_stronger_one_is_not_named_again():
    found = ngrams(
        [5, 6, 7, 6, 7, 5, 6],
        Ngram("5 6", 0, 2, -1.0),
        Ngram("5 6 7", 0, 3, -3.0),  # holds the one before, and the next
        Ngram("6", 3, 4, -2.0),
        Ngram("6 7", 3, 5, 2.5),  # of another sign
        Ngram("7 5", 4, 6, -0.5),  # overlaps, but is not within
        Ngram("5 6", 5, 7, -3.5),  # stronger than what holds it
        Ngram("6 7", 3, 5, 2.5),
    )
    assert found.strongest(-1) == [("5 6", -3.5), ("5 6 7", -3.0), ("7 5", -0.5)]
    assert found.strongest(1) == [("6 7", 2.5)]


def test_eight_are_named():
    found = ngrams(range(20), *(Ngram(str(t), t, t + 1, 20.0 - t) for t in range(20)))
    assert found.strongest(1) == [(str(t), 20.0 - t) for t in range(8)]


def test_a_cut_is_told():
    own, _ = answered(1)
    own.tokenizer.max_tokens, own.tokenizer.head_tokens = 4, 2
    found = explain(own, "a the " + "bad " * 30 + "milk .").ngrams
    assert found is not None
    assert [ngram and ngram[:3] for ngram in found.words] == [
        None, None, ("the … milk", 1, 3), None,
    ]  # fmt: skip


def test_a_person_reads_two_lists_and_a_sentence(capsys):
    own, _ = answered(1)
    explanation = explain(own, "The milk is stale! Good")
    show_explanation(explanation)
    out = " ".join(capsys.readouterr().out.split())
    assert "n-grams for it ! Good +2.8 n-grams against it The milk -1.3" in out
    sentence = "The sum of n-gram inputs adds {:+.1f} to the log odds of {}, the recurrent path +"
    assert sentence.format(explanation.ngrams.direct_sum, "good") in out
    page = " ".join(explain_page(explanation, "run").decode().split())
    assert '<bdi>The milk</bdi> <span class="figure">-1.3</span>' in page
    assert sentence.format(explanation.ngrams.direct_sum, "<bdi>good</bdi>") in page


def test_more_classes_are_told_apart_from_their_mean(capsys):
    show_explanation(explain(predictor(THREE), "good"))
    assert "against the mean of the others" in " ".join(capsys.readouterr().out.split())


def test_without_ngram_inputs_nothing_is_said(capsys):
    explanation = explain(predictor(ngrams=0), "The milk is good")
    report = explanation.report()
    assert [report[key] for key in ("ngrams", "direct_sum", "recurrent")] == [None] * 3
    assert not any("n-gram" in found.title for found in named_words(explanation))
    show_explanation(explanation)
    assert "n-gram" not in capsys.readouterr().out
    assert "n-gram" not in explain_page(explanation, "run").decode().lower()
