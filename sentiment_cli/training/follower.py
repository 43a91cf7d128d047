"""What the other processes of a training do while rank 0 leads it: all but to write and to show.

Rank 0 sends the experiment first; then the state in which training begins, as the files of a
checkpoint. So there is one way into the loop, begun anew or gone on with.
"""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from sentiment_cli.config.schema import Experiment
from sentiment_cli.errors import DataError
from sentiment_cli.training.assembly import assemble
from sentiment_cli.training.checkpoint import SOURCES, restore, saved_round
from sentiment_cli.training.ngrams import NgramSources
from sentiment_cli.training.reading import EXPERIMENT, REVIEWS, TOKENIZER, count_once, read_once
from sentiment_cli.training.state import reading
from sentiment_cli.training.world import EndedError

if TYPE_CHECKING:
    from collections.abc import Callable

    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.training.world import World


def follow(world: World, *, device: DeviceChoice | None, begun: Callable[[], None]) -> None:
    """Train along with rank 0 until it has ended, or all are asked to.

    Args:
        world: in which this process is not rank 0.
        device: overrides the experiment's.
        begun: is called once there are steps that a signal should not tear apart.

    Raises:
        SentimentError: any of its branches.
    """
    with suppress(EndedError):
        _follow(world, device, begun)


def _follow(world: World, device: DeviceChoice | None, begun: Callable[[], None]) -> None:
    message = world.received()
    experiment = Experiment.model_validate_json(message[EXPERIMENT])
    chosen = world.device(device or experiment.device)
    tokenizer = message[TOKENIZER] or None
    prepared = read_once(world, experiment, lambda *_: None, tokenizer)
    read_here, orders = reading(prepared), experiment.model.ngrams
    while True:  # a round of self-training each
        message = world.received()
        _require_same(message[REVIEWS].decode(), read_here)
        sources = NgramSources.from_bytes(message[SOURCES], prepared, orders=orders)
        ngrams = count_once(world, experiment, prepared, sources, lambda *_: None)
        message = world.received()
        begun()
        round = saved_round(message, experiment, place="rank 0")
        loop = assemble(experiment, prepared, ngrams, chosen, round=round, world=world)
        restore(loop, message, read_here, place="rank 0")
        for _ in loop.run():
            if world.stopping():
                return


def _require_same(of_rank_0: str, here: str) -> None:
    """Refuse to train on other reviews than rank 0 does; both are told by their hashes."""
    if of_rank_0 != here:
        raise DataError(
            "the reviews here, or what the tokenizer makes of them, are not those of rank 0",
            hint="give every host the same files, under the same path",
        )
