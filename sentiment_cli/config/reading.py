"""`--set` where no experiment runs, and nothing can be said but how a source is read."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from sentiment_cli.config.faults import did_you_mean
from sentiment_cli.config.nodes import MapNode, Place, shown
from sentiment_cli.config.overrides import override
from sentiment_cli.config.reader import checked
from sentiment_cli.config.schema import DataConfig
from sentiment_cli.errors import UsageError

_READING = (
    "data.encoding",
    "data.encoding_errors",
    "data.header",
    "data.delimiter",
    "data.quote",
    "data.escape",
    "data.on_bad_rows",
)


def reading_settings(overrides: Sequence[str]) -> DataConfig:
    """Return the settings that say how a source is read; what was given is what is set in them.

    Args:
        overrides: each `section.key=value`; of two for one setting the later holds.

    Raises:
        UsageError: one is no setting of reading, or has a value that is not allowed.
    """
    root = MapNode({}, Place("--set", Path.cwd()))
    for argument in overrides:
        root = override(root, argument)
        _require_reading(argument)
    return checked(root).data


def _require_reading(argument: str) -> None:
    """Refuse another setting, which would change nothing."""
    key = ".".join(part.strip() for part in argument.partition("=")[0].split("."))
    if key not in _READING:
        meant = did_you_mean(key, _READING)
        raise UsageError(
            f"--set {shown(argument)}: {shown(key)} does not say how a file is read"
            + (f" (did you mean {meant}?)" if meant else ""),
            hint=f"here --set takes {', '.join(_READING)}",
        )
