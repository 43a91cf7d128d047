"""A finished run in half the bytes: weights as float16, which every reader turns into float32, the
most useful n-grams, and 32 bits of each training text's hash."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np

from sentiment_cli.errors import ModelError
from sentiment_cli.network.ngram_inputs import NgramTable, log_count_ratios
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.runs.durable import make_folder, replace_file
from sentiment_cli.runs.manifest import MANIFEST, encode
from sentiment_cli.runs.reader import HASHES, NGRAMS, open_run
from sentiment_cli.runs.saved import read_hashes, read_saved

MOST_NGRAMS = 160_000
"""An n-gram of two classes takes 12 bytes: so many keep the bundled folder below 8 MB."""


def compact_files(run: Path, most_ngrams: int = MOST_NGRAMS) -> dict[str, bytes]:
    """Return the files that the manifest of a compact copy of a run covers.

    Args:
        run: folder of the run.
        most_ngrams: n-grams that stay.

    Raises:
        ModelError: the run is not finished, or not as it was written.
        ValueError: a weight or a count is too large for float16.
    """
    saved = read_saved(run)
    if saved.step is not None:
        raise ModelError(
            f"{run} is not finished: only a model that is done can be compact",
            hint=f"sentiment train --resume {run}",
        )
    files, config = open_run(run).files, saved.config
    files["model.safetensors"] = dump_weights(saved.weights, "F16")
    if saved.table is not None:
        table = _most_useful(saved.table, most_ngrams)
        # The totals would no longer be exact; of the counts those up to 2048 are.
        files[NGRAMS] = dump_weights(table.tensors(), "F16", exact=["totals"])
        config = replace(config, num_ngrams=len(table.keys))
    prefixes = np.unique(read_hashes(run) >> np.uint64(32)).astype(np.uint32)
    files[HASHES] = dump_weights({"hashes": prefixes})
    files["config.json"] = replace(config, num_hashes=len(prefixes)).to_json()
    return files


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


def _most_useful(table: NgramTable, most: int) -> NgramTable:
    """Return a table of the n-grams that speak strongly for a class and occur often."""
    if len(table.keys) <= most:
        return table
    strength = np.abs(log_count_ratios(table.counts, table.totals)).max(axis=1)  # (K,)
    use = strength * np.sqrt(table.counts.sum(axis=1))
    chosen = np.sort(np.argsort(-use, kind="stable")[:most])  # keys stay ascending
    return replace(table, keys=table.keys[chosen], counts=table.counts[chosen])
