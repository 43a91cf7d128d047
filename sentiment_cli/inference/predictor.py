"""A run folder and texts in, predictions out."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import ModelError
from sentiment_cli.inference.engine import Engine
from sentiment_cli.network.architecture import UNK
from sentiment_cli.network.weights import load_weights
from sentiment_cli.reviews.tokenizer import ReviewTokenizer, load_tokenizer
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.runs.reader import open_run

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray
    from tokenizers import Tokenizer

    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.tokenizer import Encoded
    from sentiment_cli.runs.reader import Run

# What a file may have at most, as far as the files that were read before it tell. Bytes.
_LARGEST_CONFIG = 2**20
_LARGEST_HEADER = 2**20  # of the weights
_LARGEST_TOKEN = 2**10  # on average, in tokenizer.json
_LARGEST_REST = 2**24  # of tokenizer.json; leaves room for a few words that are none

# Brackets, braces and commas in tokenizer.json: for each token, and beside them.
_MARKS_A_TOKEN = 8
_MARKS = 2**12

_HINT = "copy the run folder again, or train anew"


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the classifier says of one review.

    Args:
        label: the most probable class.
        probability: of that class.
        probabilities: of every class.
        flags: `empty` (no word in it), `unknown` (no known word in it), `cut` (longer than what
            the network reads).
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    flags: tuple[str, ...]


class Predictor:
    """A trained classifier.

    Args:
        config: how reviews are read and answers named.
        tokenizer: of the run.
        engine: computes logits.
        step: of the checkpoint it comes from, where the run is not finished.
    """

    def __init__(
        self,
        config: PredictionConfig,
        tokenizer: ReviewTokenizer,
        engine: Engine,
        step: int | None = None,
    ) -> None:
        self.config = config
        self.tokenizer = tokenizer
        self.engine = engine
        self.step = step

    @classmethod
    def load(cls, run: str | Path, *, device: DeviceChoice | None = None) -> Predictor:
        """Load a run folder; of an unfinished run, its newest checkpoint.

        Raises:
            ModelError: the folder is no run, or anything in it is not as it was written.
        """
        path = Path(run)
        # Each file bounds the next, so that a folder from a stranger costs no more memory than the
        # model that it describes.
        config = _config(path, open_run(path, ["config.json"], largest=_LARGEST_CONFIG))
        size = config.architecture.vocab_size
        opened = open_run(path, ["tokenizer.json"], largest=_LARGEST_REST + size * _LARGEST_TOKEN)
        tokenizer = _tokenizer(opened.files["tokenizer.json"], config, path / "tokenizer.json")

        # A training may have gone on meanwhile: weights and temperature come from one state of it.
        largest = _LARGEST_HEADER + 4 * config.architecture.num_parameters
        opened = open_run(path, ["config.json", "model.safetensors"], largest=largest)
        config = _config(path, opened)
        weights = load_weights(
            opened.files["model.safetensors"],
            config.architecture.weight_shapes(),
            place=str(path / "model.safetensors"),
        )
        return cls(
            config,
            ReviewTokenizer(tokenizer, max_tokens=config.max_tokens, keep=config.keep),
            Engine(config.architecture, weights, device),
            opened.step,
        )

    def __call__(self, texts: Sequence[str]) -> list[Prediction]:
        """Return a prediction a text, in order; any text has one."""
        if not texts:
            return []
        encoded = self.tokenizer.encode([encodable(text) for text in texts])
        rows = self.probabilities(encoded)
        return [self.prediction(row, read) for row, read in zip(rows, encoded, strict=True)]

    def probabilities(self, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
        """Return the calibrated probability of every class, (N, C).

        Raises:
            ModelError: the weights, though each is a number, lead to none.
        """
        with np.errstate(all="ignore"):
            logits = self.engine.logits([read.ids for read in encoded])
        return self.calibrated(logits)

    def calibrated(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probabilities of logits (N, C), at the run's temperature.

        Raises:
            ModelError: a logit is no number.
        """
        if not np.isfinite(logits).all():
            raise ModelError(
                "model.safetensors: the weights are so large that no answer comes of them",
                hint=_HINT,
            )
        scaled = logits.astype(np.float64) / self.config.temperature
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def prediction(self, row: NDArray[np.float64], read: Encoded) -> Prediction:
        """Return the answer that the probabilities (C,) of a review are."""
        classes = self.config.classes
        best = int(row.argmax())
        flags = {
            "empty": read.found == 0,
            "unknown": read.found > 0 and bool((read.ids == UNK).all()),
            "cut": read.found > len(read.ids),
        }
        return Prediction(
            label=classes[best],
            probability=float(row[best]),
            probabilities=dict(zip(classes, row.tolist(), strict=True)),
            flags=tuple(name for name, raised in flags.items() if raised),
        )


def _config(path: Path, opened: Run) -> PredictionConfig:
    return PredictionConfig.from_json(opened.files["config.json"], place=str(path / "config.json"))


def _tokenizer(data: bytes, config: PredictionConfig, path: Path) -> Tokenizer:
    """Read `tokenizer.json` at `path`, which must be the one that `config` means."""
    if sha256(data).hexdigest() != config.tokenizer_sha256:
        raise ModelError(
            f"{path} belongs to another model than {path.parent / 'config.json'}", hint=_HINT
        )
    size = config.architecture.vocab_size
    # Parsed, a value takes many times the memory that it takes in the file.
    if sum(map(data.count, (b"[", b"{", b","))) > _MARKS + size * _MARKS_A_TOKEN:
        raise ModelError(f"{path} holds more than the {size} tokens of the network", hint=_HINT)
    tokenizer = load_tokenizer(data, place=str(path))
    if tokenizer.get_vocab_size() != size:
        raise ModelError(
            f"{path} has {tokenizer.get_vocab_size()} tokens where the network knows {size}",
            hint=_HINT,
        )
    return tokenizer


def encodable(text: str) -> str:
    """Return a text without half surrogate pairs, which the tokenizer cannot take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
