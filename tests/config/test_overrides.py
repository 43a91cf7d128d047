"""`--set section.key=value`."""

from __future__ import annotations

from pathlib import Path

import pytest

from sentiment_cli.config.nodes import MapNode, Node, Place, ScalarNode
from sentiment_cli.config.overrides import override
from sentiment_cli.config.yaml import parse
from sentiment_cli.errors import UsageError


def tree(text: str) -> MapNode:
    root = parse(text.encode(), Place("a.yaml", Path("/folder"), line=1))
    assert isinstance(root, MapNode)
    return root


def at(root: Node, *keys: str) -> Node:
    for key in keys:
        assert isinstance(root, MapNode)
        root = root.entries[key]
    return root


def test_an_override_replaces_one_setting_and_leaves_the_rest() -> None:
    root = tree("a: {b: 1, c: 2}\nd: 3")
    changed = override(root, "a.b=9")
    assert str(at(changed, "a", "b")) == "9"
    assert at(changed, "a", "c") == at(root, "a", "c")
    assert at(changed, "d") == at(root, "d")
    assert str(at(root, "a", "b")) == "1"


def test_an_override_makes_the_section_that_is_missing_or_empty() -> None:
    assert str(at(override(tree("a:\nz: 1"), "a.b=9"), "a", "b")) == "9"
    assert str(at(override(tree("z: 1"), "a.b=9"), "a", "b")) == "9"


def test_an_override_of_a_whole_section_replaces_it() -> None:
    changed = at(override(tree("a: {b: 1, c: 2}"), "a={c: 5}"), "a")
    assert isinstance(changed, MapNode)
    assert list(changed.entries) == ["c"]


def test_a_value_may_hold_an_equals_sign_and_spaces_around() -> None:
    assert at(override(tree("z: 1"), "a = x=y"), "a") == ScalarNode(
        "x=y", True, Place("--set a = x=y", Path.cwd())
    )


def test_values_are_placed_in_the_current_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert at(override(tree("z: 1"), "a=x"), "a").place == Place("--set a=x", tmp_path)


@pytest.mark.parametrize("argument", ["training.lr", "", "=3", ".lr=3", "a..b=3", " =3"])
def test_an_override_without_key_or_equals_says_how_to_write_it(argument: str) -> None:
    with pytest.raises(UsageError, match=r"expected section\.key=value") as raised:
        override(tree("a: 1"), argument)
    assert raised.value.what.startswith(f"--set {argument}:")
    assert "--set section.key=value" in str(raised.value.hint)


@pytest.mark.parametrize("argument", ["a=", "a=  "])
def test_an_override_without_value_names_null(argument: str) -> None:
    with pytest.raises(UsageError, match="no value") as raised:
        override(tree("a: 1"), argument)
    assert "null" in str(raised.value.hint)


@pytest.mark.parametrize(
    ("argument", "what"),
    [
        ("a=*.csv", "--set a=*.csv: aliases are not read"),
        ("a=[1", "--set a=[1: not valid YAML"),
        ("a={b: 1, b: 2}", "--set a={b: 1, b: 2}: b: this key stands here twice"),
        ("a=\udcff", "--set a=\\udcff: not UTF-8"),
    ],
)
def test_values_are_as_strict_as_a_file(argument: str, what: str) -> None:
    with pytest.raises(UsageError) as raised:
        override(tree("a: 1"), argument)
    assert raised.value.what.startswith(what)
