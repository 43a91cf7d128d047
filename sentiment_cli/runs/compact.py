"""A finished run in half the bytes: float16 weights, which every reader turns into float32."""

from __future__ import annotations

from pathlib import Path

from sentiment_cli.errors import ModelError
from sentiment_cli.network.weights import dump_weights, load_weights
from sentiment_cli.runs.durable import make_folder, replace_file
from sentiment_cli.runs.manifest import MANIFEST, encode
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.runs.reader import COVERED, open_run

_WEIGHTS = "model.safetensors"


def compact_files(run: Path) -> dict[str, bytes]:
    """Return the files that the manifest of a compact copy of a run covers.

    Raises:
        ModelError: the run is not finished, or not as it was written.
        ValueError: a weight is too large for float16.
    """
    opened = open_run(run, COVERED)
    config = PredictionConfig.from_json(opened.files["config.json"], place=str(run / "config.json"))
    if not opened.finished:
        raise ModelError(
            f"{run} is not finished: only a model that is done can be compact",
            hint=f"sentiment train --resume {run}",
        )
    shapes = config.architecture.weight_shapes()
    weights = load_weights(opened.files[_WEIGHTS], shapes, place=str(run / _WEIGHTS))
    return {**opened.files, _WEIGHTS: dump_weights(weights, "F16")}


def write_run(path: Path, files: dict[str, bytes]) -> None:
    """Write the files of a finished run, the manifest last.

    Raises:
        EnvironmentFault: the disk refuses.
    """
    make_folder(path)
    (path / MANIFEST).unlink(missing_ok=True)
    for name, data in files.items():
        replace_file(path / name, data)
    replace_file(path / MANIFEST, encode(files))
