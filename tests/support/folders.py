"""Run folders as anyone can make them: with a manifest that fits, whatever lies under it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import replace
from functools import cache
from hashlib import sha256
from pathlib import Path
from typing import Any

import numpy as np

from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.runs.manifest import encode
from sentiment_cli.runs.reader import HASHES, NGRAMS
from support.predictor import predictor


@cache
def sound_files() -> Mapping[str, bytes]:
    """The files of a small run that answers, though nothing was trained."""
    own = predictor(("bad", "good"))
    tokenizer, table = own.tokenizer.to_json(), own.engine.table
    assert table is not None
    told = sha256(tokenizer).hexdigest()
    config = replace(own.config, tokenizer_sha256=told, num_hashes=9)
    return {
        "config.yaml": dump_experiment(Experiment()).encode(),
        "config.json": config.to_json(),
        "model.safetensors": dump_weights(own.engine.weights),
        "tokenizer.json": tokenizer,
        NGRAMS: dump_weights(table.tensors()),
        HASHES: dump_weights({"hashes": np.arange(config.num_hashes, dtype=np.uint64)}),
        "metrics.json": b'{"cell": "gru", "source": "reviews.csv", "validation": {}}',
    }


def forge(path: Path, files: Mapping[str, bytes]) -> Path:
    """Make the run folder `path` of `files`, and of a manifest that fits them."""
    path.mkdir(exist_ok=True)
    for name, content in files.items():
        (path / name).write_bytes(content)
    (path / "manifest.json").write_bytes(encode(files))
    return path


def with_config(**changes: Any) -> dict[str, bytes]:
    """The sound files, but with changes in config.json; `architecture` is changed key by key."""
    files = dict(sound_files())
    content = json.loads(files["config.json"])
    content["architecture"] |= changes.pop("architecture", {})
    return files | {"config.json": json.dumps(content | changes).encode()}


def with_tokenizer(content: bytes, **changes: Any) -> dict[str, bytes]:
    """The sound files, but with another tokenizer.json, to which config.json agrees."""
    told = sha256(content).hexdigest()
    return with_config(tokenizer_sha256=told, **changes) | {"tokenizer.json": content}
