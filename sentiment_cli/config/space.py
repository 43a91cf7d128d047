"""What `sentiment tune` may vary: the section `tune:` of an experiment file.

tune:
  training.lr: {low: 5e-4, high: 1e-2, log: true}     # any number between the two
  model.hidden_size: {low: 32, high: 256, log: true}  # any whole number
  model.pooling: [max, mean+max, attention]           # one of these
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from pathlib import Path

from sentiment_cli.config.fields import kinds_of, walk
from sentiment_cli.config.nodes import ListNode, MapNode, Node, Place, ScalarNode, shown
from sentiment_cli.config.overrides import override, put
from sentiment_cli.config.reader import TUNE, Loaded, checked, read_experiment, read_root
from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.varied import named, require_setting
from sentiment_cli.config.writer import written
from sentiment_cli.config.yaml import parse
from sentiment_cli.errors import UsageError

Value = int | float | str
"""A number of a range, or the name of a choice."""

_WHOLE = 4096  # characters of a value's name, by which a study knows it again
_FORM = "write tune: {training.lr: {low: 1e-3, high: 1e-2, log: true}, model.cell: [lstm, gru]}"
_KEPT = ("data.", "checkpoint.", "seed", "device", "training.tensorboard")
"""Settings that choose the reviews, or change nothing of a network."""


@dataclass(frozen=True)
class Range:
    """Numbers from `low` to `high`, both included; with `log`, by their logarithm."""

    low: float
    high: float
    log: bool
    whole: bool


Dimension = Range | Mapping[str, Node]
"""What a setting may be: a range, or choices by name."""


@dataclass(frozen=True)
class SearchSpace:
    """An experiment, and what may be varied in it.

    Args:
        loaded: the experiment as it was given.
        dimensions: by dotted key.
        root: what was written, from which every variant is made.
    """

    loaded: Loaded
    dimensions: Mapping[str, Dimension]
    root: MapNode

    def experiment(self, chosen: Mapping[str, Value]) -> Experiment:
        """Return the experiment with some settings changed."""
        tree = self.root
        for key, value in chosen.items():
            dimension = self.dimensions[key]
            node = (
                ScalarNode(repr(value), True, self.root.place)
                if isinstance(dimension, Range)
                else dimension[str(value)]
            )
            tree = put(tree, key.split("."), node)
        return checked(tree)

    def start(self) -> dict[str, Value]:
        """Return where the experiment as it was given lies; nothing where it lies outside."""
        found = {key: self._own(key) for key in self.dimensions}
        inside = {key: value for key, value in found.items() if value is not None}
        return inside if len(inside) == len(found) else {}

    def described(self) -> dict[str, object]:
        """Return the dimensions in plain values: two spaces that are alike are equal."""
        return {
            key: [one.low, one.high, one.log, one.whole] if isinstance(one, Range) else list(one)
            for key, one in self.dimensions.items()
        }

    def _own(self, key: str) -> Value | None:
        dimension, own = self.dimensions[key], _value_of(self.loaded.experiment, key)
        if isinstance(dimension, Range):
            number = isinstance(own, (int, float)) and dimension.low <= own <= dimension.high
            return own if number else None  # type: ignore[return-value]
        same = (name for name in dimension if _value_of(self.experiment({key: name}), key) == own)
        return next(same, None)


def read_space(path: Path | None, overrides: Sequence[str] = ()) -> SearchSpace:
    """Read an experiment file with its `tune:`, or with a small space around it where it has none.

    Args:
        path: as `read_experiment` takes it.
        overrides: each `section.key=value`; they change the experiment that is the start.

    Raises:
        UsageError: as `read_experiment`; or the space is none, names what is no setting or cannot
            be tuned, or holds a value that the schema refuses.
        EnvironmentFault: the file cannot be read.
    """
    loaded = read_experiment(path, overrides)
    found, root = read_root(path)
    tune = root.entries.get(TUNE)
    root = root.without(TUNE)
    for argument in overrides:
        root = override(root, argument)
    if tune is None:
        tune = _default(loaded.experiment, Place(str(found), found.parent))
    if not isinstance(tune, MapNode) or not tune.entries:
        raise _fault(tune.place, f"got {tune}, expected a mapping of settings to what they may be")
    dimensions = {key: _dimension(root, key, node) for key, node in tune.entries.items()}
    return SearchSpace(loaded, dimensions, root)


def _default(experiment: Experiment, place: Place) -> Node:
    """Around an experiment: how fast it learns, how much it is kept from learning by heart, and
    how large it is."""
    model, lr = experiment.model, experiment.training.lr
    text = f"""
