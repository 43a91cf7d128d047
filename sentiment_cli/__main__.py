"""`python -m sentiment_cli`, and the `sentiment` command."""

from __future__ import annotations

from sentiment_cli.commands.signals import end_by_signals
from sentiment_cli.console.streams import settle


def main() -> None:
    """Run the command line and leave with its exit code."""
    end_by_signals()
    settle()
    from sentiment_cli.cli import app

    app(prog_name="sentiment")


if __name__ == "__main__":
    main()
