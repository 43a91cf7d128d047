"""A run folder and texts in, predictions out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from sentiment_cli.errors import ModelError
from sentiment_cli.inference.engine import Engine
from sentiment_cli.network.architecture import UNK
from sentiment_cli.reviews.tokenizer import ReviewTokenizer, load_tokenizer
from sentiment_cli.runs.bundled import run_named
from sentiment_cli.runs.manifest import DAMAGED_HINT
from sentiment_cli.runs.saved import read_saved

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.tokenizer import Encoded
    from sentiment_cli.runs.prediction_config import PredictionConfig

_TOKENIZED_AT_ONCE = 512
"""Reviews; the tokenizer keeps some hundred bytes a token until all of them are done."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What the classifier says of one review.

    Args:
        label: the most probable class.
        probability: of that class.
        probabilities: of every class.
        flags: `empty` (no word in it), `unknown` (no known word in it), `truncated` (longer than
            what the network reads).
    """

    label: str
    probability: float
    probabilities: dict[str, float]
    flags: tuple[str, ...]


class Predictor:
    """A trained classifier: `Predictor.load("runs/lstm")(["the review"])`.

    It can be pickled, so that other processes may have it too.

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
        """Load a run folder, or "bundled"; of an unfinished run, its newest checkpoint.

        Raises:
            ModelError: the folder is no run, or anything in it is not as it was written; or there
                is no bundled model.
        """
        folder = run_named(Path(run))
        saved = read_saved(folder)
        config = saved.config
        tokenizer = load_tokenizer(
            saved.tokenizer,
            place=str(folder / "tokenizer.json"),
            size=config.architecture.vocab_size,
        )
        return cls(
            config,
            ReviewTokenizer(tokenizer, max_tokens=config.max_tokens, keep=config.keep),
            Engine(config.architecture, saved.weights, saved.table, device),
            saved.step,
        )

    def __call__(self, texts: Sequence[str]) -> list[Prediction]:
        """Return a prediction a text, in order; any text has one."""
        if not texts:
            return []
        read = self.read([encodable(text) for text in texts])
        rows = self.probabilities(read)
        return [self.prediction(row, own) for row, own in zip(rows, read, strict=True)]

    def read(self, texts: Sequence[str]) -> list[Encoded]:
        """Return texts as the network reads them."""
        return [
            own
            for start in range(0, len(texts), _TOKENIZED_AT_ONCE)
            for own in self.tokenizer.encode(texts[start : start + _TOKENIZED_AT_ONCE])
        ]

    def probabilities(self, read: Sequence[Encoded]) -> NDArray[np.float64]:
        """Return the calibrated probability of every class, (N, C).

        Raises:
            ModelError: the weights, though each is a number, lead to none.
        """
        with np.errstate(all="ignore"):
            logits = self.engine.logits([own.ids for own in read])
        return self.calibrated(logits)

    def calibrated(self, logits: NDArray[np.float32]) -> NDArray[np.float64]:
        """Return the probabilities that follow from the network's logits, (N, C) to (N, C).

        Raises:
            ModelError: a logit is no number.
        """
        own = logits.astype(np.float64)
        if not np.isfinite(own).all():
            raise ModelError(
                "model.safetensors: the weights overflow: predictions are not finite",
                hint=DAMAGED_HINT,
            )
        return softmax(own / self.config.temperature)

    def prediction(self, row: NDArray[np.float64], read: Encoded) -> Prediction:
        """Return the answer that the probabilities (C,) of a review are."""
        classes = self.config.classes
        best = int(row.argmax())
        flags = {
            "empty": read.found == 0,
            "unknown": read.found > 0 and bool((read.ids == UNK).all()),
            "truncated": read.found > len(read.ids),
        }
        return Prediction(
            label=classes[best],
            probability=float(row[best]),
            probabilities=dict(zip(classes, row.tolist(), strict=True)),
            flags=tuple(name for name, raised in flags.items() if raised),
        )


def softmax(logits: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the probabilities that logits stand for, (N, C) to (N, C)."""
    powers = np.exp(logits - logits.max(axis=1, keepdims=True))
    probabilities: NDArray[np.float64] = powers / powers.sum(axis=1, keepdims=True)
    return probabilities


def encodable(text: str) -> str:
    """Return a text without half surrogate pairs, which the tokenizer cannot take."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
