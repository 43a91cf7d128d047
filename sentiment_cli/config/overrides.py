"""`--set section.key=value`: one setting for one call."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from sentiment_cli.config.nodes import MapNode, Node, Place, shown
from sentiment_cli.config.yaml import parse
from sentiment_cli.errors import UsageError

OVERRIDE_HINT = "write --set section.key=value, for example --set training.lr=0.001"


def override(root: MapNode, argument: str) -> MapNode:
    """Return the tree with one value added or replaced.

    The value is YAML, read as strictly as a file. `--set 'data.label_map={1: negative}'` replaces
    the whole mapping, `--set data.label_map.1=negative` one entry of it. The schema checks later
    whether the key exists, together with all other faults.

    Args:
        root: the tree of the file, or of the overrides before; it stays as it is.
        argument: what stands behind `--set`.

    Raises:
        UsageError: no `=`, no key, no value, or a value that is no YAML.
    """
    key, equals, value = argument.partition("=")
    path = [part.strip() for part in key.split(".")]
    label = f"--set {shown(argument)}"
    if not equals or not all(path):
        raise UsageError(f"{label}: expected section.key=value", hint=OVERRIDE_HINT)
    if not value.strip():
        raise UsageError(
            f"{label}: no value",
            hint=f"{OVERRIDE_HINT}; null stands for none, '\"\"' for an empty text",
        )
    place = Place(label, Path.cwd())
    return put(root, path, parse(value.encode(errors="surrogateescape"), place))


def put(parent: MapNode, path: Sequence[str], value: Node) -> MapNode:
    """The tree with `value` at the end of a path of keys."""
    key, *rest = path
    if rest:
        child = parent.entries.get(key)
        if not isinstance(child, MapNode):
            child = MapNode({}, value.place)
        value = put(child, rest, value)
    return replace(parent, entries={**parent.entries, key: value})
