"""The end of work that was stopped and is kept: the command that goes on with it."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, NoReturn

import typer

from sentiment_cli.console import output
from sentiment_cli.errors import EnvironmentFault

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


def command_line(
    name: str, arguments: Iterable[object], options: Mapping[str, object | None]
) -> str:
    """Return a command as one types it; an option is left out where its value is None, stands alone
    where that is True, and is repeated for each value of a list."""
    parts = [name, *map(str, arguments)]
    for option, value in options.items():
        for one in value if isinstance(value, list) else [value]:
            if one is not None:
                parts += [option] if one is True else [option, str(one)]
    return f"sentiment {shlex.join(parts)}"


def end_stopped(signal_number: int, *, unsaved: str | None, again: str) -> NoReturn:
    """End a command that a signal stopped, and say what goes on with it.

    Args:
        signal_number: of the signal.
        unsaved: why the last checkpoint could not be saved, if it could not.
        again: the command that goes on.

    Raises:
        EnvironmentFault: the last checkpoint is not saved.
        Exit: it is.
    """
    if unsaved:
        raise EnvironmentFault(
            f"the last checkpoint could not be saved: {unsaved}",
            hint=f"mend that, then go on from what is saved: {again}",
        )
    output.note(f"go on with: {again}")
    raise typer.Exit(128 + signal_number)
