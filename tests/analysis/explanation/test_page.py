"""The page of an explanation: what is in the file."""

from __future__ import annotations

import json
import re
from base64 import b64decode

import numpy as np
import pytest
from support.predictor import WORDS, predictor

from sentiment_cli.analysis.explanation.page import explain_page
from sentiment_cli.analysis.explanation.record import explain

TEXT = "A crunchy box, the milk is good!"


def page_of(own, text=TEXT, **options):
    explanation = explain(own, text, **options)
    html = explain_page(explanation, "runs/tiny").decode()
    data = re.search(r'<script type="application/json" id="data">(.*?)</script>', html, re.DOTALL)
    assert data
    return explanation, html, json.loads(data[1])


@pytest.mark.parametrize(
    ("cell", "views"),
    [
        ("lstm", ["forget gate", "input gate", "candidate", "output gate", "cell state"]),
        ("gru", ["update gate", "reset gate", "candidate"]),
        ("rnn", []),
    ],
)
def test_every_gate_and_state_can_be_shown(cell, views):
    _, html, data = page_of(predictor(cell=cell))
    assert [view["name"] for view in data["views"]] == [*views, "hidden state"]
    assert len(data["steps"][0]) == 2
    assert html.count('class="word') == len(data["words"]) == 9


@pytest.mark.parametrize(("key", "error"), [("f", 0.5 / 255), ("c", 0.01), ("h", 0.5 / 127)])
def test_values_are_those_of_the_network_in_256_steps(key, error):
    explanation, _, data = page_of(predictor(cell="lstm", num_layers=2))
    (view,) = (view for view in data["views"] if view["key"] == key)
    for layer, readings in zip(view["values"], explanation.trace.readings, strict=True):
        for packed, reading in zip(layer, readings, strict=True):
            known = {"c": reading.cell, "h": reading.hidden, **reading.gates}[key]
            found = np.frombuffer(b64decode(packed), np.uint8).reshape(known.shape).astype(float)
            if view["signed"]:
                largest = np.abs(known).max()
                np.testing.assert_allclose(
                    (found - 128) / 127 * largest, known, atol=0.51 / 127 * largest
                )
            else:
                np.testing.assert_allclose(found / 255, known, atol=error)


def test_a_review_is_text_and_never_markup():
    text = "</script><script>alert(1)</script> <img src=x onerror=alert(2)> &lt;b&gt; good"
    _, html, data = page_of(predictor(), text)
    assert html.count("<script") == 2
    assert "<img" not in html
    assert "good" in data["words"]


def test_unknown_and_unread_words_are_marked():
    _, html, _ = page_of(predictor(), "zebra box " * 10)
    assert html.count('class="word unknown"') == 6
    assert "12 of 20 words are read" in re.sub(r"\s+", " ", html)
    assert " … <button" in html


def test_gradients_are_a_tint_where_they_were_asked_for():
    assert "integrated gradients" not in page_of(predictor())[1]
    _, html, data = page_of(predictor(), gradients=True)
    assert '<option value="gradients">' in html
    assert set(data["tints"]) == {"kept", "contributed", "gradients"}


def test_400_words_of_128_units_in_two_directions_stay_small():
    own = predictor(cell="lstm", hidden_size=128, num_layers=2)
    own.tokenizer.max_tokens = own.tokenizer.head_tokens = 400
    _, html, data = page_of(own, " ".join(np.random.default_rng(0).choice(WORDS, 400)))
    assert len(data["words"]) == 400
    assert len(html.encode()) < 3_000_000


@pytest.mark.parametrize("text", ["", "zebra"])
def test_any_review_has_a_page(text):
    assert len(page_of(predictor(), text)[2]["words"]) == 1
