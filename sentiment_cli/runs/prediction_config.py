"""A run's `config.json`: all that a prediction needs beside weights and vocabulary."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, Literal, cast

from sentiment_cli import __version__
from sentiment_cli.errors import ModelError
from sentiment_cli.network.architecture import Architecture

_MAX_ENTRIES = 2**27


@dataclass(frozen=True, kw_only=True, slots=True)
class PredictionConfig:
    """How a saved classifier reads a review and names its answer.

    Args:
        architecture: sizes and kinds of the network.
        classes: name of each output, in order.
        values: label in the source the run was trained on: class.
        partial: whether reviews with another label are left out, or a fault.
        max_tokens: longer reviews are cut to so many tokens.
        keep: which end of a longer review stays.
        tokenizer_sha256: of the `tokenizer.json` that belongs to the weights.
        num_ngrams: n-grams in `ngrams.safetensors` (K).
        num_hashes: texts in `training_hashes.safetensors`.
        temperature: what the network's logits are divided by before the softmax.
    """

    architecture: Architecture
    classes: tuple[str, ...]
    values: dict[str, str]
    partial: bool
    max_tokens: int
    keep: Literal["head", "tail", "head+tail"]
    tokenizer_sha256: str
    num_ngrams: int
    num_hashes: int
    temperature: float = 1.0

    def to_json(self) -> bytes:
        """Return the file's content."""
        content = {
            "version": __version__,
            "architecture": self.architecture.to_dict(),
            "classes": list(self.classes),
            "values": self.values,
            "partial": self.partial,
            "max_tokens": self.max_tokens,
            "keep": self.keep,
            "tokenizer_sha256": self.tokenizer_sha256,
            "num_ngrams": self.num_ngrams,
            "num_hashes": self.num_hashes,
            "temperature": self.temperature,
        }
        return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()

    @classmethod
    def from_json(cls, data: bytes, *, place: str) -> PredictionConfig:
        """Read the file's content, trusting nothing in it.

        Raises:
            ModelError: a key is missing, unknown, or holds what no run writes.
        """
        try:
            content = json.loads(data)
            if not isinstance(content, dict):
                raise ValueError("it is no JSON object")
            content.pop("version")
            architecture = Architecture.from_dict(content.pop("architecture"))
            classes = tuple(content.pop("classes"))
            found = cls(architecture=architecture, classes=classes, **content)
            found._check()
        except (ValueError, TypeError, KeyError, RecursionError, ModelError) as fault:
            raise ModelError(
                f"{place} is no model configuration of ours: {str(fault)[:300]}",
                hint="copy the run folder again, or train anew",
            ) from None
        return found

    def _check(self) -> None:
        _require(
            len(self.classes) == len(set(self.classes)) == self.architecture.num_classes
            and all(isinstance(name, str) for name in self.classes),
            "classes must be as many different names as the network has outputs",
        )
        "".join(self.classes).encode()  # half a surrogate pair could not be written to any table
        _require(
            isinstance(self.values, dict)
            and all(name in self.classes for name in self.values.values()),
            "values must map to classes",
        )
        _require(
            type(self.partial) is bool
            and type(self.max_tokens) is int
            and 1 <= self.max_tokens <= 100_000,
            "partial must be true or false, max_tokens a whole number from 1 to 100000",
        )
        _require(self.keep in ("head", "tail", "head+tail"), "keep must be head, tail or head+tail")
        _require(isinstance(self.tokenizer_sha256, str), "tokenizer_sha256 must be a text")
        _require(
            all(
                type(number) is int and 0 <= number <= _MAX_ENTRIES
                for number in (self.num_ngrams, self.num_hashes)
            ),
            f"num_ngrams and num_hashes must be integers from 0 to {_MAX_ENTRIES}",
        )
        temperature = cast("Any", self.temperature)
        _require(
            isinstance(temperature, float) and 0.001 <= temperature <= 1000.0,
            "temperature must be a number from 0.001 to 1000",
        )


def _require(holds: bool, rule: str) -> None:
    if not holds:
        raise ValueError(rule)
