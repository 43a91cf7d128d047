"""Run folders of any content, each under a manifest that fits."""

from __future__ import annotations

import json
import tempfile
from hashlib import sha256
from pathlib import Path
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from support.folders import forge, sound_files, with_config, with_tokenizer
from support.tokenizer import learned

from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.weights import load_weights
from sentiment_cli.reviews.settings import run_settings
from sentiment_cli.reviews.tokenizer import ReviewTokenizer, load_tokenizer
from sentiment_cli.runs.listing import list_runs
from sentiment_cli.runs.manifest import encode, parse
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.runs.reader import HASHES, NGRAMS
from sentiment_cli.runs.saved import read_hashes

from .guard import FUZZ, taken_or_refused
from .inputs import edited, odd_parts

SOUND = sound_files()
CONFIG = json.loads(SOUND["config.json"])
SHAPES = PredictionConfig.from_json(SOUND["config.json"], place="").architecture.weight_shapes()
WEIGHTS = SOUND["model.safetensors"]
END = 8 + int.from_bytes(WEIGHTS[:8], "little")
WORDS = json.loads(SOUND["tokenizer.json"])
PIECES = json.loads(
    learned(
        iter(["crunchy crunch milky milk"]),
        kind="bpe",
        vocab_size=60,
        min_frequency=1,
        lowercase=False,
    ).to_str()
)
MANIFEST = encode(SOUND)
TEXTS = ["", "crunchy milk", "unheard \ud800", "a" * 100]


def answered(files: dict[str, bytes]) -> None:
    """Load a folder of these files, and use it."""
    with tempfile.TemporaryDirectory() as folder:
        path = forge(Path(folder) / "run", files)
        assert len(list_runs(path.parent)) == 1
        for answer in Predictor.load(path)(TEXTS):
            assert 0 <= answer.probability <= 1
        run_settings(path)


@FUZZ
@given(odd_parts(CONFIG) | edited(SOUND["config.json"]))
def test_any_config(data: bytes) -> None:
    taken_or_refused(lambda: answered({**SOUND, "config.json": data}))


@FUZZ
@given(odd_parts(CONFIG["architecture"]))
def test_any_architecture(data: bytes) -> None:
    architecture = json.loads(data)
    if isinstance(architecture, dict):
        taken_or_refused(lambda: answered(with_config(architecture=architecture)))


@FUZZ
@given(odd_parts(json.loads(WEIGHTS[8:END])) | edited(WEIGHTS[8:END]))
def test_any_header_of_weights(header: bytes) -> None:
    data = len(header).to_bytes(8, "little") + header + WEIGHTS[END:]
    taken_or_refused(lambda: load_weights(data, SHAPES, place="model.safetensors"))


@FUZZ
@given(edited(WEIGHTS))
def test_any_weights(data: bytes) -> None:
    taken_or_refused(lambda: answered({**SOUND, "model.safetensors": data}))


@FUZZ
@given(edited(SOUND[NGRAMS]))
def test_any_ngrams(data: bytes) -> None:
    taken_or_refused(lambda: answered({**SOUND, NGRAMS: data}))


@FUZZ
@given(edited(SOUND[HASHES]))
def test_any_hashes_of_texts(data: bytes) -> None:
    def read() -> None:
        with tempfile.TemporaryDirectory() as folder:
            read_hashes(forge(Path(folder) / "run", {**SOUND, HASHES: data}))

    taken_or_refused(read)


@FUZZ
@given(odd_parts(WORDS) | odd_parts(PIECES))
def test_any_tokenizer(data: bytes) -> None:
    def read() -> None:
        tokenizer = load_tokenizer(data, place="tokenizer.json")
        ReviewTokenizer(tokenizer, max_tokens=5, keep="head+tail").encode(["", "crunchy milk", "x"])

    taken_or_refused(read)


@FUZZ
@given(odd_parts(PIECES["model"]["vocab"]) | odd_parts(PIECES["model"]["merges"]))
def test_any_vocabulary(data: bytes) -> None:
    part: Any = json.loads(data)
    name = "vocab" if isinstance(part, dict) else "merges"
    state = {**PIECES, "model": {**PIECES["model"], name: part}}

    def read() -> None:
        tokenizer = load_tokenizer(json.dumps(state).encode(), place="tokenizer.json")
        ReviewTokenizer(tokenizer, max_tokens=5, keep="head").encode(["crunchy milk", "x"])

    taken_or_refused(read)


@FUZZ
@given(edited(SOUND["tokenizer.json"]))
def test_any_bytes_of_a_tokenizer(data: bytes) -> None:
    taken_or_refused(lambda: answered(with_tokenizer(data)))


@FUZZ
@given(edited(MANIFEST) | odd_parts(json.loads(MANIFEST)) | st.binary(max_size=50))
def test_any_manifest(data: bytes) -> None:
    taken_or_refused(lambda: parse(data, Path("manifest.json")))
    if data != MANIFEST:
        with tempfile.TemporaryDirectory() as folder:
            path = forge(Path(folder) / "run", SOUND)
            (path / "manifest.json").write_bytes(data)
            taken_or_refused(lambda: unmatched(path))


def unmatched(path: Path) -> None:
    """Load a folder that must be refused."""
    Predictor.load(path)
    raise AssertionError("another manifest was taken for the run's own")


@FUZZ
@given(edited(SOUND["config.yaml"]))
def test_any_settings_of_a_run(data: bytes) -> None:
    taken_or_refused(lambda: answered({**SOUND, "config.yaml": data}))


def test_the_sound_folder_is_taken() -> None:
    answered(dict(SOUND))
    assert sha256(SOUND["tokenizer.json"]).hexdigest() == CONFIG["tokenizer_sha256"]
