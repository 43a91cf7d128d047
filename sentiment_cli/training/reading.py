"""What a training reads before its first step."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from sentiment_cli.reviews.prepare import prepare, prepared_in
from sentiment_cli.training.init import as_it_is
from sentiment_cli.training.linear.baselines import linear_baselines
from sentiment_cli.training.tensorboard import require_tensorboard
from sentiment_cli.training.world import ALONE, World

if TYPE_CHECKING:
    import torch

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.prepare import Prepared, Progress
    from sentiment_cli.training.init import Beginning
    from sentiment_cli.training.linear.baselines import Baselines

EXPERIMENT, TOKENIZER = "experiment", "tokenizer"
"""Under which rank 0 sends to the others what all begin with."""


class Reading(NamedTuple):
    """What a training reads, and where it computes.

    Args:
        prepared: the reviews as tokens.
        baselines: linear models of the same reviews.
        as_it_is: accuracy of what the training begins with, where that can be told.
        device: that computes.
    """

    prepared: Prepared
    baselines: Baselines
    as_it_is: float | None
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
    baselines = linear_baselines(experiment, progress=progress)
    kind: DeviceChoice = "cpu" if chosen.type == "cpu" else "cuda"
    before = as_it_is(first, experiment, prepared, device=kind, progress=progress)
    return Reading(prepared, baselines, before, chosen)


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
        return json.dumps([str(prepared.cache), prepared.fingerprint])

    cache, fingerprint = json.loads(world.once_a_host(work))
    if done:
        return done[0]
    return prepared_in(Path(cache), experiment, fingerprint)
