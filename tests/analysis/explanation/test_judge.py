"""The running verdict and each word's contribution, against the predictor."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from support.predictor import predictor

from sentiment_cli.analysis.explanation.judge import Judge
from sentiment_cli.inference.engine import Engine
from sentiment_cli.network.architecture import UNK
from sentiment_cli.network.bulk import read_batch
from sentiment_cli.network.ngram_inputs import NgramTable, ngram_keys

IDS = np.array([2, 5, 3, 8, 4, 2, 9], np.int32)
CELLS = ["rnn", "lstm", "gru"]
ANSWER = 1


def in_torch(own, sequences):
    """Calibrated probabilities of each review alone, by the fused kernels."""
    model = own.engine.use_torch().eval()
    with torch.inference_mode():
        logits = [model(*read_batch([ids], own.engine.table))[0] for ids in sequences]
    return (torch.stack(logits).double() / own.config.temperature).softmax(dim=1).numpy()


@pytest.mark.parametrize("num_layers", [1, 2])
@pytest.mark.parametrize("bidirectional", [False, True])
@pytest.mark.parametrize("cell", CELLS)
def test_the_running_verdict_is_that_of_each_beginning(cell, bidirectional, num_layers):
    own = predictor(cell=cell, bidirectional=bidirectional, num_layers=num_layers)
    running = Judge(own).running(IDS, ANSWER)
    expected = in_torch(own, [IDS[: t + 1] for t in range(len(IDS))])[:, ANSWER]
    np.testing.assert_allclose(running, expected, atol=1e-5)


@pytest.mark.parametrize("cell", CELLS)
def test_a_word_contributes_what_the_answer_loses_without_it(cell):
    own = predictor(cell=cell)
    contributed = Judge(own).contributed(IDS, ANSWER)
    whole, *without = in_torch(own, [IDS, *(np.delete(IDS, t) for t in range(len(IDS)))])
    expected = [whole[ANSWER] - row[ANSWER] for row in without]
    np.testing.assert_allclose(contributed, expected, atol=1e-5)


def test_around_a_word_left_out_new_ngrams_are_read():
    own = predictor()
    engine = own.engine
    ids, rest = np.array([4, 5, 6], np.int32), np.array([4, 6], np.int32)
    key = ngram_keys(rest, np.array([2]), 2)[1, 1:]  # of the pair, which the review does not hold
    table = NgramTable(
        key, np.array([[1, 40, 1]], np.float32), np.full(3, 50, np.float32), orders=2
    )
    own.engine = Engine(engine.architecture, engine.weights, table, "cpu")
    assert not table.inputs(ids, np.array([3])).any()
    assert table.inputs(rest, np.array([2])).any()
    (read,) = own.tokenizer.encode(["x"])
    variants = [read._replace(ids=np.array(kept)) for kept in ([4, 5, 6], [5, 6], rest, [4, 5])]
    whole, *without = own.probabilities(variants)[:, ANSWER]
    np.testing.assert_allclose(Judge(own).contributed(ids, ANSWER), whole - without, atol=1e-6)


def test_without_its_only_word_a_review_is_read_as_an_unknown_one():
    judge = Judge(predictor())
    only, unknown = np.array([4]), np.array([UNK])
    expected = judge([only])[0, 0] - judge([unknown])[0, 0]
    assert judge.contributed(only, 0) == pytest.approx([expected], abs=1e-6)


def test_the_traced_answer_is_the_predictors():
    own = predictor()
    probabilities, _ = Judge(own).trace(own.tokenizer.encode(["a crunchy box"])[0].ids)
    assert probabilities.tolist() == pytest.approx(
        list(own(["a crunchy box"])[0].probabilities.values()), abs=1e-6
    )
