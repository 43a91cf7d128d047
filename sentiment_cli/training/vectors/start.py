"""The embedding's first values, where they are not left to chance."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import numpy as np
import torch

from sentiment_cli.errors import DataError, UsageError
from sentiment_cli.network.architecture import UNK
from sentiment_cli.reviews.cache import cached_stage, stage_folder
from sentiment_cli.training.vectors.counted import DEVIATION, counted_vectors
from sentiment_cli.training.vectors.glove import GloveVectors
from sentiment_cli.training.vectors.text_file import TextVectors
from sentiment_cli.training.vectors.words import Found, spelled

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

    from sentiment_cli.config.schema import Experiment, ModelConfig
    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.reviews.dataset import TokenDataset
    from sentiment_cli.reviews.prepare import Prepared

_ALLOWED = "it is counted, glove-6b-50d, or the path of a text file of vectors"
_CHUNK = 4_000_000  # tokens counted at once
_VECTORS = "vectors.npy"


class Vectors(Protocol):
    """Word vectors that were made elsewhere."""

    name: str
    size: int

    def look_up(self, words: Sequence[str]) -> Found:
        """Return the vectors of words, each by its id."""
        ...


def open_vectors(model: ModelConfig) -> Vectors | None:
    """Open the vectors that were made elsewhere; None where others, or none, are asked for.

    Raises:
        DataError: they are missing, or hold no vectors.
        EnvironmentFault: the system refuses them.
        UsageError: they are of another size than the embedding.
    """
    if model.vectors is None or model.vectors == "counted":
        return None
    try:
        vectors: Vectors = (
            GloveVectors() if model.vectors == GloveVectors.name else _file(model.vectors)
        )
    except DataError as fault:
        raise DataError(f"model.vectors: {fault.what}", hint=fault.hint or _ALLOWED) from fault
    if vectors.size != model.embedding_dim:
        raise UsageError(
            f"model.vectors: those of {vectors.name} have {vectors.size} numbers each, and "
            f"model.embedding_dim is {model.embedding_dim}",
            hint=f"--set model.embedding_dim={vectors.size}",
        )
    return vectors


def begin_with_vectors(
    model: Classifier, experiment: Experiment, prepared: Prepared
) -> tuple[dict[str, float], str | None]:
    """Give the words that have a vector in `model.vectors` that one; the others keep their draw,
    which is small.

    Returns:
        How many those are, as `coverage` says it, and what is amiss with the vectors, if anything.

    Raises:
        SentimentError: as `open_vectors`.
    """
    found = first_vectors(experiment, prepared)
    embedding = model.embedding.weight.detach()  # (V, E)
    own = torch.from_numpy(found.vectors[found.known]).to(embedding.device)
    embedding[torch.from_numpy(found.known)] = own
    covered = coverage(found.known, prepared.training)
    if not found.broken:
        return covered, None
    return (
        covered,
        f"left out {found.broken:,} broken lines of vectors, the first {found.first_broken}",
    )


def first_vectors(experiment: Experiment, prepared: Prepared) -> Found:
    """Return what `model.vectors` gives the words of the vocabulary.

    Vectors made elsewhere are centred and scaled to the deviation that counted ones have, so that
    a learning rate or a dropout means the same whatever the embedding starts from.

    Raises:
        SentimentError: as `open_vectors`.
    """
    vectors = open_vectors(experiment.model)
    if vectors is None:
        return _counted(experiment, prepared)
    words = spelled(prepared.tokenizer, experiment.tokenizer.kind)
    found = vectors.look_up(words)
    if found.known.any():
        own = found.vectors[found.known]
        own -= own.mean(axis=0)
        found.vectors[found.known] = own * (DEVIATION / (float(own.std()) or 1.0))
    return found


def coverage(known: NDArray[np.bool_], reviews: TokenDataset) -> dict[str, float]:
    """Return the share of the vocabulary and of the running tokens that have a vector.

    Args:
        known: whether each word has one, (V,).
        reviews: whose tokens are counted.
    """
    covered = sum(
        int(known[reviews.tokens[start : start + _CHUNK]].sum())
        for start in range(0, len(reviews.tokens), _CHUNK)
    )
    return {
        "vocabulary": float(known[UNK + 1 :].mean()) if len(known) > UNK + 1 else 0.0,
        "tokens": covered / len(reviews.tokens),
    }


def _file(path: str) -> Vectors:
    return TextVectors(Path(path), path.removeprefix(f"{Path.cwd()}{os.sep}"))


def _counted(experiment: Experiment, prepared: Prepared) -> Found:
    parts = [prepared.training]
    if prepared.unlabelled is not None:
        parts.append(prepared.unlabelled)
    size, seed = experiment.model.embedding_dim, experiment.seed
    folder = stage_folder(prepared.cache.parent, "vectors", [prepared.cache.name, size, seed])

    def write(staged: Path) -> None:
        vocab_size = prepared.tokenizer.vocab_size
        vectors = counted_vectors(parts, vocab_size=vocab_size, size=size, seed=seed)
        np.save(staged / _VECTORS, vectors)

    cached_stage(folder, [_VECTORS], write)
    vectors = np.load(folder / _VECTORS)
    # Words that stand nowhere beside another have none.
    return Found(vectors, np.abs(vectors).sum(axis=1) > 0)
