"""Where the experiment file, the reviews, the network and the run folder meet.

An experiment is a stream of events: whoever reads them shows them, and stops by asking to.
"""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.errors import EnvironmentFault, ModelError, UsageError
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.reviews.start import settled
from sentiment_cli.runs.card import model_card
from sentiment_cli.runs.manifest import DAMAGED_HINT
from sentiment_cli.runs.reader import LINEAR
from sentiment_cli.runs.store import RunFolder, require_free
from sentiment_cli.training.assembly import assemble
from sentiment_cli.training.checkpoint import checkpoint_files, restore, weights_bytes
from sentiment_cli.training.events import (
    Event,
    Finished,
    Saved,
    Started,
    Stopped,
    Warned,
    passed_over,
)
from sentiment_cli.training.init import begin_with_run, beginning
from sentiment_cli.training.loop import EpochRecord, StepRecord
from sentiment_cli.training.pretraining.stage import Pretraining
from sentiment_cli.training.reading import Reading, read
from sentiment_cli.training.results import as_json, came_to, judge, prediction_config, took
from sentiment_cli.training.state import largest_file, reading
from sentiment_cli.training.tensorboard import with_tensorboard
from sentiment_cli.training.vectors.start import begin_with_vectors, open_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.prepare import Progress
    from sentiment_cli.runs.checkpoints import Checkpoint


def start(
    experiment: Experiment,
    out: Path,
    *,
    device: DeviceChoice | None,
    progress: Progress,
    stop: Callable[[], bool],
) -> Iterator[Event]:
    """Train an experiment into a new run folder.

    Args:
        experiment: all settings.
        out: the run folder; it must not exist, or be empty.
        device: overrides the experiment's.
        progress: is told how far the reading of the reviews has come.
        stop: asked after each record; once it answers yes, a checkpoint is saved and training ends.

    Raises:
        SentimentError: any of its branches; the run folder stays whole.
    """
    # Before minutes go into the reviews.
    require_free(out)
    first = beginning(experiment)
    experiment = settled(experiment, first.saved)
    open_vectors(experiment.model)
    found = read(experiment, device, progress=progress, tokenizer=first.tokenizer)
    with RunFolder.create(out, config_yaml=dump_experiment(experiment)) as folder:
        run = _Run(folder, experiment, found, stop)
        begin_with_run(run.loop.model, first.saved, found.prepared.classes)
        yield from run.events(None, progress)


