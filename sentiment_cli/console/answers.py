"""Predictions as a person or a pipe reads them, one line a review."""

from __future__ import annotations

import sys
from dataclasses import asdict
from typing import TYPE_CHECKING

from sentiment_cli.console import output

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.inference.predictor import Prediction
    from sentiment_cli.reviews.sources import Skipped


def show_json(texts: list[str], predictions: list[Prediction]) -> None:
    """Write one JSON object a review."""
    for text, prediction in zip(texts, predictions, strict=True):
        output.json_line({"text": text, **asdict(prediction), "flags": list(prediction.flags)})


def show_lines(texts: list[str], predictions: list[Prediction]) -> None:
    """Write label and probability, tab between them; on a terminal the review's beginning too."""
    on_terminal = sys.stdout.isatty()
    for text, prediction in zip(texts, predictions, strict=True):
        flags = f" ({', '.join(prediction.flags)})" if prediction.flags else ""
        answer = f"{output.one_line(prediction.label)}\t{prediction.probability:.4f}{flags}"
        if on_terminal:
            widest = max(len(output.one_line(name)) for name in prediction.probabilities)
            label = output.one_line(prediction.label).ljust(widest)
            answer = f"{label}  {prediction.probability:.3f}{flags}  "
            answer += output.one_line(text, max(20, output.width() - len(answer)))
        output.result(answer)


def show_notes(notes: Sequence[str]) -> None:
    """Write what the reader of a source decided and noticed."""
    for note in notes:
        output.note(f"note: {output.one_line(note)}")


def show_skipped(skipped: Skipped) -> None:
    """Say how many broken rows were left out, and where the first of them stand."""
    if skipped.count:
        places = ", ".join(map(output.one_line, skipped.places[:3]))
        more = "" if skipped.count <= 3 else ", ..."
        output.note(f"left out {skipped.count:,} broken rows: {places}{more}")
