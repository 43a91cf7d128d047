"""What a training reads before its first step."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from sentiment_cli.network.device import pick_device
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.training.assembly import require_unlabelled
from sentiment_cli.training.baselines import linear_baselines
from sentiment_cli.training.pretraining.assembly import require_one_side
from sentiment_cli.training.teacher import open_teacher, teaching
from sentiment_cli.training.tensorboard import require_tensorboard

if TYPE_CHECKING:
    import torch

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.prepare import Prepared, Progress
    from sentiment_cli.training.baselines import Baselines
    from sentiment_cli.training.joined import Reviews


class Reading(NamedTuple):
    """What a training reads, and where it computes.

    Args:
        prepared: the reviews as tokens.
        teaching: those that teach, some of them perhaps labelled by a teacher.
        baselines: linear models of the same reviews.
        device: that computes.
    """

    prepared: Prepared
    teaching: Reviews
    baselines: Baselines
    device: torch.device


def read(
    experiment: Experiment,
    device: DeviceChoice | None,
    *,
    progress: Progress,
    tokenizer: bytes | None = None,
) -> Reading:
    """Read an experiment's reviews, once it is known that nothing else is missing.

    Args:
        experiment: all settings.
        device: overrides the experiment's.
        progress: is told how far it has come.
        tokenizer: as in `prepare`.

    Raises:
        SentimentError: any of its branches.
    """
    require_unlabelled(experiment)
    require_tensorboard(experiment)
    require_one_side(experiment)
    open_teacher(experiment)
    chosen = pick_device(device or experiment.device)
    prepared = prepare(experiment, progress=progress, tokenizer=tokenizer)
    baselines = linear_baselines(experiment, progress=progress)
    taught = teaching(experiment, prepared, progress=progress)
    return Reading(prepared, taught, baselines, chosen)
