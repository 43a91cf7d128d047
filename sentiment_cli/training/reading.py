"""What a training reads before its first step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sentiment_cli.reviews.prepare import prepare, prepared_in
from sentiment_cli.runs.bundled import run_folder
from sentiment_cli.runs.saved import read_hashes
from sentiment_cli.training.checkpoint import SOURCES, saved_sources
from sentiment_cli.training.init import initial_accuracy, start_counts, start_weight
from sentiment_cli.training.ngrams import NgramSources, training_ngrams
from sentiment_cli.training.state import reading
from sentiment_cli.training.tensorboard import require_tensorboard
from sentiment_cli.training.world import ALONE, World

if TYPE_CHECKING:
    import torch

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.reviews.rows import Progress
    from sentiment_cli.runs.saved import Saved
    from sentiment_cli.training.init import Beginning
    from sentiment_cli.training.ngrams import TrainingNgrams

EXPERIMENT, TOKENIZER, REVIEWS = "experiment", "tokenizer", "reviews"
"""Under which rank 0 sends to the others what all begin with."""


class Reading(NamedTuple):
    """What a training reads, and where it computes.

    Args:
        prepared: the reviews as tokens.
        sources: what n-gram counts come from beside the training reviews.
        ngrams: n-gram inputs of the training reviews; None without.
        initial_accuracy: Validation accuracy of the model that training starts from; None without.
        device: that computes.
    """

    prepared: Prepared
    sources: NgramSources
    ngrams: TrainingNgrams | None
    initial_accuracy: float | None
    device: torch.device


def read(
    experiment: Experiment,
    device: DeviceChoice | None,
    *,
    progress: Progress,
    first: Beginning,
    world: World = ALONE,
) -> Reading:
    """Read an experiment's reviews, once it is known that nothing else is missing.

    Args:
        experiment: all settings.
        device: overrides the experiment's.
        progress: is told how far it has come.
        first: what the training begins with.
        world: the processes that train together, of which this one is rank 0.

    Raises:
        SentimentError: any of its branches.
    """
    require_tensorboard(experiment)
    # The others prepare meanwhile, each host for itself.
    world.send(
        lambda: {
            EXPERIMENT: experiment.model_dump_json().encode(),
            TOKENIZER: first.tokenizer or b"",
        }
    )
    chosen = world.device(device or experiment.device)
    prepared = read_once(world, experiment, progress, first.tokenizer)
    if first.own is None:
        sources = _start_sources(experiment, prepared, first.saved, chosen, progress)
    else:
        place = f"the checkpoint of step {first.own.step}"
        sources = saved_sources(first.own.files, experiment, prepared, place=place)
    ngrams = share_ngrams(world, experiment, prepared, sources, progress)
    before = initial_accuracy(first.saved, prepared, device=chosen)
    return Reading(prepared, sources, ngrams, before, chosen)


def share_ngrams(
    world: World,
    experiment: Experiment,
    prepared: Prepared,
    sources: NgramSources,
    progress: Progress,
) -> TrainingNgrams | None:
    """Count the n-grams of the training reviews, on every host; rank 0 tells the others what else
    is counted.

    Raises:
        EndedError: another process has ended before.
        SentimentError: any of its branches.
    """
    world.send(lambda: {SOURCES: sources.to_bytes(), REVIEWS: reading(prepared).encode()})
    return count_once(world, experiment, prepared, sources, progress)


def count_once(
    world: World,
    experiment: Experiment,
    prepared: Prepared,
    sources: NgramSources,
    progress: Progress,
) -> TrainingNgrams | None:
    """Return the n-gram inputs of the training reviews, counted by one process of each host; the
    others of that host then find them in the cache. None if the network reads none.

    Raises:
        EndedError: another process has ended before.
        SentimentError: any of its branches.
    """
    orders = experiment.model.ngrams
    if not orders:
        return None

    done: list[TrainingNgrams] = []

    def work() -> str:
        done.append(training_ngrams(prepared, orders, sources, progress=progress))
        return ""

    world.once_a_host(work)
    return done[0] if done else training_ngrams(prepared, orders, sources, progress=progress)


def _start_sources(
    experiment: Experiment,
    prepared: Prepared,
    saved: Saved | None,
    device: torch.device,
    progress: Progress,
) -> NgramSources:
    """Return what a new training counts beside its reviews: what the start has counted."""
    if saved is None or experiment.model.init is None:
        return NgramSources()
    known = read_hashes(run_folder(experiment.model.init))
    start = start_counts(saved, prepared.classes)
    if start is None:
        return NgramSources(known=known)
    own = NgramSources(start, 0.0, known)
    counted = training_ngrams(prepared, experiment.model.ngrams, own, progress=progress)
    weight = start_weight(saved, start, counted.table, prepared, device=device, progress=progress)
    return NgramSources(start, weight, known)


def read_once(
    world: World, experiment: Experiment, progress: Progress, tokenizer: bytes | None
) -> Prepared:
    """Return the reviews as tokens.

    One process of each host prepares them; the others of that host then find them in the cache.

    Raises:
        EndedError: another process has ended before.
        SentimentError: any of its branches.
    """
    done: list[Prepared] = []

    def work() -> str:
        prepared = prepare(experiment, progress=progress, tokenizer=tokenizer)
        done.append(prepared)
        return json.dumps([str(prepared.cache), prepared.content])

    cache, content = json.loads(world.once_a_host(work))
    if done:
        return done[0]
    return prepared_in(Path(cache), experiment, content)