def resume(
    out: Path, *, device: DeviceChoice | None, progress: Progress, stop: Callable[[], bool]
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
        first = beginning(experiment, out)
        found = read(experiment, device, progress=progress, tokenizer=first.tokenizer)
        run = _Run(folder, experiment, found, stop)
        begin_with_run(run.loop.model, first.saved, found.prepared.classes)
        saved = folder.newest_checkpoint(largest=largest_file(run.loop.model))
        yield from run.events(saved, progress)


class _Run:
    """One training into one run folder."""

    def __init__(
        self, folder: RunFolder, experiment: Experiment, found: Reading, stop: Callable[[], bool]
    ) -> None:
        self.folder = folder
        self.experiment = experiment
        self.prepared = found.prepared
        self.baselines = found.baselines
        self.device = found.device
        self.stop = stop
        self.began = time.monotonic()
        self.pretrained_in: float | None = None
        self.tokens = 0
        self.resumed_at = 0
        self.saved: int | None = None
        self.history_kept = False
        self.loop = assemble(experiment, found.prepared, found.teaching, found.device)

    def events(
        self, checkpoint: Checkpoint | None, progress: Progress
    ) -> Generator[Event, None, None]:
        own = self._events(checkpoint, progress)
        return with_tensorboard(own) if self.experiment.training.tensorboard else own

    def _events(
        self, checkpoint: Checkpoint | None, progress: Progress
    ) -> Generator[Event, None, None]:
        warned, stage = self._begin(checkpoint, progress)
        position = self.loop.position
        self.resumed_at = position.step
        yield Started(
            path=self.folder.path,
            device=self.device.type,
            prepared=self.prepared,
            architecture=self.loop.model.architecture,
            parameters=sum(p.numel() for p in self.loop.model.parameters()),
            total_steps=self.loop.total_steps,
            baseline=self.baselines.accuracies(self.prepared.validation.labels),
            resumed_at=position.step,
            teacher=self.experiment.training.teacher,
            vectors=position.vectors,
            init=self.experiment.model.init,
        )
        yield from warned
        if stage is not None:
            position.pretraining = yield from stage.events(self.stop)
            if position.pretraining is None:
                return
            if not stage.found:
                self.pretrained_in = time.monotonic() - self.began
            self.began = time.monotonic()
        yield from self._keep_history()
        every = self.experiment.checkpoint.every
        for record in self.loop.run():
            yield record
            due = isinstance(record, EpochRecord)
            if isinstance(record, EpochRecord):
                yield from self._keep_history()
            elif isinstance(record, StepRecord):
                self.tokens += record.tokens
                due = every != "epoch" and record.step % every == 0
            stopping = self.stop()
            if due or stopping:
                yield self._save()
            if stopping:
                yield Stopped(self.folder.path, position.step, self.saved)
                return
        yield self._finish()

    def _begin(
        self, checkpoint: Checkpoint | None, progress: Progress
    ) -> tuple[list[Warned], Pretraining | None]:
        """Bring the loop to its start, or to where a checkpoint left it.

        Returns:
            What is amiss, and the stage that comes first, if there is one.
        """
        position = self.loop.position
        if checkpoint is not None:
            restore(
                self.loop, checkpoint.files, reading(self.prepared), place=str(self.folder.path)
            )
            self.saved = checkpoint.step
            return passed_over(checkpoint), None
        if self.experiment.pretraining.epochs:
            stage = Pretraining(self.folder, self.loop.model, self.experiment, self.prepared)
            warned = stage.begin(progress)
            position.vectors = stage.loop.position.vectors
            return warned, stage
        if self.experiment.model.vectors is None:
            return [], None
        progress("finding word vectors for", 0, None)
        position.vectors, broken = begin_with_vectors(
            self.loop.model, self.experiment, self.prepared
        )
        return [Warned(broken)] if broken else [], None

    def _keep_history(self) -> Iterator[Warned]:
        """Bring history.jsonl up to date; where the disk refuses, all of it is due next time."""
        history = self.loop.position.history
        try:
            if self.history_kept:
                self.folder.append_history(history[-1])
            else:
                self.folder.write_history(history)
            self.history_kept = True
        except EnvironmentFault as fault:
            self.history_kept = False
            yield Warned(fault.what)

    def _save(self) -> Saved:
        position = self.loop.position
        files = checkpoint_files(self.loop, reading(self.prepared))
        files["tokenizer.json"] = self.prepared.tokenizer.to_json()
        files["config.json"] = prediction_config(self.loop, self.prepared, 1.0).to_json()
        try:
            self.folder.save_checkpoint(
                position.step,
                files,
                best_step=position.best_step or None,
                keep=self.experiment.checkpoint.keep,
            )
        except EnvironmentFault as fault:  # the next interval tries again
            return Saved(position.step, fault.what)
        self.saved = position.step
        return Saved(position.step)

    def _finish(self) -> Finished:
        loop, prepared, position = self.loop, self.prepared, self.loop.position
        assert loop.judged is not None
        nb = self.baselines.models["nb_weighted"] if self.experiment.model.linear else None
        judged = judge(
            prepared.validation.labels, loop.judged, self.baselines, blend=nb is not None
        )
        figures = came_to(self.experiment, prepared, loop) | judged.figures
        timing = took(
            time.monotonic() - self.began,
            pretraining=self.pretrained_in,
            tokens=self.tokens,
            device=self.device.type,
            resumed_at=self.resumed_at,
        )
        files = {
            "config.json": prediction_config(
                loop, prepared, judged.temperature, judged.blend(nb)
            ).to_json(),
            "model.safetensors": weights_bytes(loop, loop.kept()),
            "tokenizer.json": prepared.tokenizer.to_json(),
            "metrics.json": as_json(figures),
            "timing.json": as_json(timing),
            "README.md": model_card(self.folder.path.name, figures, timing).encode(),
        }
        if nb is not None:
            files[LINEAR] = dump_weights(nb.tensors())
        try:
            if not self.history_kept:
                self.folder.write_history(position.history)
            self.folder.finish(files)
        except EnvironmentFault as fault:
            again = f"sentiment train --resume {shlex.quote(str(self.folder.path))}"
            raise EnvironmentFault(fault.what, hint=f"{fault.hint}; go on with: {again}") from fault
        return Finished(self.folder.path, figures, timing)
