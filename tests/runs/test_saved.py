"""What is read of a saved model, and what is refused."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest
from safetensors.numpy import load
from support.cli import sentiment
from support.folders import forge, sound_files, with_config

from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import Architecture
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.runs.reader import HASHES, NGRAMS
from sentiment_cli.runs.saved import read_hashes, read_saved

READERS: dict[str, Any] = {NGRAMS: read_saved, HASHES: read_hashes}
TABLE = load(sound_files()[NGRAMS])
HASHED = load(sound_files()[HASHES])["hashes"]
NEGATIVE = TABLE["counts"] * np.where(np.arange(len(TABLE["keys"])) == 3, -1, 1)[:, None]
DAMAGED = {
    "table cut short": (NGRAMS, sound_files()[NGRAMS][:-1]),
    "no table": (NGRAMS, b""),
    "counts below 0": (NGRAMS, dump_weights({**TABLE, "counts": NEGATIVE})),
    "totals below 0": (NGRAMS, dump_weights({**TABLE, "totals": -TABLE["totals"]})),
    "keys that descend": (NGRAMS, dump_weights({**TABLE, "keys": TABLE["keys"][::-1]})),
    "equal keys": (NGRAMS, dump_weights({**TABLE, "keys": TABLE["keys"] * 0})),
    "keys that are floats": (NGRAMS, dump_weights({**TABLE, "keys": TABLE["totals"][:1]})),
    "counts that are not finite": (NGRAMS, dump_weights({**TABLE, "counts": NEGATIVE * np.nan})),
    "fewer n-grams": (NGRAMS, dump_weights({k: v[1:] for k, v in TABLE.items()})),
    "no totals": (NGRAMS, dump_weights({k: v for k, v in TABLE.items() if k != "totals"})),
    "hashes cut short": (HASHES, sound_files()[HASHES][:-1]),
    "hashes that descend": (HASHES, dump_weights({"hashes": HASHED[::-1]})),
    "fewer hashes": (HASHES, dump_weights({"hashes": HASHED[1:]})),
    "hashes of another name": (HASHES, dump_weights({"keys": HASHED})),
}


def test_sound_files_are_read(tmp_path):
    run = forge(tmp_path / "run", sound_files())
    table = read_saved(run).table
    assert table is not None
    assert np.array_equal(table.counts, TABLE["counts"])
    assert np.array_equal(read_hashes(run), HASHED)


@pytest.mark.parametrize(("name", "content"), DAMAGED.values(), ids=DAMAGED)
def test_a_damaged_file_is_refused_by_its_name(name, content, tmp_path):
    run = forge(tmp_path / "run", {**sound_files(), name: content})
    with pytest.raises(ModelError, match=name):
        READERS[name](run)


@pytest.mark.parametrize("name", READERS)
def test_a_flipped_byte_is_refused_by_the_files_name(name, tmp_path):
    run = forge(tmp_path / "run", sound_files())
    content = sound_files()[name]
    (run / name).write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    with pytest.raises(ModelError, match=f"{name} is damaged"):
        READERS[name](run)


@pytest.mark.parametrize("name", READERS)
def test_a_missing_file_is_refused(name, tmp_path):
    files = {own: content for own, content in sound_files().items() if own != name}
    with pytest.raises(ModelError, match=f"names no {name}"):
        READERS[name](forge(tmp_path / "run", files))


def test_damaged_counts_end_a_prediction_with_the_exit_code_of_a_model(tmp_path):
    name, content = DAMAGED["keys that descend"]
    run = forge(tmp_path / "run", {**sound_files(), name: content})
    answer = sentiment("predict", "--run", run, "good")
    assert answer.code == 4
    assert name in answer.err


def test_damaged_hashes_end_a_training_with_the_exit_code_of_a_model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SENTIMENT_CACHE", str(tmp_path / "cache"))
    name, content = DAMAGED["hashes that descend"]
    forge(tmp_path / "run", {**sound_files(), name: content})
    rows = "".join(f"{word} box {number},{word}\n" for number in range(40) for word in ("a", "b"))
    (tmp_path / "own.csv").write_text("text,label\n" + rows)
    (tmp_path / "own.yaml").write_text("data: {source: own.csv}\nmodel: {init: run}\n")
    answer = sentiment("train", "own.yaml")
    assert answer.code == 4
    assert name in answer.err


def test_a_network_without_ngrams_needs_no_table(tmp_path):
    files = with_config(architecture={"ngrams": 0}, num_ngrams=0)
    shapes = read_shapes(files)
    files["model.safetensors"] = dump_weights({n: np.zeros(s) for n, s in shapes.items()})
    del files[NGRAMS]
    assert read_saved(forge(tmp_path / "run", files)).table is None


def read_shapes(files):
    """The shapes of the weights that config.json describes."""
    return Architecture.from_dict(json.loads(files["config.json"])["architecture"]).weight_shapes()
