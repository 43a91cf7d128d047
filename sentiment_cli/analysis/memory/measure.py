"""A run's short-term memory: what the gradient, a planted phrase and held gates tell of it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sentiment_cli.analysis.memory.fading import Distance, by_distance, gradient_norms
from sentiment_cli.analysis.memory.half_life import HalfLife, half_life
from sentiment_cli.analysis.memory.planted import DISTANCES, Planted, half_distance, plant
from sentiment_cli.analysis.memory.start import network_at_start
from sentiment_cli.analysis.memory.surgery import Surgery, operate
from sentiment_cli.errors import DataError, EnvironmentFault
from sentiment_cli.inference.labelled import other_reviews, own_test_reviews
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.bulk import classify_all
from sentiment_cli.reviews.split import rank

if TYPE_CHECKING:
    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.reviews.corpus import Review

REVIEWS = 200
STAGES = 4
"""How often a measurement tells that it came further."""


@dataclass(frozen=True, slots=True)
class Curve:
    """The gradient by distance, and in how many words it falls to half."""

    distances: list[Distance]
    half_life: HalfLife


@dataclass(frozen=True, slots=True)
class Memory:
    """What was measured of one run.

    Args:
        run: its folder.
        cell: `rnn`, `lstm` or `gru`.
        reviews: how many test reviews were read.
        trained: the gradient in the trained network.
        start: the same before training; None where it cannot be made again.
        planted: the planted phrase, the nearest first.
        surgery: the accuracy with gates held.
        notes: what the reader must know to read the figures rightly.
    """

    run: str
    cell: str
    reviews: int
    trained: Curve
    start: Curve | None
    planted: list[Planted]
    surgery: Surgery
    notes: list[str]

    def report(self) -> dict[str, Any]:
        """Return every figure by its stable name."""
        before = self.start
        return {
            "run": self.run,
            "cell": self.cell,
            "reviews": self.reviews,
            **_half_life("half_life", self.trained),
            **(_half_life("start_half_life", before) if before else {}),
            "gradient": _gradient(self.trained),
            "start_gradient": _gradient(before) if before else [],
            "planted": [
                {"words": at.words, "judged": at.judged, "pairs": at.pairs} for at in self.planted
            ],
            "planted_half": half_distance(self.planted),
            "surgery": {
                "untouched": {"accuracy": self.surgery.accuracy},
                **{
                    name: {
                        "accuracy": one.accuracy,
                        "difference": one.difference,
                        "difference_interval": list(one.interval),
                    }
                    | ({"largest_state": one.largest_state} if name == "no_tanh" else {})
                    for name, one in self.surgery.altered.items()
                },
            },
            "notes": self.notes,
        }


def measure(run: Path, data: str | None, *, advance: Callable[[int], None]) -> Memory:
    """Measure the memory of a run on 200 test reviews, its own or those of another source.

    Args:
        run: a run folder.
        data: another source of labelled reviews; None stands for the run's own.
        advance: is told of each stage.

    Raises:
        SentimentError: the run or the reviews cannot be read.
    """
    predictor = Predictor.load(run, device="cpu")
    architecture = predictor.config.architecture
    reviews = _drawn(run, predictor, data)
    sequences = [read.ids for read in predictor.tokenizer.encode([r.text for r in reviews])]
    labels = np.array([review.label for review in reviews])
    notes = _notes(predictor, architecture)

    model = predictor.engine.use_torch()
    trained = _curve(gradient_norms(model, sequences))
    advance(1)
    try:
        start = _curve(gradient_norms(network_at_start(run, predictor.config), sequences))
    except (DataError, EnvironmentFault) as fault:
        start = None
        notes.append(f"the network before training cannot be made again: {fault.what}")
    advance(1)

    planted = plant(
        lambda batch: classify_all(model, batch, np.array([len(ids) for ids in batch])),
        predictor.tokenizer,
    )
    if not planted:
        notes.append("no planted phrase decides, not even alone: there is no distance to measure")
    advance(1)
    surgery = operate(architecture, predictor.engine.weights, sequences, labels)
    advance(1)
    return Memory(
        str(run), architecture.cell, len(reviews), trained, start, planted, surgery, notes
    )


def _drawn(run: Path, predictor: Predictor, data: str | None) -> list[Review]:
    """Return 200 reviews, the same ones each time, whatever order the source has."""
    if data is None:
        found = own_test_reviews(run, predictor.config, ())
    else:
        found = other_reviews(run, predictor.config, [f"data.source={data}"])
    drawn = heapq.nsmallest(REVIEWS, found, key=lambda review: rank(review.text, 0))
    if not drawn:
        raise DataError("there is no review to measure on", hint="check --data and data.labels")
    return drawn


def _curve(norms: Sequence[Any]) -> Curve:
    return Curve(by_distance(norms), half_life(norms))


def _gradient(curve: Curve) -> list[dict[str, Any]]:
    return [
        {"words": at.words, "low": at.low, "median": at.median, "high": at.high,
         "reviews": at.reviews}
        for at in curve.distances
    ]  # fmt: skip


def _half_life(name: str, curve: Curve) -> dict[str, Any]:
    words, interval = curve.half_life
    return {name: words, f"{name}_interval": interval and list(interval)}


def _notes(predictor: Predictor, architecture: Architecture) -> list[str]:
    notes = []
    if predictor.step is not None:
        notes.append(f"the run is not finished: its checkpoint of step {predictor.step} is measured")
    if architecture.pooling != "last":
        notes.append(
            f"{architecture.pooling} pooling reads the state after every word, so this network "
            "needn't remember to the end: the planted phrase does not show its memory; the "
            "gradient is that of the last state alone"
        )
    if architecture.bidirectional:
        notes.append(
            "a second direction reads from the end and meets a late word first: the gradient is "
            "that of the forward direction alone"
        )
    if predictor.config.max_tokens < DISTANCES[-1]:
        notes.append(
            f"reviews are cut to {predictor.config.max_tokens} tokens: nothing is measured beyond"
        )
    return notes
