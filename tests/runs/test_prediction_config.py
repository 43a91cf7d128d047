"""A run's config.json."""

from __future__ import annotations

import json

import pytest

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.runs.prediction_config import PredictionConfig

CONFIG = PredictionConfig(
    architecture=Architecture(
        cell="gru", vocab_size=9, embedding_dim=4, hidden_size=3, num_layers=1,
        bidirectional=False, pooling="last", num_classes=2, ngrams=0,
    ),
    classes=("schlecht", "gut ☕"),
    values={"0": "schlecht", "1": "gut ☕"},
    partial=True,
    max_tokens=40,
    keep="tail",
    tokenizer_sha256="0" * 64,
    num_ngrams=70,
    num_hashes=12,
    temperature=1.25,
)  # fmt: skip


def test_round_trip():
    assert PredictionConfig.from_json(CONFIG.to_json(), place="p") == CONFIG


@pytest.mark.parametrize(
    "change",
    [
        {"classes": ["only one"]},
        {"classes": ["same", "same"]},
        {"classes": [1, 2]},
        {"classes": 7},
        {"values": {"0": "nobody"}},
        {"values": ["0"]},
        {"partial": "no"},
        {"max_tokens": 0},
        {"max_tokens": 10**9},
        {"max_tokens": True},
        {"keep": "middle"},
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"temperature": "1"},
        {"tokenizer_sha256": None},
        {"num_ngrams": -1},
        {"num_ngrams": 2**40},
        {"num_hashes": "9"},
        {"num_hashes": True},
        {"architecture": {}},
        {"surprise": 1},
    ],
    ids=str,
)
def test_what_no_run_writes_is_refused(change):
    content = json.loads(CONFIG.to_json()) | change
    with pytest.raises(ModelError, match=r"here/config\.json"):
        PredictionConfig.from_json(json.dumps(content).encode(), place="here/config.json")


@pytest.mark.parametrize("missing", json.loads(CONFIG.to_json()))
def test_a_missing_key_is_refused(missing):
    content = json.loads(CONFIG.to_json())
    del content[missing]
    if missing == "temperature":  # the one key with a default is still always written
        assert PredictionConfig.from_json(json.dumps(content).encode(), place="p").temperature == 1
        return
    with pytest.raises(ModelError):
        PredictionConfig.from_json(json.dumps(content).encode(), place="p")


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b"\xff", b"[" * 100_000], ids=len)
def test_what_is_no_json_object_is_refused(data):
    with pytest.raises(ModelError):
        PredictionConfig.from_json(data, place="p")
