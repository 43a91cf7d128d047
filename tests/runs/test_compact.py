"""A run in half the bytes."""

from __future__ import annotations

import math

import numpy as np
import pytest
from safetensors.numpy import load
from support.folders import forge, sound_files

from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.runs.compact import compact_files, write_run
from sentiment_cli.runs.manifest import MANIFEST
from sentiment_cli.runs.reader import HASHES, is_finished
from sentiment_cli.runs.saved import read_saved

TEXTS = ["crunchy and good", "stale", "", "a box of milk ! good ."]


@pytest.fixture
def run(tmp_path):
    return forge(tmp_path / "run", sound_files())


@pytest.mark.parametrize("often", [1, 20_000], ids=["replay", "torch"])
def test_it_answers_as_the_run_does(run, tmp_path, often):
    write_run(tmp_path / "small", compact_files(run))
    texts = TEXTS * often
    whole, small = (Predictor.load(path)(texts)[:4] for path in (run, tmp_path / "small"))
    for one, other in zip(whole, small, strict=True):
        assert one.probability == pytest.approx(other.probability, abs=1e-3)


def test_compact_files_hold_smaller_weights_ngrams_and_hashes(run):
    files, small = sound_files(), compact_files(run)
    assert small.keys() == files.keys()
    changed = {"model.safetensors", "ngrams.safetensors", HASHES}
    assert {name for name in files if files[name] != small[name]} == {*changed, "config.json"}
    for name in changed:
        assert len(small[name]) < 0.9 * len(files[name])


def test_the_most_useful_ngrams_stay(run, tmp_path):
    whole = read_saved(run).table
    files = compact_files(run, 10)
    write_run(tmp_path / "small", files)
    saved = read_saved(tmp_path / "small")
    assert saved.config.num_ngrams == len(saved.table.keys) == 10
    assert np.array_equal(saved.table.totals, whole.totals)
    use = {
        int(key): abs(math.log((q / 50 + 0.02) / (p / 50 + 0.02))) * math.sqrt(p + q)
        for key, (p, q) in zip(whole.keys, whole.counts.tolist(), strict=True)
    }
    assert {int(key) for key in saved.table.keys} == set(sorted(use, key=use.get)[-10:])


def test_totals_beyond_float16_stay_exact(tmp_path):
    name = "ngrams.safetensors"
    totals = np.array([1e6 + 1, 2e6 + 1], np.float32)
    table = dump_weights({**load(sound_files()[name]), "totals": totals})
    small = compact_files(forge(tmp_path / "run", {**sound_files(), name: table}))
    assert np.array_equal(load(small[name])["totals"], totals)


def test_a_compact_copy_of_one_changes_nothing(run, tmp_path):
    small = compact_files(run)
    assert compact_files(forge(tmp_path / "small", small)) == small


def test_an_older_run_is_replaced_and_is_none_meanwhile(run, tmp_path, monkeypatch):
    small = compact_files(run)
    write_run(run, small)
    assert compact_files(run) == small
    seen = []
    monkeypatch.setattr(
        "sentiment_cli.runs.compact.replace_file",
        lambda path, data: seen.append((path.name, is_finished(run))),
    )
    write_run(run, small)
    assert seen[-1] == (MANIFEST, False)
    assert not any(finished for _, finished in seen)


def test_weights_beyond_float16_are_refused(tmp_path):
    weights = load(sound_files()["model.safetensors"])
    weights["head.bias"] = np.full_like(weights["head.bias"], 1e6)
    files = {**sound_files(), "model.safetensors": dump_weights(weights)}
    with pytest.raises(ValueError, match=r"head\.bias"):
        compact_files(forge(tmp_path / "run", files))
