"""What the schema refuses, so told that a person can mend it: place, key, value, allowed values."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo
from pydantic_core import ErrorDetails

from sentiment_cli.config.fields import choices, section_of, walk, words
from sentiment_cli.config.nodes import ListNode, MapNode, Node, Place, ScalarNode, shown
from sentiment_cli.config.overrides import OVERRIDE_HINT
from sentiment_cli.errors import UsageError


def did_you_mean(word: str, candidates: Iterable[str]) -> str | None:
    """The candidate that is most like a word, case aside; None where none is like it."""
    by_folded = {candidate.casefold(): candidate for candidate in candidates}
    close = get_close_matches(word.casefold(), by_folded, n=1)
    return by_folded[close[0]] if close else None


def usage_error(error: ValidationError, root: MapNode, schema: type[BaseModel]) -> UsageError:
    """All faults that validation found, in one error, a line each, in the order of the file.

    Args:
        error: what `schema` raised for the values of `root`.
        root: what was written.
        schema: the whole experiment.
    """
    told: dict[str, tuple[int, Place, str]] = {}
    for details in error.errors():
        keys, node, depth = _follow(root, details["loc"])
        key, problem = _tell(details, keys, node, schema)
        # A union refuses once for each of its types. What is allowed is the same each time, and
        # the innermost value is the one to mend.
        if key not in told or depth > told[key][0]:
            told[key] = (depth, node.place, problem)
    ordered = sorted(told.items(), key=lambda item: item[1][1].line or 0)
    lines = [_line(key, place, problem) for key, (_, place, problem) in ordered]
    in_file = next((place for _, place, _ in told.values() if place.line is not None), None)
    return UsageError(
        "\n".join(lines),
        hint=f"mend {in_file.label} and run the command again" if in_file else OVERRIDE_HINT,
    )


def _follow(root: MapNode, location: Sequence[int | str]) -> tuple[list[str], Node, int]:
    """The keys to the value at pydantic's location, that value, and how deep it lies.

    Locations also name the branch of a union, which is no key and leads nowhere.
    """
    keys: list[str] = []
    node: Node = root
    depth = 0
    for step in location:
        if isinstance(node, MapNode) and step in node.entries:
            node = node.entries[str(step)]
            keys.append(str(step))
        elif isinstance(node, ListNode) and isinstance(step, int):
            node = node.items[step]
        else:
            continue
        depth += 1
    return keys, node, depth


def _tell(
    details: ErrorDetails, keys: list[str], node: Node, schema: type[BaseModel]
) -> tuple[str, str]:
    """The dotted key of the setting or section that is at fault, and what is wrong with it."""
    if details["type"] == "extra_forbidden":
        return ".".join(keys), _unknown(keys, schema)
    dotted, section, field = _setting(keys, schema)
    if details["type"] == "value_error":
        return dotted, str(details["ctx"]["error"])
    allowed = words(field) if field else f"a section with {', '.join(section.model_fields)}"
    return dotted, f"got {node}, expected {allowed}{_nearest_choice(node, field)}"


def _setting(
    keys: list[str], section: type[BaseModel]
) -> tuple[str, type[BaseModel], FieldInfo | None]:
    """The setting to which keys lead, or belong: its dotted key, its section and its field.

    Without a field, the keys lead to the section itself.
    """
    for used, key in enumerate(keys, start=1):
        field = section.model_fields[key]
        inner = section_of(field)
        if inner is None:
            return ".".join(keys[:used]), section, field
        section = inner
    return ".".join(keys), section, None


def _unknown(keys: list[str], schema: type[BaseModel]) -> str:
    """What to write in place of a key that does not exist."""
    *parents, last = keys
    known = [key for key, _ in walk(schema)]
    if last in known:
        parent, _, name = last.rpartition(".")
        return f"no such setting; write {name} in the section {parent}"
    _, section, _ = _setting(parents, schema)
    siblings = {name: ".".join([*parents, name]) for name in section.model_fields}
    elsewhere = {key.rpartition(".")[2]: key for key in known}
    meant: str | None = elsewhere.get(last)
    for names in (siblings, elsewhere):
        meant = meant or names.get(did_you_mean(last, names) or "")
    if meant:
        return f"no such setting (did you mean {meant}?)"
    return f"no such setting; there are {', '.join(siblings)}"


def _nearest_choice(node: Node, field: FieldInfo | None) -> str:
    if field is None or not isinstance(node, ScalarNode):
        return ""
    meant = did_you_mean(node.text, choices(field))
    return f" (did you mean {meant}?)" if meant else ""


def _line(key: str, place: Place, problem: str) -> str:
    if not key or place.label.startswith(f"--set {key}="):
        return f"{place}: {problem}"
    return f"{place}: {shown(key)}: {problem}"
