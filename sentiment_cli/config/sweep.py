"""Several experiments in one file: what `sweep:` varies, put into the rest of the file.

    sweep:                                  sweep:
      model.cell: [rnn, lstm, gru]            - {model.cell: gru}
      model.hidden_size: [64, 128]            - {model.cell: lstm, training.lr: 1e-3}

The grid on the left stands for six experiments, the list on the right for two.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import product
from pathlib import Path

from sentiment_cli.config.nodes import ListNode, MapNode, Node, Place, ScalarNode, shown
from sentiment_cli.config.overrides import override, put
from sentiment_cli.config.reader import SWEEP, TUNE, Loaded, checked, read_root
from sentiment_cli.config.varied import named, require_setting
from sentiment_cli.errors import UsageError

MOST = 100
"""Experiments of one file."""

_FORM = "write sweep: {model.cell: [rnn, lstm, gru]}, or a list of mappings of settings"

_Variant = Mapping[str, Node]  # dotted key: value


def read_sweep(path: Path | None, overrides: Sequence[str] = ()) -> list[Loaded]:
    """Read an experiment file, and return an experiment for each variant of its `sweep:`.

    A variant is named after what it sets, such as `gru` or `gru, hidden_size 64`; a file without a
    sweep is one experiment with the file's name.

    Args:
        path: as `read_experiment` takes it.
        overrides: each `section.key=value`, for every variant.

    Raises:
        UsageError: as `read_experiment`; or the sweep is none, names what is no setting, or varies
            what an override sets.
        EnvironmentFault: the file cannot be read.
    """
    path, root = read_root(path)
    sweep = root.entries.get(SWEEP)
    root = root.without(SWEEP).without(TUNE)
    variants = [{}] if sweep is None else _variants(sweep)
    for argument in overrides:
        root = override(root, argument)
        _require_not_varied(argument, variants)
    loaded = []
    for variant in variants:
        tree = root
        for key, node in variant.items():
            tree = put(tree, key.split("."), node)
        loaded.append(Loaded(checked(tree), _name(variant) or path.stem, path))
    return loaded


def _variants(sweep: Node) -> list[_Variant]:
    if isinstance(sweep, MapNode) and sweep.entries:
        for key, node in sweep.entries.items():
            _require_setting(key, node.place)
            if not isinstance(node, ListNode) or not node.items:
                raise _fault(node.place, f"{shown(key)}: got {node}, expected a list of values")
        values = [node.items for node in sweep.entries.values() if isinstance(node, ListNode)]
        _require_few(sweep.place, values)
        return [dict(zip(sweep.entries, chosen, strict=True)) for chosen in product(*values)]
    if isinstance(sweep, ListNode) and sweep.items:
        _require_few(sweep.place, [sweep.items])
        return [_listed(item) for item in sweep.items]
    raise _fault(sweep.place, f"got {sweep}, expected a mapping of settings to lists, or a list")


def _listed(item: Node) -> _Variant:
    if not isinstance(item, MapNode):
        raise _fault(item.place, f"got {item}, expected a mapping of settings to values")
    for key, node in item.entries.items():
        _require_setting(key, node.place)
    return item.entries


def _require_setting(key: str, place: Place) -> None:
    """Refuse what is no setting, and the seed, which is no choice that one network makes."""
    if key == "seed":
        raise _fault(place, "seed: seeds are not swept", "say how many by --seeds N")
    require_setting(SWEEP, key, place, hint=_FORM)


def _require_few(place: Place, values: Sequence[Sequence[Node]]) -> None:
    count = 1
    for choices in values:
        count *= len(choices)
    if count > MOST:
        raise _fault(place, f"{count} experiments, more than {MOST}", "vary fewer settings")


def _require_not_varied(argument: str, variants: Sequence[_Variant]) -> None:
    key = argument.partition("=")[0].strip()
    node = next((variant[key] for variant in variants if key in variant), None)
    if node is not None:
        raise UsageError(
            f"--set {shown(argument)}: {node.place} varies {key}",
            hint=f"leave --set {shown(key)} out, or {key} of the sweep",
        )


def _fault(place: Place, what: str, hint: str = _FORM) -> UsageError:
    return UsageError(f"{place}: {SWEEP}: {what}", hint=hint)


def _name(variant: _Variant) -> str:
    """The values that a variant sets, each with its setting's name unless it is a plain word."""
    return ", ".join(
        named(node) if _is_word(node) else f"{key.rpartition('.')[2]} {named(node)}"
        for key, node in variant.items()
    )


def _is_word(node: Node) -> bool:
    return isinstance(node, ScalarNode) and isinstance(node.value, str)
