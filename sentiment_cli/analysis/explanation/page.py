"""An explanation as one HTML page: the cell, alive, on every word of the review.

Axes: L words, H hidden size.
"""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from sentiment_cli import __version__
from sentiment_cli.analysis.explanation.named import named_words
from sentiment_cli.analysis.explanation.steps import TERMS, steps_of
from sentiment_cli.analysis.page import render_page

if TYPE_CHECKING:
    from sentiment_cli.analysis.explanation.judge import Values
    from sentiment_cli.analysis.explanation.record import Explanation
    from sentiment_cli.network.replay import Reading

_SIGNED = ("g", "n", "c", "h")


def explain_page(explanation: Explanation, run: str) -> bytes:
    """Return the page; gates and states are in it unit by unit, each in one of 256 steps."""
    return render_page(
        "explain",
        version=__version__,
        run=run,
        explanation=explanation,
        cell=explanation.architecture.cell,
        data=_data(explanation),
        lists=named_words(explanation),
        scores=explanation.scores,
    )


def _data(explanation: Explanation) -> dict[str, Any]:
    words = explanation.words
    layers = explanation.trace.readings
    first = layers[0][0]
    shown = {*first.gates, "h"} | ({"c"} if first.cell is not None else set())
    return {
        "label": explanation.prediction.label,
        "words": list(words.shown),
        "units": explanation.architecture.hidden_size,
        "running": _rounded(explanation.running),
        "tints": {name: _rounded(v) for name, v in explanation.attribution.methods.items()},
        "views": [
            {
                "key": key,
                "name": TERMS[key],
                "signed": key in _SIGNED,
                "values": [[_packed(_of(side, key), key) for side in layer] for layer in layers],
            }
            for key in TERMS
            if key in shown
        ],
        "steps": [
            [
                [
                    [{k: round(v, 3) for k, v in step.figures.items()}, step.sentence]
                    for step in steps_of(side, words.shown, backward=d == 1)
                ]
                for d, side in enumerate(layer)
            ]
            for layer in layers
        ],
    }


def _of(reading: Reading, key: str) -> NDArray[np.float32]:
    if key == "h":
        return reading.hidden
    if key == "c" and reading.cell is not None:
        return reading.cell
    return reading.gates[key]


def _packed(values: NDArray[np.float32], key: str) -> str:
    """Return (L, H) as bytes in base64: 0 to 255 of a gate; of what has a sign, 128 is zero."""
    if key in _SIGNED:
        scaled = 128 + 127 * values / max(1e-12, float(np.abs(values).max()))
    else:
        scaled = 255 * values
    return b64encode(np.round(scaled).astype(np.uint8).tobytes()).decode()


def _rounded(values: Values) -> list[float]:
    """Return four digits of each, the small ones' too."""
    return [float(f"{value:.4g}") for value in values.tolist()]
