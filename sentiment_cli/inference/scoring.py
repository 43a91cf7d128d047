"""A source of reviews in, a table of their answers out: in order, and in constant memory.

One thread reads rows, one turns them to token ids, and the caller's computes and writes; the
tokenizer and torch let go of the interpreter while they work, so that the three overlap.
"""

from __future__ import annotations

from collections import Counter
from contextlib import closing
from typing import TYPE_CHECKING

from sentiment_cli.inference.columns import ScoredColumns
from sentiment_cli.inference.tables import Scored, open_table
from sentiment_cli.prefetch import prefetch
from sentiment_cli.runs.durable import staged_file

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
    from pathlib import Path

    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.reviews.sources import Row, Source
    from sentiment_cli.reviews.tokenizer import Encoded

WINDOW = 4096
"""Reviews sorted by length together: enough for batches without padding."""

_CHARACTERS = 4_000_000
"""Of all cells of a window, after which it ends early: several windows are in memory at once."""


def score_file(
    predictor: Predictor,
    source: Source,
    text: str,
    out: Path,
    *,
    formula_guard: bool,
    advance: Callable[[int], None],
) -> Counter[str]:
    """Write every row of a source and its answer to a table, whole or not at all.

    Args:
        predictor: the classifier; it computes with torch from now on.
        source: of the reviews; its `skipped` says afterwards which rows were broken.
        text: column of the review.
        out: the table, whose ending says of which kind it is.
        formula_guard: whether csv and tsv get a quote mark before a text that a spreadsheet would
            run as a formula.
        advance: is told how many reviews were written since the last call.

    Returns:
        How many reviews got which label.

    Raises:
        DataError: the source cannot be read, or a row has keys that the table cannot hold.
        EnvironmentFault: the table cannot be written, or the device does not work.
        UsageError: the ending of `out` names no kind of table.
    """
    labels: Counter[str] = Counter()
    rows = source.rows()
    scored = score_rows(predictor, rows, source.columns, text, out, formula_guard=formula_guard)
    for answered in scored:
        labels.update(answered)
        advance(len(answered))
    return labels


def score_rows(
    predictor: Predictor,
    rows: Iterable[Row],
    names: Sequence[str],
    text: str,
    out: Path,
    *,
    formula_guard: bool,
) -> Generator[list[str], None, None]:
    """Write rows, whose columns are `names`, and their answers as `score_file` does.

    Yields:
        The labels of the rows that were just written. The table is there once all was asked for.
    """
    predictor.engine.use_torch()
    columns = ScoredColumns(names, predictor.config.classes)
    with (
        staged_file(out) as file,
        open_table(file, out, columns.types, formula_guard=formula_guard) as write,
        closing(answers(predictor, rows, text)) as windows,
    ):
        for window, answered, probabilities in windows:
            cells = map(columns.cells, window, answered, probabilities)
            write([Scored(own, row.place) for own, row in zip(cells, window, strict=True)])
            yield answered


def answers(
    predictor: Predictor, rows: Iterable[Row], text: str
) -> Generator[tuple[list[Row], list[str], list[list[float]]], None, None]:
    """Yield windows of rows, each row's label, and its probability of every class.

    An error of `rows` is raised after all windows that came before it.

    Args:
        predictor: the classifier.
        rows: in the order in which they are answered.
        text: column of the review.
    """

    def encoded(windows: Iterable[list[Row]]) -> Iterator[tuple[list[Row], list[Encoded]]]:
        for window in windows:
            yield window, predictor.read([row.values[text] for row in window])

    classes = predictor.config.classes
    with closing(prefetch(_windows(rows))) as read, closing(prefetch(encoded(read))) as ready:
        for window, own in ready:
            probabilities = predictor.probabilities(own)  # (N, C)
            labels = [classes[best] for best in probabilities.argmax(axis=1).tolist()]
            yield window, labels, probabilities.tolist()


def _windows(rows: Iterable[Row]) -> Iterator[list[Row]]:
    """Cut rows into lists that are neither too long nor too large."""
    window: list[Row] = []
    characters = 0
    for row in rows:
        window.append(row)
        characters += sum(map(len, row.values.values()))
        if len(window) == WINDOW or characters >= _CHARACTERS:
            yield window
            window, characters = [], 0
    if window:
        yield window
