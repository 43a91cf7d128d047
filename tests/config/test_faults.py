"""What a person is told about settings that the schema refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import pytest
from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from sentiment_cli.config.faults import did_you_mean, usage_error
from sentiment_cli.config.nodes import MapNode, Place
from sentiment_cli.config.overrides import OVERRIDE_HINT, override
from sentiment_cli.config.values import section_values
from sentiment_cli.config.yaml import parse
from sentiment_cli.errors import UsageError


class Section(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Net(Section):
    cell: Literal["rnn", "lstm"] = "rnn"
    layers: Annotated[int, Field(ge=1, le=16)] = 1
    twin: bool = False


class Data(Section):
    source: str | tuple[str, ...] = "x"
    labels: dict[str, str] | None = None
    test: float = 0.1
    check: float = 0.1

    @model_validator(mode="after")
    def leaves_some(self) -> Data:
        if self.test + self.check >= 1:
            raise ValueError("test and check leave nothing to learn from")
        return self


class Whole(Section):
    net: Net = Net()
    data: Data = Data()
    rate: Annotated[float, Field(gt=0)] | None = 1.0
    every: Annotated[int, Field(ge=1)] | Literal["epoch"] = "epoch"


def fault(text: str, *overrides: str) -> UsageError:
    """The error for a file that is refused."""
    root = parse(text.encode(), Place("a.yaml", Path("/folder"), line=1))
    assert isinstance(root, MapNode)
    for argument in overrides:
        root = override(root, argument)
    with pytest.raises(ValidationError) as raised:
        Whole.model_validate(section_values(root, Whole), strict=True)
    return usage_error(raised.value, root, Whole)


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (
            "net:\n  cell: lstn",
            "a.yaml:2: net.cell: got lstn, expected rnn or lstm (did you mean lstm?)",
        ),
        (
            "net: {cell: LSTM}",
            "a.yaml:1: net.cell: got LSTM, expected rnn or lstm (did you mean lstm?)",
        ),
        ("net: {cell: 3}", "a.yaml:1: net.cell: got 3, expected rnn or lstm"),
        ("net: {layers: 0}", "a.yaml:1: net.layers: got 0, expected a whole number from 1 to 16"),
        (
            "net: {layers: '3'}",
            "a.yaml:1: net.layers: got '3', expected a whole number from 1 to 16",
        ),
        (
            "net: {layers: 3.0}",
            "a.yaml:1: net.layers: got 3.0, expected a whole number from 1 to 16",
        ),
        (
            "net: {layers: true}",
            "a.yaml:1: net.layers: got true, expected a whole number from 1 to 16",
        ),
        ("net: {twin: yes}", "a.yaml:1: net.twin: got yes, expected true or false"),
        ("net: {twin: 1}", "a.yaml:1: net.twin: got 1, expected true or false"),
        ("rate: .inf", "a.yaml:1: rate: got .inf, expected a number above 0, or null"),
        ("rate: .nan", "a.yaml:1: rate: got .nan, expected a number above 0, or null"),
        ("every: 0", "a.yaml:1: every: got 0, expected a whole number of at least 1, or epoch"),
        ("net: 3", "a.yaml:1: net: got 3, expected a section with cell, layers, twin"),
        ("net: [1]", "a.yaml:1: net: got a list, expected a section with cell, layers, twin"),
        (
            "data:\n  source:",
            "a.yaml:2: data.source: got nothing, expected text, or a list of text",
        ),
        (
            "data:\n  source:\n  - a\n  - [b]",
            "a.yaml:4: data.source: got a list, expected text, or a list of text",
        ),
        (
            "data:\n  labels:\n    1: x\n    2: [y]",
            "a.yaml:4: data.labels: got a list, expected a mapping of text to text, or null",
        ),
        (
            "data: {test: 0.5, check: 0.5}",
            "a.yaml:1: data: test and check leave nothing to learn from",
        ),
    ],
)
def test_a_wrong_value_is_told_with_place_key_value_and_what_is_allowed(
    text: str, told: str
) -> None:
    assert fault(text).what == told


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("nett: {}", "a.yaml:1: nett: no such setting (did you mean net?)"),
        ("net:\n  layer: 1", "a.yaml:2: net.layer: no such setting (did you mean net.layers?)"),
        ("layers: 1", "a.yaml:1: layers: no such setting (did you mean net.layers?)"),
        ("layer: 1", "a.yaml:1: layer: no such setting (did you mean net.layers?)"),
        ("data: {cell: x}", "a.yaml:1: data.cell: no such setting (did you mean net.cell?)"),
        ("net: {zzz: 1}", "a.yaml:1: net.zzz: no such setting; there are cell, layers, twin"),
        (
            "net.cell: lstm",
            "a.yaml:1: net.cell: no such setting; write cell in the section net",
        ),
        ('"\\e[31m": 1', "a.yaml:1: \\x1b[31m: no such setting; there are net, data, rate, every"),
    ],
)
def test_an_unknown_key_is_told_with_what_was_meant_or_with_what_there_is(
    text: str, told: str
) -> None:
    assert fault(text).what == told


def test_all_faults_are_told_together_in_the_order_of_the_file() -> None:
    error = fault("rate: -1\ndata: {test: x}\nzzz: 1\nnet: {cell: gru}\n", "net.layers=0")
    assert [line.split(" ", 1)[0] for line in error.what.splitlines()] == [
        "--set",
        "a.yaml:1:",
        "a.yaml:2:",
        "a.yaml:3:",
        "a.yaml:4:",
    ]
    assert error.hint == "mend a.yaml and run the command again"


@pytest.mark.parametrize(
    ("argument", "told"),
    [
        (
            "net.layers=no",
            "--set net.layers=no: got no, expected a whole number from 1 to 16",
        ),
        ("layers=1", "--set layers=1: no such setting (did you mean net.layers?)"),
        (
            "net={cell: x}",
            "--set net={cell: x}: net.cell: got x, expected rnn or lstm",
        ),
        ("net.cell.x=1", "--set net.cell.x=1: net.cell: got a mapping, expected rnn or lstm"),
    ],
)
def test_a_fault_of_an_override_names_it_and_how_to_write_one(argument: str, told: str) -> None:
    error = fault("rate: 1", argument)
    assert error.what == told
    assert error.hint == OVERRIDE_HINT


def test_a_long_value_is_cut() -> None:
    assert len(fault(f"rate: {'x' * 10_000}").what) < 200


def test_did_you_mean_is_silent_where_nothing_is_like_it() -> None:
    assert did_you_mean("EPOCH", ["epochs", "seed"]) == "epochs"
    assert did_you_mean("zzz", ["epochs", "seed"]) is None
