"""The shape of a classifier: what must be known to build it, or to read its weights.

Letters: V vocabulary, E embedding size, F n-gram inputs of a token, H hidden size, D directions,
P pooled size, C classes.
"""

from __future__ import annotations

import math
import reprlib
from dataclasses import asdict, dataclass, fields

from sentiment_cli.errors import ModelError
from sentiment_cli.network.cells import CELLS

PAD = 0
"""Id of the filler behind a review that is shorter than its batch."""

UNK = 1
"""Id of every token that is not in the vocabulary."""

POOLING_WIDTHS = {"last": 1, "mean": 1, "max": 1, "mean+max": 2, "attention": 1}
"""Pooling: how many vectors of the encoder's size it sets side by side."""

_BOUNDS = {
    "vocab_size": (2, 1_000_000),
    "embedding_dim": (1, 65_536),
    "hidden_size": (1, 65_536),
    "num_layers": (1, 16),
    "num_classes": (2, 50),
    "ngrams": (0, 5),
}
_CHOICES = {"cell": tuple(CELLS), "pooling": tuple(POOLING_WIDTHS)}
_MAX_PARAMETERS = 2**30


@dataclass(frozen=True, kw_only=True, slots=True)
class Architecture:
    """A classifier: embedding, recurrent encoder, pooling and head."""

    cell: str
    """`rnn`, `lstm` or `gru`."""

    vocab_size: int
    """Tokens that have a vector, PAD and UNK among them (V)."""

    embedding_dim: int
    """Size of a token's vector (E)."""

    hidden_size: int
    """Size of the hidden state in each direction (H)."""

    num_layers: int
    """Recurrent layers on top of each other."""

    bidirectional: bool
    """Whether each layer also reads the review from its end."""

    pooling: str
    """`last`, `mean`, `max`, `mean+max` or `attention`."""

    num_classes: int
    """Classes that get a logit each (C)."""

    ngrams: int
    """Tokens of the longest n-grams whose counts are inputs; 0 for none (O)."""

    @property
    def num_directions(self) -> int:
        """Readings of a review in each layer: 1 or 2 (D)."""
        return 2 if self.bidirectional else 1

    @property
    def ngram_dim(self) -> int:
        """N-gram inputs of a token: one value per order for two classes, else one per class (F)."""
        return self.ngrams * (1 if self.num_classes == 2 else self.num_classes)

    @property
    def input_dim(self) -> int:
        """Size of what the encoder reads at each step: a token's vector and n-gram inputs (E+F)."""
        return self.embedding_dim + self.ngram_dim

    @property
    def encoder_dim(self) -> int:
        """Size of the encoder's output at each step (D*H)."""
        return self.num_directions * self.hidden_size

    @property
    def pooled_dim(self) -> int:
        """Size of the one vector a review is pooled to (P)."""
        return POOLING_WIDTHS[self.pooling] * self.encoder_dim

    @property
    def num_parameters(self) -> int:
        """Numbers in all weights together."""
        return sum(math.prod(shape) for shape in self.weight_shapes().values())

    def layer_weights(self, layer: int) -> list[dict[str, str]]:
        """Return the names of a layer's weights, a dict for each direction.

        The keys are `weight_ih`, `weight_hh`, `bias_ih` and `bias_hh`, in PyTorch's order.
        """
        suffixes = ("", "_reverse")[: self.num_directions]
        kinds = ("weight_ih", "weight_hh", "bias_ih", "bias_hh")
        return [{kind: f"encoder.{kind}_l{layer}{suffix}" for kind in kinds} for suffix in suffixes]

    def weight_shapes(self) -> dict[str, tuple[int, ...]]:
        """Return every weight's name and shape, named and laid out as PyTorch does."""
        shapes: dict[str, tuple[int, ...]] = {
            "embedding.weight": (self.vocab_size, self.embedding_dim)
        }
        rows = CELLS[self.cell].blocks * self.hidden_size
        for layer in range(self.num_layers):
            input_size = self.encoder_dim if layer else self.input_dim
            for names in self.layer_weights(layer):
                shapes[names["weight_ih"]] = (rows, input_size)
                shapes[names["weight_hh"]] = (rows, self.hidden_size)
                shapes[names["bias_ih"]] = (rows,)
                shapes[names["bias_hh"]] = (rows,)
        if self.pooling == "attention":
            shapes["pooling.query"] = (self.encoder_dim,)
        shapes["head.weight"] = (self.num_classes, self.pooled_dim + self.ngram_dim)
        shapes["head.bias"] = (self.num_classes,)
        return shapes

    def to_dict(self) -> dict[str, str | int | bool]:
        """Return plain values, fit for JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: object) -> Architecture:
        """Read what `to_dict` wrote, and trust nothing of it.

        Raises:
            ModelError: a key is missing or unknown, a value is of the wrong type or out of
                bounds, or the weights together would be larger than any model of ours.
        """
        if not isinstance(value, dict):
            raise _fault("architecture", value, "an object of keys and values")
        names = {field.name for field in fields(cls)}
        if value.keys() != names:
            odd = min(value.keys() ^ names, key=str)
            fault = "missing" if odd in names else "unknown"
            raise ModelError(
                f"architecture: key {reprlib.repr(odd)} is {fault}",
                hint=f"expected the keys {', '.join(sorted(names))}",
            )
        for name, choices in _CHOICES.items():
            if value[name] not in choices:
                raise _fault(f"architecture.{name}", value[name], f"one of {', '.join(choices)}")
        for name, (low, high) in _BOUNDS.items():
            if type(value[name]) is not int or not low <= value[name] <= high:
                expected = f"a whole number from {low} to {high}"
                raise _fault(f"architecture.{name}", value[name], expected)
        if type(value["bidirectional"]) is not bool:
            raise _fault("architecture.bidirectional", value["bidirectional"], "true or false")
        architecture = cls(**value)
        if architecture.num_parameters > _MAX_PARAMETERS:
            raise _fault(
                "architecture: number of weights",
                architecture.num_parameters,
                f"at most {_MAX_PARAMETERS}",
            )
        return architecture


def _fault(key: str, value: object, expected: str) -> ModelError:
    # reprlib, because a hostile value can be as long as its file.
    return ModelError(f"{key}: expected {expected}, got {reprlib.repr(value)}")
