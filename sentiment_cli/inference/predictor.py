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

    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.tokenizer import Encoded

_FILES = ("config.json", "model.safetensors", "tokenizer.json")


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
        opened = open_run(path, names=_FILES)
        files = opened.files
        config = PredictionConfig.from_json(files["config.json"], place=str(path / "config.json"))
        vocabulary = files["tokenizer.json"]
        if sha256(vocabulary).hexdigest() != config.tokenizer_sha256:
            raise ModelError(
                f"{path / 'tokenizer.json'} belongs to another model than {path / 'config.json'}",
                hint="copy the run folder again, or train anew",
            )
        tokenizer = load_tokenizer(vocabulary, place=str(path / "tokenizer.json"))
        if tokenizer.get_vocab_size() != config.architecture.vocab_size:
            raise ModelError(
                f"{path / 'tokenizer.json'} has {tokenizer.get_vocab_size()} tokens where the "
                f"network knows {config.architecture.vocab_size}",
                hint="copy the run folder again, or train anew",
            )
        weights = load_weights(
            files["model.safetensors"],
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
        encoded = self.tokenizer.encode(texts)
        rows = self.probabilities(encoded)
        return [self._prediction(row, read) for row, read in zip(rows, encoded, strict=True)]

    def probabilities(self, encoded: Sequence[Encoded]) -> NDArray[np.float64]:
        """Return the calibrated probability of every class, (N, C)."""
        logits = self.engine.logits([read.ids for read in encoded]).astype(np.float64)
        scaled = logits / self.config.temperature
        powers = np.exp(scaled - scaled.max(axis=1, keepdims=True))
        probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
        return probabilities

    def _prediction(self, row: NDArray[np.float64], read: Encoded) -> Prediction:
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
