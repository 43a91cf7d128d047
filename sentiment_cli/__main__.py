"""`python -m sentiment_cli`, and the `sentiment` command."""

from __future__ import annotations

import sys
from io import TextIOWrapper

from sentiment_cli.commands.signals import end_by_signals


def main() -> None:
    """Run the command line and leave with its exit code."""
    end_by_signals()
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):  # what the terminal cannot show is spelled out
            stream.reconfigure(errors="backslashreplace")
    from sentiment_cli.cli import app

    app(prog_name="sentiment")


if __name__ == "__main__":
    main()
