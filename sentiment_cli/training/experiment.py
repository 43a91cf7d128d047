"""Where the experiment file, the reviews, the network and the run folder meet.

An experiment is a stream of events: whoever reads them shows them, and stops by asking to.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sentiment_cli import transient
from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.errors import ModelError, UsageError
from sentiment_cli.reviews.start import settled
from sentiment_cli.runs.manifest import DAMAGED_HINT
from sentiment_cli.runs.store import RunFolder, require_free
from sentiment_cli.training.init import beginning
from sentiment_cli.training.reading import read
from sentiment_cli.training.run import Run
from sentiment_cli.training.state import max_file_bytes
from sentiment_cli.training.vectors.start import open_vectors
from sentiment_cli.training.world import ALONE, World

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.rows import Progress
    from sentiment_cli.training.events import Event


def start(
    experiment: Experiment,
    out: Path,
    *,
    device: DeviceChoice | None,
    progress: Progress,
    stop: Callable[[], bool],
    world: World = ALONE,
) -> Iterator[Event]:
    """Train an experiment into a new run folder.

    Args:
        experiment: all settings.
        out: the run folder; it must not exist, or be empty.
        device: overrides the experiment's.
        progress: is told how far the reading of the reviews has come.
        stop: asked after each record; once it answers yes, a checkpoint is saved and training ends.
        world: the processes that train together, of which this one is rank 0; see `follower`.

    Raises:
        SentimentError: any of its branches; the run folder stays whole.
    """
    # Before minutes go into the reviews.
    require_free(out)
    first = beginning(experiment)
    experiment = settled(experiment, first.saved)
    open_vectors(experiment.model)
    found = read(experiment, device, progress=progress, first=first, world=world)
    made_here = not out.exists()
    with RunFolder.create(out, config_yaml=dump_experiment(experiment)) as folder:
        begun = not made_here
        if made_here:
            transient.add(out)  # so early there is nothing in it to go on with
        try:
            run = Run(folder, experiment, found, stop, world)
            for event in run.events(None, progress):
                yield event
                transient.keep(out)
                begun = True
        finally:
            if not begun:
                transient.remove(out)


def resume(
    out: Path,
    *,
    device: DeviceChoice | None,
    progress: Progress,
    stop: Callable[[], bool],
    world: World = ALONE,
) -> Iterator[Event]:
    """Go on with an unfinished run as it was, from its newest whole checkpoint.

    Raises:
        SentimentError: any of its branches; the run folder stays whole.
    """
    with RunFolder.resume(out) as folder:
        try:
            experiment = read_experiment(folder.path / "config.yaml").experiment
        except UsageError as fault:
            raise ModelError(fault.what, hint=DAMAGED_HINT) from fault
        saved = folder.newest_checkpoint(largest=max_file_bytes(experiment))
        first = beginning(experiment, saved)
        found = read(experiment, device, progress=progress, first=first, world=world)
        yield from Run(folder, experiment, found, stop, world).events(saved, progress)
