"""A run's short-term memory: what the gradient, a planted phrase and held gates tell of it."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from threadpoolctl import threadpool_limits

from sentiment_cli.analysis.memory.fading import by_distance, gradient_norms
from sentiment_cli.analysis.memory.half_life import half_life
from sentiment_cli.analysis.memory.held import without_direct_sum
from sentiment_cli.analysis.memory.planted import DISTANCES, plant
from sentiment_cli.analysis.memory.record import Curve, Memory
from sentiment_cli.analysis.memory.start import network_at_start
from sentiment_cli.analysis.memory.surgery import operate
from sentiment_cli.errors import DataError, EnvironmentFault, UsageError
from sentiment_cli.inference.labelled import chosen_reviews
from sentiment_cli.inference.predictor import Predictor
from sentiment_cli.network.replay import Replay
from sentiment_cli.runs.bundled import name_of

if TYPE_CHECKING:
    from sentiment_cli.analysis.memory.planted import Planted
    from sentiment_cli.network.architecture import Architecture
    from sentiment_cli.reviews.corpus import Review

REVIEWS = 200
STAGES = 4
"""How often a measurement tells that it came further."""


def measure(
    run: Path, data: str | None, *, overrides: Sequence[str] = (), advance: Callable[[int], None]
) -> Memory:
    """Measure the memory of a run on 200 test reviews, its own or those of another source.

    Args:
        run: a run folder.
        data: another source of labelled reviews; None stands for the run's own.
        overrides: settings that say how they are read, as `--set` takes them.
        advance: is told of each stage.

    Raises:
        SentimentError: the run or the reviews cannot be read.
    """
    predictor = Predictor.load(run, device="cpu")
    architecture = predictor.config.architecture
    notes: list[str] = []
    reviews = _drawn(run, predictor, data, overrides, notes)
    sequences = [read.ids for read in predictor.tokenizer.encode([r.text for r in reviews])]
    labels = np.array([review.label for review in reviews])
    notes += _notes(predictor, architecture)

    # Steps so small gain little from a second core, and wait long for one that is busy.
    weights, table = predictor.engine.weights, predictor.engine.table
    with threadpool_limits(1):
        model = predictor.engine.use_torch()
        trained = _curve(gradient_norms(model, sequences, table))
        advance(1)
        start = None
        try:
            if data is not None:  # nothing that the run names is read then
                raise DataError("it is measured on the run's own reviews alone")
            start = _curve(
                gradient_norms(network_at_start(run, predictor.config), sequences, table)
            )
        except (DataError, EnvironmentFault, UsageError) as fault:
            notes.append(f"the network before training cannot be made again: {fault.what}")
        advance(1)

        recurrent = Replay(architecture, without_direct_sum(architecture, weights), table)
        planted = plant(recurrent, predictor.tokenizer)
        notes += _reach(planted, predictor.config.max_tokens)
        advance(1)
        surgery = operate(architecture, weights, table, sequences, labels)
        advance(1)
    return Memory(
        name_of(run), architecture.cell, len(reviews), trained, start, planted, surgery, notes
    )


def _drawn(
    run: Path,
    predictor: Predictor,
    data: str | None,
    overrides: Sequence[str],
    notes: list[str],
) -> list[Review]:
    """Return 200 reviews, the same ones each time, whatever order the source has.

    `notes` takes the sentences that say how the source is read.
    """
    found = chosen_reviews(run, predictor.config, data, overrides, tell=notes.append)
    drawn = heapq.nsmallest(REVIEWS, found, key=lambda review: review.hash)
    if not drawn:
        raise DataError("there is no review to measure on", hint="check --data and data.label_map")
    return drawn


def _curve(norms: Sequence[Any]) -> Curve:
    return Curve(by_distance(norms), half_life(norms))


def _notes(predictor: Predictor, architecture: Architecture) -> list[str]:
    notes = []
    if predictor.step is not None:
        notes.append(
            f"the run is not finished: its checkpoint of step {predictor.step} is measured"
        )
    if architecture.ngrams:
        notes.append(
            "the planted phrase is measured without the sum of n-gram inputs, which reaches the "
            "head from any distance; the accuracy with gates held includes it"
        )
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
    return notes


def _reach(planted: Sequence[Planted], max_tokens: int) -> list[str]:
    if not planted:
        return ["no planted phrase decides, not even alone: there is no distance to measure"]
    farthest = planted[-1].words
    if farthest == DISTANCES[-1]:
        return []
    return [
        f"reviews are cut to {max_tokens} tokens: the phrase is planted {farthest} before the end "
        "at most"
    ]
