"""Experiment files and `--set` of any content."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from sentiment_cli.config.nodes import Place
from sentiment_cli.config.overrides import override
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.config.yaml import parse

from .guard import FUZZ, taken_or_refused
from .inputs import edited

CONFIGS = Path(__file__).parents[2] / "configs"
WHOLE = [path.read_bytes() for path in sorted(CONFIGS.glob("*.yaml"))]
WHOLE.append(dump_experiment(Experiment()).encode())
PIECES = [b"&a ", b"*a", b"!!python/object:os.system ", b"<<: ", b"? ", b"- ", b"|\n", b">\n", b"'",
          b"%YAML 1.1\n", b"---\n", b"...\n", b"\t", b"  ", b"@", b"`", b"~", b"0o17", b".inf",
          b"2024-01-01", b"\xe2\x80\xa8", b"\xc2\x85"]  # fmt: skip
KEYS = ["seed", "model.cell", "data.label_map", "training.lr", "data.source", "checkpoint.every"]


@FUZZ
@given(edited(WHOLE, PIECES) | st.binary(max_size=200))
def test_any_experiment_file(data: bytes) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "any.yaml"
        path.write_bytes(data)
        taken_or_refused(lambda: read_experiment(path))


@FUZZ
@given(st.lists(st.sampled_from([*PIECES, b"a", b": ", b"[", b"{", b"]", b"}", b"\n"])))
def test_any_yaml(pieces: list[bytes]) -> None:
    taken_or_refused(lambda: parse(b"".join(pieces), Place("any.yaml", Path(), line=1)))


@FUZZ
@given(st.sampled_from(KEYS), st.text(max_size=30) | st.sampled_from(["=", "", "[", "{a: b}"]))
def test_any_override(key: str, value: str) -> None:
    taken_or_refused(lambda: read_experiment(None, [f"{key}={value}"]))


@FUZZ
@given(st.text(max_size=30))
def test_any_argument_of_set(argument: str) -> None:
    root = parse(b"seed: 1\n", Place("any.yaml", Path(), line=1))
    taken_or_refused(lambda: override(root, argument))
