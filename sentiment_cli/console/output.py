"""Lines of plain text and of JSON."""

from __future__ import annotations

import json
import os
import re
import sys
from typing import Any

# Control codes, and the marks that reorder or break a line, would act on the reader's terminal.
_ACTIVE = re.compile(
    "[\x00-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff]"
)
_SPACE = re.compile(r"\s+")


def one_line(text: str, width: int | None = None) -> str:
    """Return text from a stranger as one harmless line, cut to `width` characters."""
    line = _SPACE.sub(" ", text[: 4 * width] if width else text).strip()
    line = _ACTIVE.sub(lambda found: f"\\u{ord(found[0]):04x}", line)
    return line if width is None or len(line) <= width else line[: width - 1] + "…"


def result(line: str) -> None:
    """Write a line of the result."""
    sys.stdout.write(line + "\n")


def json_line(content: dict[str, Any]) -> None:
    """Write an object as one line of JSON."""
    line = json.dumps(content, ensure_ascii=False, allow_nan=False)
    # Half a surrogate pair, which no encoding takes, becomes an escape that JSON knows.
    result(line.encode("utf-8", "backslashreplace").decode())


def flush() -> None:
    """Send the result on its way now."""
    sys.stdout.flush()


def note(line: str) -> None:
    """Write a line for the person who watches."""
    sys.stderr.write(line + "\n")


def fault(what: str, hint: str | None) -> None:
    """Write an error and what to do about it."""
    bold, red, end = ("\033[1m", "\033[1;31m", "\033[0m") if _colour() else ("", "", "")
    lines = [_ACTIVE.sub(lambda f: f"\\u{ord(f[0]):04x}", line) for line in what.split("\n")]
    note(f"{red}error:{end} " + "\n       ".join(lines))
    if hint:
        note(f"{bold}hint:{end}  {hint}")


def width() -> int:
    """Return the columns of the terminal."""
    import shutil

    return shutil.get_terminal_size().columns


def _colour() -> bool:
    if os.environ.get("NO_COLOR"):
        return False
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"
