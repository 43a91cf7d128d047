"""An experiment as it ran, written out for a run's folder."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from pydantic import BaseModel

from sentiment_cli.config.schema import Experiment

_HEADER = "# The experiment as it ran, every default written out.\n"
_PLAIN = re.compile(r"[A-Za-z/][A-Za-z0-9_/+.-]*")
# Older YAML readers take these words for something else.
_RESERVED = {"null", "true", "false", "yes", "no", "on", "off", "y", "n"}
# From 1,024 characters on YAML wants a key announced.
_LONG_KEY = 1000


def dump_experiment(experiment: Experiment) -> str:
    """YAML that `read_experiment` reads back as an equal experiment."""
    return _HEADER + "".join(_lines(experiment, ""))


def written(value: Any) -> str:
    """A setting's value as one would write it in YAML, on one line."""
    if isinstance(value, str):
        bare = _PLAIN.fullmatch(value) and value.casefold() not in _RESERVED
        return value if bare else f'"{"".join(map(_escaped, value))}"'
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_key(key)}: {written(item)}' for key, item in value.items())}}}"
    if isinstance(value, (list, tuple)):
        return f"[{', '.join(map(written, value))}]"
    if isinstance(value, float):
        # Older YAML readers take 1e-05 for a text, and 1.0e-05 for a number.
        return re.sub(r"^(-?\d+)e", r"\1.0e", repr(value))
    return "null" if value is None else str(value).lower()


def _lines(section: BaseModel, indent: str) -> Iterator[str]:
    for name, value in section:
        if isinstance(value, BaseModel):
            yield f"{indent}{name}:\n"
            yield from _lines(value, f"{indent}  ")
        else:
            yield f"{indent}{name}: {written(value)}\n"


def _key(key: str) -> str:
    text = written(key)
    return text if len(text) < _LONG_KEY else f"? {text}"


def _escaped(character: str) -> str:
    if character in '"\\':
        return f"\\{character}"
    return character if character.isprintable() else f"\\U{ord(character):08X}"
