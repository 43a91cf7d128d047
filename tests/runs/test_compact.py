"""A run in half the bytes."""

from __future__ import annotations

import numpy as np
import pytest
from support.folders import forge, sound_files

from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.runs.compact import compact_files, write_run
from sentiment_cli.runs.manifest import MANIFEST
from sentiment_cli.runs.reader import is_finished

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


def test_the_weights_alone_change(run):
    files, small = sound_files(), compact_files(run)
    assert small.keys() == files.keys()
    assert {name for name in files if files[name] != small[name]} == {"model.safetensors"}
    assert len(small["model.safetensors"]) < 0.75 * len(files["model.safetensors"])


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
    from safetensors.numpy import load

    weights = load(sound_files()["model.safetensors"])
    weights["head.bias"] = np.full_like(weights["head.bias"], 1e6)
    files = {**sound_files(), "model.safetensors": dump_weights(weights)}
    with pytest.raises(ValueError, match=r"head\.bias"):
        compact_files(forge(tmp_path / "run", files))
