"""`sentiment export`, as one types it."""

from __future__ import annotations

import importlib.util
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from support.cli import sentiment

from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network import onnx_graph


def test_what_lies_there_is_enough_to_answer(here):
    answer = sentiment("export", "--onnx", "out/../tiny.onnx")
    assert answer.code == 5  # there is no folder out
    answer = sentiment("export", "--onnx", "tiny.onnx")
    assert answer.code == 0, answer.err
    assert answer.out.split() == [
        "tiny.ngrams.safetensors", "tiny.labels.json", "tiny.tokenizer.json", "tiny.onnx"
    ]  # fmt: skip
    assert "280 cereal reviews" in answer.err


def program_of_the_document(name):
    """The program in docs/python.md, for the files that were exported as `name`.onnx."""
    document = (Path(__file__).parents[2] / "docs" / "python.md").read_text(encoding="utf-8")
    (code,) = re.findall(r"```python predict_onnx.py\n(.*?)```", document, re.DOTALL)
    return code.replace("cereal.", f"{name}.")


@pytest.mark.parametrize("max_tokens", [400, 5])
@pytest.mark.parametrize("classes", [2, 3])
def test_the_documented_program_predicts_without_this_package(here, classes, max_tokens):
    words = [["good", "fine"], ["bad", "poor"], ["so-so"]][:classes]
    rows = [
        f"the {own[n % len(own)]} box number {n % 7},{own[0]}" for n in range(40) for own in words
    ]
    (here / "boxes.csv").write_text("text,label\n" + "\n".join(rows), encoding="utf-8")
    trained = sentiment(
        "train", "tiny.yaml", "--out", "run", "--set", "training.epochs=1",
        "--set", "data.source=boxes.csv", "--set", "data.text_column=text",
        "--set", "data.label_column=label",
        "--set", f"tokenizer.max_tokens={max_tokens}",
    )  # fmt: skip
    assert trained.code == 0, trained.err
    assert sentiment("export", "--run", "run", "--onnx", "boxes.onnx").code == 0
    block = "import sys\nsys.modules['sentiment_cli'] = None\n"  # whose import would now fail
    (here / "predict.py").write_text(block + program_of_the_document("boxes"), encoding="utf-8")
    texts = ["the good box", "bad", "", "xqzt the bad box of xqzt, number 3 and so on", "fine " * 9]
    told = subprocess.run(
        [sys.executable, "predict.py", *texts], cwd=here, capture_output=True, text=True, check=True
    )
    predictor = Predictor.load(here / "run")
    assert predictor.engine.table is not None
    for line, expected in zip(told.stdout.splitlines(), predictor(texts), strict=True):
        label, _, probabilities = line.partition(" ")
        assert label == expected.label
        found = json.loads(probabilities)
        assert found == pytest.approx(list(expected.probabilities.values()), abs=1e-5)


def test_a_run_without_ngrams_has_no_table(here):
    trained = sentiment(
        "train", "tiny.yaml", "--out", "plain",
        "--set", "model.ngrams=0", "--set", "training.epochs=1",
    )  # fmt: skip
    assert trained.code == 0, trained.err
    answer = sentiment("export", "--run", "plain", "--onnx", "plain.onnx")
    assert answer.out.split() == ["plain.labels.json", "plain.tokenizer.json", "plain.onnx"]
    assert json.loads((here / "plain.labels.json").read_text())["ngrams"] == 0


def test_onnxruntime_keeps_no_device_identifier(here):
    private = {"HOME": str(here / "home"), "XDG_CACHE_HOME": str(here / "home")}
    # On a machine that tests, onnxruntime would keep none in any case.
    unset = ("ORT_DISABLE_TELEMETRY", "CI", "PYTEST_CURRENT_TEST", "SENTIMENT_CACHE")
    subprocess.run(
        [sys.executable, "-m", "sentiment_cli", "export", "--onnx", "tiny.onnx"],
        cwd=here, capture_output=True, check=True,
        env={k: v for k, v in os.environ.items() if k not in unset} | private,
    )  # fmt: skip
    assert not list((here / "home").rglob("*onnxruntime*"))


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
    assert "the ONNX file was not written" in answer.err
    assert not list(here.glob("bad.*"))


def test_answers_that_are_no_numbers_are_refused(here, monkeypatch):
    monkeypatch.setattr(
        "onnxruntime.InferenceSession.run",
        lambda _, outputs, given: (np.full((len(given["lengths"]), 2), np.nan, np.float32),),
    )
    answer = sentiment("export", "--onnx", "bad.onnx")
    assert answer.code == 4
    assert "by nan" in answer.err
    assert not list(here.glob("bad.*"))


@pytest.mark.parametrize("name", ["tiny.onnx", "tiny.labels.json", "tiny.ngrams.safetensors"])
def test_export_refuses_when_any_of_its_files_exists(here, name):
    (here / name).write_text("old")
    answer = sentiment("export", "--onnx", "tiny.onnx")
    assert answer.code == 2
    assert f"--onnx {name}: the file exists" in answer.err
    assert [path.name for path in here.glob("tiny.[!y]*")] == [name]
    assert (here / name).read_text() == "old"


def test_without_the_packages_it_names_the_command(here, monkeypatch):
    found = importlib.util.find_spec
    monkeypatch.setattr(
        importlib.util, "find_spec", lambda name: None if name == "onnxruntime" else found(name)
    )
    answer = sentiment("export", "--onnx", "tiny.onnx")
    assert answer.code == 5
    assert "pip install 'sentiment-cli[onnx]'" in answer.err
