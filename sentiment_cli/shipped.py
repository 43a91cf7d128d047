"""Files that travel with the program: the shipped experiments and the cereal reviews."""

from __future__ import annotations

from pathlib import Path

from sentiment_cli.errors import EnvironmentFault

_PACKAGE = Path(__file__).resolve().parent


def shipped(*parts: str) -> Path:
    """Where a shipped file or folder lies, such as ``shipped("configs", "lstm.yaml")``.

    A wheel carries ``configs`` and ``data`` inside the package; a checkout has them beside it.

    Raises:
        EnvironmentFault: neither place has it, so the installation is damaged.
    """
    for top in (_PACKAGE, _PACKAGE.parent):
        path = top.joinpath(*parts)
        if path.exists():
            return path
    raise EnvironmentFault(
        f"this installation lacks its own file {'/'.join(parts)}",
        hint="install it again: pip install --force-reinstall sentiment-cli",
    )
