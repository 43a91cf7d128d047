"""A picture of a real terminal: commands are run in one, and what they wrote becomes an SVG.

    python tools/picture.py FILE [--run DIR]

`make picture` writes docs/terminal.svg. Without --run the bundled model answers. The colours, the
letters and the width are a terminal's; only its bars, which are gone once a command has ended, are
left out.
"""

from __future__ import annotations

import argparse
import os
import pty
import re
import shlex
import subprocess
import sys
from pathlib import Path

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

COLUMNS = 94
GOOD = (
    "Amazing! This box of cereal gave me a perfectly balanced breakfast, as all things should be. "
    "I only ate half of it but will definitely be buying again!"
)
BAD = "Stale, tasteless and overpriced. I threw the box away."
THEME = TerminalTheme(
    (24, 26, 31),
    (214, 218, 226),
    [
        *((24, 26, 31), (224, 108, 117), (152, 195, 121), (229, 192, 123)),
        *((97, 175, 239), (198, 120, 221), (86, 182, 194), (171, 178, 191)),
    ],
)
# Rich's own frame, without its web fonts: a picture loads nothing from elsewhere.
FRAME = """\
<svg viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{
  font-family: "Fira Code", "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; font-variant-east-asian: full-width;
}}
{styles}
</style>
<defs>
<clipPath id="{unique_id}-clip-terminal">
<rect x="0" y="0" width="{terminal_width}" height="{terminal_height}"/>
</clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    """Run the commands and write the picture."""
    parser = argparse.ArgumentParser(description="A picture of a real terminal, as SVG.")
    parser.add_argument("file", type=Path)
    parser.add_argument("--run", default="bundled", help="a run folder (bundled)")
    chosen = parser.parse_args()
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere:
        console = Console(record=True, width=COLUMNS + 1, file=nowhere, color_system="truecolor")
        for command in (["predict", GOOD, BAD], ["explain", BAD]):
            typed = shlex.join(["sentiment", *command]).replace("'", '"')
            console.print(Text.assemble(("$ ", "bold green"), (typed, "bold")))
            console.print(Text.from_ansi(_written([*command, "--run", chosen.run])), "")
        svg = console.export_svg(
            title="sentiment", theme=THEME, code_format=FRAME, unique_id="terminal"
        )
    chosen.file.write_text(re.sub(r" +$", "", svg, flags=re.MULTILINE), encoding="utf-8")


def _written(arguments: list[str]) -> str:
    """What a command writes to the terminal in which it runs."""
    leader, follower = pty.openpty()
    environment = os.environ | {"COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    environment |= {"COLORTERM": "truecolor"}
    process = subprocess.Popen(
        [sys.executable, "-m", "sentiment_cli", *arguments],
        stdout=follower, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, env=environment,
    )  # fmt: skip
    os.close(follower)
    parts = []
    while part := _read(leader):
        parts.append(part)
    os.close(leader)
    told = process.communicate()[1].decode()
    if process.returncode:
        sys.exit(told)
    return b"".join(parts).decode().replace("\r\n", "\n")


def _read(leader: int) -> bytes:
    try:
        return os.read(leader, 65536)
    except OSError:  # how Linux says that the other end is closed
        return b""


if __name__ == "__main__":
    main()
