"""Lines of plain text and of JSON."""

from __future__ import annotations

import json
import os
import re
import sys
import textwrap
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from rich.console import Console

# Control codes, and the marks that reorder or break a line, would act on the reader's terminal.
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_NARROWEST = 60
_SPACE = re.compile(r"\s+")

quiet = False
"""Whether stderr gets only errors: no notes, no warnings and no progress."""


def spelled(text: str) -> str:
    """Return text from a stranger with all that would act on a terminal spelled out."""
    return _ACTIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", text)


def one_line(text: str, width: int | None = None) -> str:
    """Return text from a stranger as one harmless line, cut to `width` characters."""
    line = spelled(_SPACE.sub(" ", text[: 4 * width] if width else text).strip())
    return line if width is None or len(line) <= width else line[: width - 1] + "…"


def hung(line: str, indent: int) -> str:
    """Return a harmless line for a terminal, broken between words; what follows is indented."""
    return textwrap.fill(
        spelled(line), width(), subsequent_indent=" " * indent, replace_whitespace=False,
        drop_whitespace=True, break_long_words=False, break_on_hyphens=False,
    )  # fmt: skip


def result(line: str) -> None:
    """Write a line of the result."""
    sys.stdout.write(line + "\n")


def json_line(content: dict[str, Any]) -> None:
    """Write an object as one line of JSON, which knows the escapes that harmless text takes."""
    result(spelled(json.dumps(content, ensure_ascii=False, allow_nan=False)))


def flush() -> None:
    """Send the result on its way now."""
    sys.stdout.flush()


def note(line: str) -> None:
    """Write a line for the person who watches, unless `quiet`. Control codes are spelled out."""
    if not quiet:
        sys.stderr.write(spelled(line) + "\n")


def fault(what: str, hint: str | None) -> None:
    """Write an error and what to do about it; where several processes train, whose it is."""
    if (rank := _rank()) is not None:
        what = f"rank {rank}: {what}"
    bold, red, end = ("\033[1m", "\033[1;31m", "\033[0m") if _colour() else ("", "", "")
    lines = "\n       ".join(map(spelled, what.split("\n")))
    sys.stderr.write(f"{red}error:{end} {lines}\n")
    if hint:
        sys.stderr.write(f"{bold}hint:{end}  {spelled(hint)}\n")


def width() -> int:
    """Return the columns of the terminal."""
    import shutil

    return shutil.get_terminal_size().columns


def tables() -> Console:
    """Return what writes tables to stdout, reading nothing as markup.

    It is never so narrow that figures would be cut: wrapped lines can still be read.
    """
    from rich.console import Console

    console = Console(highlight=False, markup=False, emoji=False)
    console.width = max(_NARROWEST, console.width)
    return console


def live() -> Console:
    """Return the console on stderr for live progress, which reads nothing as markup.

    Its `is_terminal` is false where no progress can or should be shown.
    """
    from rich.console import Console

    silent = quiet or os.environ.get("TERM") in ("dumb", "unknown")
    return Console(
        stderr=True,
        highlight=False,
        markup=False,
        emoji=False,
        force_terminal=False if silent else None,
    )


def _rank() -> str | None:
    """The number that torchrun gave this process."""
    return os.environ.get("RANK") if "TORCHELASTIC_RUN_ID" in os.environ else None


def _colour() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
