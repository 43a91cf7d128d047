"""One training into one run folder, as a stream of events."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.card import model_card
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
from sentiment_cli.training.loop import EpochRecord, StepRecord
from sentiment_cli.training.results import as_json, came_to, judge, prediction_config, took
from sentiment_cli.training.state import reading
from sentiment_cli.training.tensorboard import with_tensorboard
from sentiment_cli.training.vectors.start import begin_with_vectors
from sentiment_cli.training.world import LostError, World

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.reviews.prepare import Progress
    from sentiment_cli.runs.checkpoints import Checkpoint
    from sentiment_cli.runs.store import RunFolder
    from sentiment_cli.training.reading import Reading


class Run:
    """One training into one run folder."""

    def __init__(
        self,
        folder: RunFolder,
        experiment: Experiment,
        found: Reading,
        stop: Callable[[], bool],
        world: World,
    ) -> None:
        self.folder = folder
        self.experiment = experiment
        self.prepared = found.prepared
        self.baselines = found.baselines
        self.as_it_is = found.as_it_is
        self.device = found.device
        self.stop = stop
        self.world = world
        self.began = time.monotonic()
        self.tokens = 0
        self.resumed_at = 0
        self.saved: int | None = None
        self.history_kept = False
        self.reviews = reading(found.prepared)
        self.loop = assemble(experiment, found.prepared, found.device, world)

    def events(
        self, checkpoint: Checkpoint | None, progress: Progress
    ) -> Generator[Event, None, None]:
        own = self._events(checkpoint, progress)
        if self.experiment.training.tensorboard:
            own = with_tensorboard(own)
        try:
            yield from own
        except LostError as fault:
            raise LostError(fault.what, hint=f"its own error says why; {self._again()}") from fault

    def _events(
        self, checkpoint: Checkpoint | None, progress: Progress
    ) -> Generator[Event, None, None]:
        warned = self._begin(checkpoint, progress)
        position = self.loop.position
        self.resumed_at = position.step
        yield Started(
            path=self.folder.path,
            device=self.device.type,
            processes=self.world.size,
            prepared=self.prepared,
            architecture=self.loop.model.architecture,
            parameters=sum(p.numel() for p in self.loop.model.parameters()),
            total_steps=self.loop.total_steps,
            baseline=self.baselines.accuracies(self.prepared.validation.labels),
            resumed_at=position.step,
            epoch=position.epoch + 1,
            vectors=position.vectors,
            init=self.experiment.model.init,
            as_it_is=self.as_it_is,
        )
        yield from warned
        self.world.send(lambda: checkpoint_files(self.loop, self.reviews))
        yield from self._keep_history()
        stopped = yield from self._train()
        yield Stopped(self.folder.path, position.step, self.saved) if stopped else self._finish()

    def _train(self) -> Generator[Event, None, bool]:
        """Train to the end; return whether it was stopped before."""
        every = self.experiment.checkpoint.every
        try:
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
                    return True
        except LostError:
            yield self._save()  # of the steps that are done nothing is lost
            raise
        return False

    def _begin(self, checkpoint: Checkpoint | None, progress: Progress) -> list[Warned]:
        """Bring the loop to its start, or to where a checkpoint left it.

        Returns:
            What is amiss.
        """
        position = self.loop.position
        if checkpoint is not None:
            restore(self.loop, checkpoint.files, self.reviews, place=str(self.folder.path))
            self.saved = checkpoint.step
            return passed_over(checkpoint)
        if self.experiment.model.vectors is None:
            return []
        progress("finding word vectors for", 0, None)
        position.vectors, broken = begin_with_vectors(
            self.loop.model, self.experiment, self.prepared
        )
        return [Warned(broken)] if broken else []

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
        files = checkpoint_files(self.loop, self.reviews)
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
        judged = judge(prepared.validation.labels, loop.judged, self.baselines)
        figures = came_to(self.experiment, prepared, loop) | judged
        timing = took(
            time.monotonic() - self.began,
            tokens=self.tokens,
            device=self.device.type,
            processes=self.world.size,
            resumed_at=self.resumed_at,
        )
        files = {
            "model.safetensors": weights_bytes(loop, loop.kept()),
            "config.json": prediction_config(loop, prepared, judged["temperature"]).to_json(),
            "tokenizer.json": prepared.tokenizer.to_json(),
            "metrics.json": as_json(figures),
            "timing.json": as_json(timing),
            "README.md": model_card(self.folder.path.name, figures, timing).encode(),
        }
        try:
            if not self.history_kept:
                self.folder.write_history(position.history)
            self.folder.finish(files)
        except EnvironmentFault as fault:
            raise EnvironmentFault(fault.what, hint=f"{fault.hint}; {self._again()}") from fault
        return Finished(self.folder.path, figures, timing)

    def _again(self) -> str:
        """Return how to go on; another number of processes may do it."""
        path = shlex.quote(str(self.folder.path))
        if self.world.size == 1:
            return f"go on with: sentiment train --resume {path}"
        return f"go on, on any number of processes, with: train --resume {path}"
