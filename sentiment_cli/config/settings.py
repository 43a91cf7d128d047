"""Every setting with its type, default and meaning: for the page in the docs and for completion."""

from __future__ import annotations

from dataclasses import dataclass

from sentiment_cli.config.fields import choices, walk, words
from sentiment_cli.config.schema import Experiment
from sentiment_cli.config.writer import written


@dataclass(frozen=True)
class Setting:
    """One setting.

    Args:
        key: dotted, as `--set` takes it.
        allowed: the values that it may have, in plain words.
        default: as one would write it in YAML.
        meaning: what it does.
    """

    key: str
    allowed: str
    default: str
    meaning: str


def settings() -> list[Setting]:
    """Every setting, in the order of the schema."""
    return [
        Setting(
            key, words(field), written(field.default), " ".join((field.description or "").split())
        )
        for key, field in walk(Experiment)
    ]


def completions(prefix: str) -> list[tuple[str, str]]:
    """What `--set` may go on with, each with a line of help.

    Args:
        prefix: what is typed so far: of a key, or `key=` and of one of its choices.
    """
    typed, equals, _ = prefix.partition("=")
    if equals:
        offered = [
            (f"{key}={choice}", "")
            for key, field in walk(Experiment)
            if key == typed
            for choice in choices(field)
        ]
    else:
        offered = [(f"{key}=", words(field)) for key, field in walk(Experiment)]
    return [(text, meaning) for text, meaning in offered if text.startswith(prefix)]
