"""A run for other programs: an ONNX file, asked before anyone relies on it."""

from __future__ import annotations

import importlib.util
import json
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np

from sentiment_cli import __version__
from sentiment_cli.errors import EnvironmentFault, ModelError
from sentiment_cli.network.architecture import PAD, UNK
from sentiment_cli.network.ngram_inputs import flat_ids
from sentiment_cli.network.onnx_graph import IDS, LENGTHS, NGRAMS, onnx_graph
from sentiment_cli.network.replay import Replay
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.reviews.sources import open_source

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_cli.inference.predictor import Predictor
    from sentiment_cli.network.ngram_inputs import NgramTable

TOLERANCE = 1e-5
"""How far a probability may be from the replay's."""

_AT_ONCE = 32


class Export(NamedTuple):
    """A run as other programs take it.

    Args:
        model: the ONNX file.
        labels: a JSON file: the labels in the order of the probabilities, and how a review becomes
            ids and n-gram inputs: `max_tokens`, `keep`, `head_tokens` (of a longer review, from its
            beginning), the ids of padding and of a text without a token, and `ngrams` (tokens of
            the longest n-grams).
        tokenizer: the `tokenizer.json` of the library tokenizers.
        ngrams: a safetensors file with the counts of n-grams; None if the network reads none.
        reviews: how many were asked.
        difference: the largest one between two probabilities.
    """

    model: bytes
    labels: bytes
    tokenizer: bytes
    ngrams: bytes | None
    reviews: int
    difference: float


def require_onnx() -> None:
    """Refuse to export where ONNX or its runtime is missing.

    Raises:
        EnvironmentFault: one is.
    """
    for package in ("onnx", "onnxruntime"):
        if importlib.util.find_spec(package) is None:
            raise EnvironmentFault(
                f"the package {package} is not installed",
                hint="pip install 'sentiment-cli[onnx]'",
            )


def export(predictor: Predictor) -> Export:
    """Return a run as an ONNX file, once onnxruntime has answered the cereal reviews by it as the
    run does.

    Raises:
        ModelError: the run is too large for an ONNX file, or onnxruntime answers otherwise.
        EnvironmentFault: a package is missing.
    """
    require_onnx()
    config = predictor.config
    labels = {
        "labels": config.classes,
        "max_tokens": config.max_tokens,
        "keep": config.keep,
        "head_tokens": predictor.tokenizer.head_tokens,
        "ngrams": config.architecture.ngrams,
        "padding_id": PAD,
        "id_of_an_empty_text": UNK,
        "version": __version__,
    }
    told = {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in labels.items()
    }
    model = onnx_graph(config.architecture, predictor.engine.weights, config.temperature, told)
    texts = [row.values["text"] for row in open_source("cereal", base=Path.cwd()).rows()]
    difference = _difference(predictor, model, texts)
    if not difference <= TOLERANCE:
        raise ModelError(
            "the ONNX file was not written: a probability of onnxruntime differs from the run's by "
            f"{difference:.2g}, and at most {TOLERANCE:.0e} is allowed",
            hint="another version of onnxruntime may do better: pip install --upgrade onnxruntime",
        )
    return Export(
        model,
        (json.dumps(labels, indent=2, ensure_ascii=False) + "\n").encode(),
        predictor.tokenizer.to_json(),
        None if predictor.engine.table is None else dump_weights(predictor.engine.table.tensors()),
        len(texts),
        difference,
    )


def _difference(predictor: Predictor, model: bytes, texts: Sequence[str]) -> float:
    """Return the largest difference between a probability of onnxruntime and one of the replay.

    Reviews of all lengths are in a batch, with other ids and inputs than padding behind them.
    """
    # The import alone writes a device identifier to disk (measured with onnxruntime 1.32). The
    # call is for builds that do not read the variable.
    os.environ.setdefault("ORT_DISABLE_TELEMETRY", "1")
    import onnxruntime

    onnxruntime.disable_telemetry_events()
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    architecture = predictor.config.architecture
    table = predictor.engine.table
    replay = Replay(architecture, predictor.engine.weights, table)
    found_apart = []
    for start in range(0, len(texts), _AT_ONCE):
        sequences = [own.ids for own in predictor.tokenizer.encode(texts[start : start + _AT_ONCE])]
        expected = predictor.calibrated(replay(sequences))  # (n, C)
        (found,) = session.run(None, _fed(sequences, architecture.vocab_size, table))
        found_apart.append(np.abs(found - expected).max())
    return float(np.max(found_apart))  # which is no number where one of them is none


def _fed(
    sequences: Sequence[NDArray[np.int32]], vocab_size: int, table: NgramTable | None
) -> dict[str, NDArray[Any]]:
    """Return the graph's inputs for reviews, with anything behind a review's length."""
    flat, lengths = flat_ids(sequences)
    real = np.arange(int(lengths.max())) < lengths[:, np.newaxis]  # (n, L)
    ids = np.arange(real.size).reshape(real.shape) % vocab_size
    ids[real] = flat
    fed = {IDS: ids, LENGTHS: lengths}
    if table is not None:
        inputs = table.inputs(flat, lengths)
        fed[NGRAMS] = np.full((*real.shape, inputs.shape[1]), np.nan, np.float32)  # (n, L, F)
        fed[NGRAMS][real] = inputs
    return fed
