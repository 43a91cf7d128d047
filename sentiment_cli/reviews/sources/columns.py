"""Whether a source has the columns that an experiment names."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Mapping, Sequence

from sentiment_cli.errors import DataError
from sentiment_cli.reviews.sources.source import Source, short


def require_columns(
    source: Source,
    text: str | None,
    label: str | None,
    options: Mapping[str, str] | None = None,
    *,
    like: str | None = None,
) -> None:
    """Check that a source has the columns that are named.

    Args:
        source: Where the reviews are.
        text: Column of the review, or None if it is not named.
        label: Column of the label, or None if it is not named.
        options: Option per setting, `data.text_column` and `data.label_column`, if the command has
            one.
        like: Name of another source whose columns these must be.

    Raises:
        DataError: A column is missing, or both are the same.
    """
    if text is not None and text == label:
        raise DataError(
            f"data.text_column and data.label_column are both {short(text)}",
            hint=f"name another one: {_named('data.label_column', source.columns, [text], options)}"
            if len(source.columns) > 1
            else "add a column of labels",
        )
    for key, column in (("data.text_column", text), ("data.label_column", label)):
        if column is not None and column not in source.columns:
            option = (options or {}).get(key, key)
            taken = [other for other in (text, label) if other is not None]
            hint = f"rename the column in {source.name}: its columns must be those of {like}"
            raise DataError(
                f"{source.name} has no column {short(column)} ({option}); its columns are "
                f"{_listed(source.columns)}",
                hint=_meant(column, key, source.columns, taken, options) if like is None else hint,
            )


def _listed(columns: list[str]) -> str:
    shown = ", ".join(short(column, 40) for column in columns[:20])
    return shown if len(columns) <= 20 else f"{shown} and {len(columns) - 20} more"


def _meant(
    column: str, key: str, columns: list[str], taken: list[str], options: Mapping[str, str] | None
) -> str:
    folded = {name.strip().casefold(): name for name in columns}
    near = difflib.get_close_matches(column.strip().casefold(), folded, n=1)
    if near:
        return f"did you mean {_named(key, [folded[near[0]]], [], options)}?"
    return f"name one of them, such as {_named(key, columns, taken, options)}"


def _named(
    key: str, columns: list[str], taken: list[str], options: Mapping[str, str] | None
) -> str:
    """Return what a user types to name a column that is not taken; labels rather stand last."""
    free = [column for column in columns if column not in taken] or columns
    name = free[0 if key == "data.text_column" else -1]
    option = (options or {}).get(key)
    if option is not None:
        return f"{option} {shlex.quote(name)}"
    from sentiment_cli.config.writer import written  # with pydantic, which `predict` lacks

    return f"--set {shlex.quote(f'{key}={written(name)}')}"


def predicted_by_us(columns: Sequence[str], label: str) -> bool:
    """Whether a label column holds the predictions that `predict --file --out` wrote."""
    beside = any(name.startswith("probability_") for name in columns)
    return label == "label" and "probability" in columns and beside


def prediction_warning(source: Source, label: str | None) -> tuple[str, ...]:
    """Return a warning if the label column of a source holds predictions of this program."""
    if label is None or not predicted_by_us(source.columns, label):
        return ()
    return (
        f"warning: column {short(label)} of {source.name} holds predictions of this program, "
        "not labels by people",
    )
