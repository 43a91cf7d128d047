"""An experiment written out reads back equal."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings

from sentiment_cli.config.fields import walk
from sentiment_cli.config.nodes import MapNode, Place
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.schema import DataConfig, Experiment
from sentiment_cli.config.values import section_values
from sentiment_cli.config.writer import dump_experiment, written
from sentiment_cli.config.yaml import parse

from .strategies import experiments


def read_back(text: str) -> Experiment:
    root = parse(text.encode(), Place("config.yaml", Path("/elsewhere"), line=1))
    return Experiment.model_validate(section_values(root, Experiment), strict=True)


@given(experiments())
@settings(deadline=None, max_examples=100)
def test_what_is_written_reads_back_equal(experiment: Experiment) -> None:
    assert read_back(dump_experiment(experiment)) == experiment


def test_a_key_longer_than_yaml_takes_unannounced_reads_back() -> None:
    experiment = Experiment(data=DataConfig(label_map={"x" * 2000: "a", "y": "é" * 2000}))
    assert read_back(dump_experiment(experiment)) == experiment


def test_every_default_is_written_out() -> None:
    root = parse(dump_experiment(Experiment()).encode(), Place("config.yaml", Path("/x"), line=1))
    assert isinstance(root, MapNode)
    keys = []
    for name, node in root.entries.items():
        inner = node.entries if isinstance(node, MapNode) else None
        keys.extend([name] if inner is None else [f"{name}.{key}" for key in inner])
    assert keys == [key for key, _ in walk(Experiment)]


def test_a_run_file_loads_wherever_it_lies(tmp_path: Path) -> None:
    source = tmp_path / "shop.yaml"
    source.write_text("data: {source: reviews.csv, label_map: {1: no}}\n")
    experiment = read_experiment(source).experiment
    run = tmp_path / "runs" / "shop"
    run.mkdir(parents=True)
    (run / "config.yaml").write_text(dump_experiment(experiment), encoding="utf-8")
    assert read_experiment(run / "config.yaml").experiment == experiment


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("head+tail", "head+tail"),
        ("no", '"no"'),
        ("01", '"01"'),
        ('a "b" \\', '"a \\"b\\" \\\\"'),
        ("\x85é", '"\\U00000085é"'),
        (None, "null"),
        (True, "true"),
        (0.002, "0.002"),
        (1e-05, "1.0e-05"),
        (("a", "b c"), '[a, "b c"]'),
        ({"1": "no"}, '{"1": "no"}'),
        ({}, "{}"),
    ],
)
def test_values_are_quoted_where_any_reader_might_mistake_them(value: object, text: str) -> None:
    assert written(value) == text
