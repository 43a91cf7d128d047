"""A blend of network and linear model, from training to prediction, as a user types it."""

from __future__ import annotations

import json

import pytest
from support.cli import sentiment

from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.runs.manifest import encode
from sentiment_cli.runs.reader import LINEAR

HARD = "training.epochs=1"  # so that the linear model has something to add
TEXTS = ["crunchy lovely box", "stale", "", "of milk and spoon", "never seen words"]


@pytest.fixture(scope="module")
def blend(shop):
    """A finished run of a blend."""
    out = shop / "blends" / "runs" / "tiny"
    answer = sentiment(
        "train", shop / "tiny.yaml", "--set", "model.linear=true", "--out", out, "--set", HARD
    )
    assert answer.code == 0, answer.err
    assert "blend       of the network" in answer.err
    return out


def forged(run, folder, **files):
    """A copy of a run with other files, and a manifest that fits."""
    covered = json.loads((run / "manifest.json").read_text())["files"]
    content = {name: (run / name).read_bytes() for name in covered} | files
    folder.mkdir()
    for name, data in content.items():
        (folder / name).write_bytes(data)
    (folder / "manifest.json").write_bytes(encode(content))
    return folder


def test_replay_and_torch_answer_alike(blend):
    replay, torch = Predictor.load(blend), Predictor.load(blend)
    torch.engine.use_torch()
    for one, other in zip(replay(TEXTS), torch(TEXTS), strict=True):
        assert one.probability == pytest.approx(other.probability, abs=1e-5)
        assert one.label == other.label


def test_the_linear_model_has_its_say(blend):
    predictor = Predictor.load(blend)
    together = predictor.probabilities(predictor.read(["crunchy"]))[0, 1]
    predictor.linear = None
    alone = predictor.probabilities(predictor.read(["crunchy"]))[0, 1]
    assert together > alone


def test_eval_tells_the_network_apart(blend):
    report = sentiment("eval", "--run", blend, "--json").json
    assert 0 <= report["network"]["accuracy"] <= 1
    assert "accuracy of its network alone" in sentiment("eval", "--run", blend).out


def test_it_is_called_a_blend(blend, monkeypatch):
    monkeypatch.chdir(blend.parents[1])
    assert "blend of LSTM network and linear model" in (blend / "README.md").read_text()
    assert "lstm blend" in sentiment("runs").out


def test_a_blend_without_its_linear_model_is_refused(blend, tmp_path):
    run = forged(blend, tmp_path / "run")
    (run / LINEAR).unlink()
    answer = sentiment("predict", "good", "--run", run)
    assert answer.code == 4
    assert "linear.safetensors is missing" in answer.err


def test_a_linear_model_of_another_size_is_refused(blend, tmp_path):
    config = json.loads((blend / "config.json").read_text())
    config["blend"]["ngrams"] += 1
    run = forged(blend, tmp_path / "run", **{"config.json": json.dumps(config).encode()})
    answer = sentiment("predict", "good", "--run", run)
    assert answer.code == 4
    assert "linear.safetensors" in answer.err


@pytest.mark.parametrize(
    "wrong", [{"ngrams": -1}, {"ngrams": 10**12}, {"weight": -1.0}, {"weight": "1"}, {"odd": 1}]
)
def test_a_blend_that_no_training_writes_is_refused(blend, tmp_path, wrong):
    config = json.loads((blend / "config.json").read_text())
    config["blend"] |= wrong
    run = forged(blend, tmp_path / "run", **{"config.json": json.dumps(config).encode()})
    assert sentiment("predict", "good", "--run", run).code == 4
