"""What to say, and to type, where a file's labels are not those that a run knows."""

from __future__ import annotations

import re
import shlex
from typing import TYPE_CHECKING

from sentiment_cli.config.writer import written
from sentiment_cli.errors import DataError
from sentiment_cli.reviews.labels import MAX_CLASSES, listed
from sentiment_cli.reviews.ratings import ratings_among
from sentiment_cli.reviews.sources.source import short

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sentiment_cli.reviews.sources import Source

_DIGITS = re.compile(r"[0-9]+(\.[0-9]+)?")
_MAP = "map its labels to them: --set 'data.label_map={VALUE: CLASS, ...}'"


def unknown_label(
    fault: DataError, source: Source, column: str, classes: Iterable[str]
) -> DataError:
    """Return a fault about one label, with the option to add where all of them are ratings.

    Raises:
        DataError: the source cannot be read to its end.
    """
    return DataError(fault.what, hint=rating_option(_values(source, column), classes) or fault.hint)


def no_known_label(source: Source, column: str, classes: Iterable[str]) -> DataError:
    """Return the fault of a source of which every label is left out.

    Raises:
        DataError: the source cannot be read to its end.
    """
    classes, values = tuple(classes), _values(source, column)
    many = f"more than {MAX_CLASSES} different values: " if len(values) > MAX_CLASSES else ""
    return DataError(
        f"{source.name} has no review of the run's classes {listed(classes)}: column "
        f"{short(column)} holds {many}{listed(values)}",
        hint=rating_option(values, classes) or _MAP,
    )


def rating_option(values: Iterable[str], classes: Iterable[str]) -> str | None:
    """Return the option that maps ratings to a run's classes, fit for a shell.

    Args:
        values: the different labels of a column.
        classes: those of the run.

    Returns:
        None where the labels are no ratings, or the classes others than negative and positive.
    """
    ratings = ratings_among(values)
    if ratings is None or set(classes) != {"negative", "positive"}:
        return None
    return f"add --set {shlex.quote(f'data.label_map={_mapping(ratings.labels)}')}"


def _mapping(labels: Mapping[str, str]) -> str:
    """A mapping in YAML; numbers go without quotes, as a person would type them."""
    entries = (
        f"{value if _DIGITS.fullmatch(value) else written(value)}: {written(name)}"
        for value, name in labels.items()
    )
    return f"{{{', '.join(entries)}}}"


def _values(source: Source, column: str) -> list[str]:
    """The different values of a column, the first that is one too many ending it."""
    found: dict[str, None] = {}
    for row in source.rows():
        found[row.values[column]] = None
        if len(found) > MAX_CLASSES:
            break
    return list(found)
