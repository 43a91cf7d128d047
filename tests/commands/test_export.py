"""`sentiment export`, as one types it."""

from __future__ import annotations

import importlib.util
import json

import numpy as np
import onnxruntime
import pytest
from support.cli import sentiment
from tokenizers import Tokenizer

from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network import onnx_graph


def test_what_lies_there_is_enough_to_answer(here):
    answer = sentiment("export", "--onnx", "out/../tiny.onnx")
    assert answer.code == 5  # there is no folder out
    answer = sentiment("export", "--onnx", "tiny.onnx")
    assert answer.code == 0, answer.err
    assert answer.out.split() == ["tiny.labels.json", "tiny.tokenizer.json", "tiny.onnx"]
    assert "280 cereal reviews" in answer.err

    labels = json.loads((here / "tiny.labels.json").read_text())
    tokenizer = Tokenizer.from_file(str(here / "tiny.tokenizer.json"))
    session = onnxruntime.InferenceSession(here / "tiny.onnx")
    predictor = Predictor.load(here / "runs" / "tiny")
    for text in ("lovely and fresh", "stale, tasteless"):
        ids = tokenizer.encode(text).ids or [labels["id_of_an_empty_text"]]
        fed = {"ids": np.array([ids]), "lengths": np.array([len(ids)])}
        (row,) = session.run(None, fed)[0]
        (expected,) = predictor([text])
        assert labels["labels"][row.argmax()] == expected.label
        assert row.max() == pytest.approx(expected.probability, abs=1e-5)


def test_json_tells_how_far_it_is_from_the_run(here):
    found = sentiment("export", "--onnx", "tiny.onnx", "--run", "runs/tiny", "--json").json
    assert found["reviews"] == 280
    assert 0 <= found["difference"] <= 1e-5
    assert found["files"][-1] == "tiny.onnx"


@pytest.mark.parametrize("cell", ["rnn", "lstm", "gru"])
def test_every_cell_is_checked_and_a_mismatch_refused(here, monkeypatch, cell):
    trained = sentiment(
        "train", "tiny.yaml", "--set", f"model.cell={cell}", "--set", "training.epochs=1",
        "--out", "run",
    )  # fmt: skip
    assert trained.code == 0, trained.err
    answer = sentiment("export", "--run", "run", "--onnx", "good.onnx")
    assert answer.code == 0, answer.err
    # As if ONNX had the blocks in PyTorch's order, and the plain network had another activation.
    if cell == "rnn":
        add = onnx_graph._Graph.put

        def put(self, operator, inputs, outputs, **attributes):
            relu = {"activations": ["Relu", "Relu"]} if operator == "RNN" else {}
            add(self, operator, inputs, outputs, **attributes, **relu)

        monkeypatch.setattr(onnx_graph._Graph, "put", put)
    else:
        orders = {"lstm": ("i", "f", "g", "o"), "gru": ("r", "z", "n")}
        monkeypatch.setattr(onnx_graph, "_ORDERS", orders)
    answer = sentiment("export", "--run", "run", "--onnx", "bad.onnx")
    assert answer.code == 4
    assert "onnxruntime answers otherwise than the run does" in answer.err
    assert not list(here.glob("bad.*"))


def test_answers_that_are_no_numbers_are_refused(here, monkeypatch):
    monkeypatch.setattr(
        "onnxruntime.InferenceSession.run",
        lambda _, outputs, given: (np.full((len(given["lengths"]), 2), np.nan, np.float32),),
    )
    answer = sentiment("export", "--onnx", "bad.onnx")
    assert answer.code == 4
    assert "differs by nan" in answer.err
    assert not list(here.glob("bad.*"))


def test_only_a_file_of_that_kind_is_replaced(here):
    answer = sentiment("export", "--onnx", "reviews.csv")
    assert answer.code == 2
    assert "must end in .onnx" in answer.err


def test_without_the_packages_it_names_the_command(here, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else found(name)
    )
    answer = sentiment("export", "--onnx", "tiny.onnx")
    assert answer.code == 5
    assert "pip install 'sentiment-cli[onnx]'" in answer.err
