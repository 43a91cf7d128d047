"""What can go wrong by a user's hand, the world's or the data's; each branch is one exit code.

    SentimentError
    ├── UsageError         2   the command line or the experiment file
    ├── DataError          3   a source of reviews
    ├── ModelError         4   a run folder, a checkpoint, or a file in one
    ├── EnvironmentFault   5   device, disk, permission, network, lock
    └── DivergedError      6   the loss is no longer a number

Anything else that reaches the command line is a bug, exit code 1.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

if TYPE_CHECKING:
    from pathlib import Path


class SentimentError(Exception):
    """A fault to be told in one message.

    Args:
        what: what is wrong and where: file:line, dotted key, value.
        hint: the next command to type, or the values that are allowed.
    """

    exit_code: ClassVar[int] = 1

    def __init__(self, what: str, *, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint


class UsageError(SentimentError):
    """The command line or the experiment file asks for something that does not exist."""

    exit_code = 2


class OutputExistsError(UsageError):
    """An output file exists. The hint is the same command with `--force`.

    Args:
        option: Option that names the file, such as `--out`.
        path: The file.
    """

    def __init__(self, option: str, path: Path) -> None:
        super().__init__(f"{option} {path}: the file exists, and only --force replaces it")


class DataError(SentimentError):
    """A source of reviews cannot be read, or does not hold what training needs."""

    exit_code = 3


class ModelError(SentimentError):
    """A run folder or checkpoint is incomplete, damaged, or not one of ours."""

    exit_code = 4


class EnvironmentFault(SentimentError):
    """The machine refuses: no such device, no space, no permission, a lock held by another."""

    exit_code = 5


class DivergedError(SentimentError):
    """Training left the finite numbers."""

    exit_code = 6
