"""A run folder whose manifest fits, over contents that nobody trained."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from support.cli import sentiment
from support.folders import forge, sound_files, with_config, with_tokenizer
from support.predictor import predictor

from sentiment_cli.errors import ModelError
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.runs.reader import HASHES, NGRAMS
from sentiment_cli.runs.saved import read_hashes, read_saved

from .test_hostile_folder import TEBIBYTE, entry, peak_memory, sealed


def refused(path: Path, command: str = "predict") -> str:
    """What is said of the folder `path` on its way to exit code 4."""
    texts = ["good"] if command == "predict" else []
    answer = sentiment(command, *texts, "--run", path)
    assert answer.code == 4, answer.err
    assert answer.out == ""
    assert answer.err.startswith("error: ")
    assert "Traceback" not in answer.err
    return answer.err


def with_weights(change: Any) -> dict[str, bytes]:
    weights = {
        name: value.copy() for name, value in predictor(("bad", "good")).engine.weights.items()
    }
    change(weights)
    return {**sound_files(), "model.safetensors": dump_weights(weights)}


def with_header(change: Any) -> dict[str, bytes]:
    content = sound_files()["model.safetensors"]
    end = 8 + int.from_bytes(content[:8], "little")
    header = json.loads(content[8:end])
    change(header)
    text = json.dumps(header).encode()
    return {
        **sound_files(),
        "model.safetensors": len(text).to_bytes(8, "little") + text + content[end:],
    }


def tokenizer(**changes: Any) -> bytes:
    return json.dumps(json.loads(sound_files()["tokenizer.json"]) | changes).encode()


def vocabulary(change: Any) -> bytes:
    state = json.loads(sound_files()["tokenizer.json"])
    change(state["model"])
    return json.dumps(state).encode()


def test_the_folder_that_the_tests_below_change_is_sound(disk: Path) -> None:
    path = forge(disk / "run", sound_files())
    assert sentiment("predict", "--run", path, "good").code == 0


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"model.safetensors": (8 * TEBIBYTE).to_bytes(8, "little") + b"{}"}, "header of"),
        ({"model.safetensors": b""}, "header of 0 bytes"),
        (with_header(lambda h: h["head.bias"].update(shape=[TEBIBYTE])), "head.bias"),
        (with_header(lambda h: h["head.bias"].update(data_offsets=[0, TEBIBYTE])), "head.bias"),
        (with_header(lambda h: h.update(more=h["head.bias"])), "does not belong"),
        (with_weights(lambda w: w["head.bias"].fill(np.nan)), "no finite number"),
        (with_weights(lambda w: w["head.bias"].fill(-np.inf)), "no finite number"),
        (with_weights(lambda w: w["head.weight"].fill(3e38)), "the weights overflow"),
    ],
)
def test_weights_that_no_training_leaves_are_refused(
    files: dict[str, bytes], said: str, disk: Path
) -> None:
    told = refused(forge(disk / "run", {**sound_files(), **files}))
    assert "model.safetensors" in told
    assert said in told


@pytest.mark.parametrize(
    "changes",
    [
        *({"architecture": {size: 10**9}} for size in ("vocab_size", "embedding_dim",
          "hidden_size", "num_layers", "num_classes")),
        {"architecture": {"hidden_size": 60_000, "embedding_dim": 60_000}},
        {"architecture": {"cell": "mlp"}},
        {"architecture": {"bidirectional": 1}},
        {"temperature": 0.0},
        {"temperature": float("nan")},
        {"temperature": "1"},
        {"max_tokens": 10**9},
        {"keep": "all"},
        {"classes": ["bad"]},
        {"classes": ["bad", "bad"]},
        {"classes": [1, 2]},
        {"classes": ["bad", "\ud800"]},
        {"values": {"1": "fine"}},
        {"values": [[]]},
        {"partial": None},
        {"more": 1},
    ],
    ids=str,
)  # fmt: skip
def test_a_config_that_no_training_writes_is_refused(changes: dict[str, Any], disk: Path) -> None:
    assert "config.json" in refused(forge(disk / "run", with_config(**changes)))


@pytest.mark.parametrize(
    "content",
    [b"", b"[]", b"null", b"\xff", b"[" * 100_000, b'{"a":' * 100_000, b"1" * 10_000],
    ids=lambda content: repr(content[:9]),
)
@pytest.mark.parametrize("name", ["config.json", "tokenizer.json"])
def test_what_is_no_json_of_ours_is_refused(name: str, content: bytes, disk: Path) -> None:
    files = {**sound_files(), name: content} if name == "config.json" else with_tokenizer(content)
    assert name in refused(forge(disk / "run", files))


@pytest.mark.parametrize(
    "content",
    [
        tokenizer(normalizer={"type": "Replace", "pattern": {"Regex": "(a+)+$"}, "content": ""}),
        tokenizer(normalizer=None),
        tokenizer(pre_tokenizer={"type": "ByteLevel", "add_prefix_space": True}),
        tokenizer(post_processor={"type": "TemplateProcessing", "single": [], "pair": []}),
        tokenizer(decoder={"type": "WordPiece", "prefix": "##", "cleanup": True}),
        tokenizer(truncation={"max_length": 1, "strategy": "LongestFirst", "stride": 0}),
        tokenizer(padding={"strategy": {"Fixed": 10**9}, "direction": "Right", "pad_id": 0}),
        tokenizer(added_tokens=[{"id": 0, "content": "good", "special": True}]),
        tokenizer(model={"type": "Unigram", "unk_id": 0, "vocab": []}),
        vocabulary(lambda model: model["vocab"].update({"good": 10**9})),
        vocabulary(lambda model: model["vocab"].update({"good": -1})),
        vocabulary(lambda model: model["vocab"].update({"good": 0})),
        vocabulary(lambda model: model["vocab"].update({"good": "2"})),
        vocabulary(lambda model: model["vocab"].update({"one more": len(model["vocab"])})),
        vocabulary(lambda model: model["vocab"].pop("[UNK]")),
        vocabulary(lambda model: model.update(vocab={})),
        vocabulary(lambda model: model.update(vocab=[])),
        vocabulary(lambda model: model.update(unk_token="good")),
    ],
    ids=lambda content: str(len(content)),
)
def test_a_tokenizer_that_we_never_write_is_refused(content: bytes, disk: Path) -> None:
    assert "tokenizer.json" in refused(forge(disk / "run", with_tokenizer(content)))


def test_the_tokenizer_of_another_model_is_refused(disk: Path) -> None:
    other = sound_files()["tokenizer.json"].replace(b"crunchy", b"krunchy")
    files = {**sound_files(), "tokenizer.json": other}
    assert "belongs to another model" in refused(forge(disk / "run", files))


@pytest.mark.parametrize("name", ["config.json", "model.safetensors", "tokenizer.json"])
def test_a_link_out_of_the_folder_is_refused(name: str, disk: Path) -> None:
    path = forge(disk / "run", sound_files())
    (path / name).rename(disk / name)
    (path / name).symlink_to(disk / name)
    assert f"{name} is no plain file, but a link" in refused(path)


def test_a_name_that_climbs_out_is_refused(disk: Path) -> None:
    path = forge(disk / "run", sound_files())
    (disk / "secret").write_bytes(b"secret")
    (path / "manifest.json").write_bytes(sealed({"../secret": entry(b"secret")}))
    assert "manifest.json is damaged" in refused(path)


@pytest.mark.parametrize("content", [b"seed: 7\nmore: 1\n", b"a: &a [*a]\n", b"\xff", b"- 1\n"])
def test_the_settings_of_no_experiment_are_refused_by_eval(content: bytes, disk: Path) -> None:
    path = forge(disk / "run", {**sound_files(), "config.yaml": content})
    assert "config.yaml" in refused(path, "eval")


def test_settings_that_were_changed_are_refused_by_eval(disk: Path) -> None:
    path = forge(disk / "run", sound_files())
    changed = sound_files()["config.yaml"].replace(b"seed: 0", b"seed: 1")
    assert changed != sound_files()["config.yaml"]
    (path / "config.yaml").write_bytes(changed)
    assert "config.yaml is damaged" in refused(path, "eval")


def test_control_codes_in_a_class_name_do_not_reach_the_screen(disk: Path) -> None:
    names = ["\x1b]0;bad\x07", "[red]\u202egood"]
    path = forge(disk / "run", with_config(classes=names, values={}))
    for option in ([], ["--json"]):
        answer = sentiment("predict", "--run", path, "good", *option)
        assert answer.code == 0
        assert not {"\x1b", "\x07"} & set(answer.out)


@pytest.mark.parametrize(
    ("metrics", "timing"),
    [
        ({"validation": {"accuracy": float("nan")}}, {"seconds": float("inf")}),
        ({"validation": {"accuracy": 10**400}}, {"seconds": 10**400}),
        ({"validation": [1], "cell": [2], "source": {"a": 3}}, {"seconds": "4"}),
        ({"cell": "\x1b[2J", "source": "\x1b[2J" * 9999}, {"seconds": True}),
    ],
)
@pytest.mark.parametrize("option", [[], ["--json"]])
def test_the_list_of_runs_takes_any_figures(
    metrics: dict[str, Any],
    timing: dict[str, Any],
    option: list[str],
    disk: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(disk)
    (disk / "runs").mkdir()
    path = forge(
        disk / "runs" / "odd", {**sound_files(), "metrics.json": json.dumps(metrics).encode()}
    )
    (path / "timing.json").write_text(json.dumps(timing))
    os.utime(path / "manifest.json", (2**38, 2**38))
    answer = sentiment("runs", *option)
    assert answer.code == 0, answer.err
    assert "odd" in answer.out
    assert "\x1b" not in answer.out


@pytest.mark.parametrize(("setting", "name"), [("num_ngrams", NGRAMS), ("num_hashes", HASHES)])
def test_a_large_number_in_config_json_costs_no_memory(setting: str, name: str, disk: Path) -> None:
    reader = read_saved if name == NGRAMS else read_hashes
    run = forge(disk / "run", with_config(**{setting: 2**27}))

    def read() -> None:
        with pytest.raises(ModelError, match=name):
            reader(run)

    assert peak_memory(read) < 2**20


def test_a_file_that_is_larger_than_its_number_of_ngrams_is_not_read(disk: Path) -> None:
    content = b"\0" * 2**22
    run = forge(disk / "run", {**sound_files(), NGRAMS: content})

    def read() -> None:
        with pytest.raises(ModelError, match=f"{NGRAMS} does not belong here"):
            read_saved(run)

    assert peak_memory(read) < 2**20