training.lr: {{low: {written(lr / 4)}, high: {written(min(1000.0, lr * 4))}, log: true}}
model.dropout: {{low: 0.0, high: {max(0.7, model.dropout)}}}
model.embedding_dropout: {{low: 0.0, high: {max(0.5, model.embedding_dropout)}}}
model.word_dropout: {{low: 0.0, high: {max(0.3, model.word_dropout)}}}
"""
    if model.init is None:  # whose weights fix it
        own = model.hidden_size
        sizes = sorted({max(1, own // 2), own, min(65536, 2 * own)})
        text += f"model.hidden_size: {written(sizes)}\n"
    return parse(text.encode(), place)


def _dimension(root: MapNode, key: str, node: Node) -> Dimension:
    require_setting(TUNE, key, node.place, hint=_FORM)
    if key.startswith(_KEPT):
        raise _fault(node.place, f"{key}: it is no choice that a network makes", "leave it out")
    if isinstance(node, MapNode):
        return _range(root, key, node)
    if not isinstance(node, ListNode) or len(node.items) < 2:
        raise _fault(
            node.place, f"{key}: got {node}, expected a list of two values or more, or low and high"
        )
    choices = {named(item, _WHOLE): item for item in node.items}
    if len(choices) < len(node.items):
        raise _fault(node.place, f"{key}: a value stands here twice", "remove one of the two")
    for item in node.items:
        checked(put(root, key.split("."), item))
    return choices


def _range(root: MapNode, key: str, node: MapNode) -> Range:
    for name, inner in node.entries.items():
        if name not in ("low", "high", "log"):
            raise _fault(inner.place, f"{key}: {shown(name)}: expected low, high and log")
    if not {"low", "high"} <= node.entries.keys():
        raise _fault(node.place, f"{key}: a range has a low and a high")
    ends = []
    for name in ("low", "high"):
        end = node.entries[name]
        checked(put(root, key.split("."), end))
        value = end.value if isinstance(end, ScalarNode) else None
        if isinstance(value, bool) or not isinstance(value, (int, float)):
            raise _fault(end.place, f"{key}: {name}: got {end}, expected a number")
        ends.append(value)
    low, high = ends
    if low >= high:
        raise _fault(node.place, f"{key}: low is {low} and high is {high}, expected low below high")
    log = _log(key, node.entries.get("log"))
    if log and low <= 0:
        raise _fault(node.place, f"{key}: low is {low}, which has no logarithm", "leave log out")
    field = dict(walk(Experiment))[key]
    return Range(low, high, log, whole=float not in [kind for kind, _ in kinds_of(field)])


def _log(key: str, node: Node | None) -> bool:
    value = False if node is None else node.value if isinstance(node, ScalarNode) else None
    if node is not None and not isinstance(value, bool):
        raise _fault(node.place, f"{key}: log: got {node}, expected true or false")
    return bool(value)


def _value_of(experiment: Experiment, key: str) -> object:
    return reduce(getattr, key.split("."), experiment)


def _fault(place: Place, what: str, hint: str = _FORM) -> UsageError:
    return UsageError(f"{place}: {TUNE}: {what}", hint=hint)
