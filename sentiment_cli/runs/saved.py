"""All that a run folder holds for prediction, in no more memory than the model takes."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sentiment_cli.errors import ModelError
from sentiment_cli.network.ngram_inputs import load_ngrams
from sentiment_cli.network.weights import load_weights
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.runs.reader import HASHES, NGRAMS, open_run

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from sentiment_cli.network.ngram_inputs import NgramTable
    from sentiment_cli.runs.reader import Run

# What a file may have at most, as far as the files that were read before it tell. Bytes.
_LARGEST_CONFIG = 2**20
_LARGEST_HEADER = 2**20  # of the weights
_LARGEST_TOKEN = 2**10  # on average, in tokenizer.json
_LARGEST_REST = 2**24  # of tokenizer.json; leaves room for a few words that are none

# Brackets, braces and commas in tokenizer.json: for each token, and beside them.
_MARKS_A_TOKEN = 8
_MARKS = 2**12

_UPPER_BITS = np.uint64(0xFFFFFFFF00000000)
_HINT = "copy the run folder again, or train anew"


class Saved(NamedTuple):
    """A trained classifier as it lies in its folder.

    Args:
        config: how reviews are read and answers named.
        tokenizer: content of `tokenizer.json`, which belongs to the weights, though nobody has
            parsed it yet.
        weights: of the network, by name.
        table: counts of n-grams; None without n-gram inputs.
        step: of the checkpoint it comes from, where the run is not finished.
    """

    config: PredictionConfig
    tokenizer: bytes
    weights: dict[str, NDArray[np.float32]]
    table: NgramTable | None
    step: int | None


def read_saved(path: Path) -> Saved:
    """Read a run folder; of an unfinished run, its newest checkpoint.

    Each file bounds the next, so that a folder from a stranger costs no more memory than the model
    that it describes.

    Raises:
        ModelError: the folder is no run, or anything in it is not as it was written.
    """
    config = _config(path, open_run(path, ["config.json"], largest=_LARGEST_CONFIG))
    size = config.architecture.vocab_size
    opened = open_run(path, ["tokenizer.json"], largest=_LARGEST_REST + size * _LARGEST_TOKEN)
    tokenizer = opened.files["tokenizer.json"]
    _check_tokenizer(tokenizer, config, path / "tokenizer.json")

    # A training may have gone on meanwhile: what belongs together comes from one state of it.
    architecture = config.architecture
    largest = _LARGEST_HEADER + max(
        4 * architecture.num_parameters, config.num_ngrams * (8 + 4 * architecture.num_classes)
    )
    names = ["config.json", "model.safetensors"] + [NGRAMS] * bool(architecture.ngrams)
    opened = open_run(path, names, largest=largest)
    config = _config(path, opened)
    weights = load_weights(
        opened.files["model.safetensors"],
        config.architecture.weight_shapes(),
        place=str(path / "model.safetensors"),
    )
    return Saved(config, tokenizer, weights, _table(path, opened, config), opened.step)


def read_hashes(path: Path) -> NDArray[np.uint64]:
    """Return the hashes of the texts that a run was trained on, ascending.

    A compact run keeps only the upper 32 bits of each hash; the lower bits are then 0. `is_known`
    finds texts in both.

    Raises:
        ModelError: the folder is not a run, or not as it was written.
    """
    config = _config(path, open_run(path, ["config.json"], largest=_LARGEST_CONFIG))
    largest = _LARGEST_HEADER + 8 * config.num_hashes
    opened = open_run(path, ["config.json", HASHES], largest=largest)
    shapes = {"hashes": (_config(path, opened).num_hashes,)}
    place = str(path / HASHES)
    hashes: NDArray[np.uint64] = load_weights(
        opened.files[HASHES], shapes, place=place, integers=["hashes"]
    )["hashes"]
    if hashes.dtype == np.uint32:
        hashes = hashes.astype(np.uint64) << np.uint64(32)
    if not (hashes[1:] > hashes[:-1]).all():
        raise ModelError(f"{place}: expected ascending hashes", hint=_HINT)
    return hashes


def is_known(hashes: NDArray[np.uint64], known: NDArray[np.uint64]) -> NDArray[np.bool_]:
    """Return which texts are among those that a run was trained on, (N,).

    With upper 32 bits only, one of 80,000 other texts is taken for one of 50,000 known texts.

    Args:
        hashes: Hash of each text, (N,).
        known: Hashes of the training texts, as `read_hashes` returns them.
    """
    return np.isin(hashes, known) | np.isin(hashes & _UPPER_BITS, known)


def _table(path: Path, opened: Run, config: PredictionConfig) -> NgramTable | None:
    architecture = config.architecture
    if not architecture.ngrams:
        return None
    return load_ngrams(
        opened.files[NGRAMS],
        ngrams=config.num_ngrams,
        num_classes=architecture.num_classes,
        orders=architecture.ngrams,
        place=str(path / NGRAMS),
    )


def _config(path: Path, opened: Run) -> PredictionConfig:
    return PredictionConfig.from_json(opened.files["config.json"], place=str(path / "config.json"))


def _check_tokenizer(data: bytes, config: PredictionConfig, path: Path) -> None:
    """Refuse a `tokenizer.json` at `path` that is not the one which `config` means, or too large to
    be parsed."""
    if sha256(data).hexdigest() != config.tokenizer_sha256:
        raise ModelError(
            f"{path} belongs to another model than {path.parent / 'config.json'}", hint=_HINT
        )
    size = config.architecture.vocab_size
    # Parsed, a value takes many times the memory that it takes in the file.
    if sum(map(data.count, (b"[", b"{", b","))) > _MARKS + size * _MARKS_A_TOKEN:
        raise ModelError(f"{path} holds more than the {size} tokens of the network", hint=_HINT)
