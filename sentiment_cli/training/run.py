"""One training into one run folder, as a stream of events."""

from __future__ import annotations

import shlex
import time
from typing import TYPE_CHECKING

import numpy as np
from scipy.special import softmax

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.network.bulk import batches_by_length, classify_batches
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.reviews.rows import Sources
from sentiment_cli.reviews.start import read_start
from sentiment_cli.runs.card import model_card
from sentiment_cli.runs.reader import HASHES, NGRAMS
from sentiment_cli.runs.saved import is_known
from sentiment_cli.training.assembly import assemble
from sentiment_cli.training.calibration import fit_temperature
from sentiment_cli.training.checkpoint import (
    checkpoint_files,
    restore,
    saved_round,
    weights_bytes,
)
from sentiment_cli.training.events import (
    Event,
    Finished,
    RoundStarted,
    Saved,
    Started,
    Stopped,
    UnlabelledPredicted,
    Warned,
    passed_over,
)
from sentiment_cli.training.init import begin_with_run
from sentiment_cli.training.linear.baselines import linear_baselines
from sentiment_cli.training.loop import EpochRecord, Loop, StepRecord
from sentiment_cli.training.reading import share_ngrams
from sentiment_cli.training.results import as_json, came_to, judge, prediction_config, took
from sentiment_cli.training.state import reading
from sentiment_cli.training.tensorboard import with_tensorboard
from sentiment_cli.training.vectors.start import begin_with_vectors
from sentiment_cli.training.world import EndedError, LostError, World

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.ngram_inputs import Array
    from sentiment_cli.reviews.rows import Progress
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
        self.sources = found.sources
        self.ngrams = found.ngrams
        self.initial_accuracy = found.initial_accuracy
        self.device = found.device
        self.stop = stop
        self.world = world
        self.began = time.monotonic()
        self.tokens = 0
        self.resumed_at = 0
        self.saved: int | None = None
        self.history_kept = False
        self.reviews = reading(found.prepared)
        # Opened now: what they hold may change before the linear models are fitted.
        self.opened = Sources(experiment.data, content=found.prepared.content)
        self.hashes = np.unique(found.prepared.training.hashes)
        if found.sources.known is not None:
            self.hashes = np.union1d(self.hashes, found.sources.known)
        self.loop: Loop

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
            resumed_at=position.step,
            epoch=position.epoch + 1,
            vectors=position.vectors,
            init=self.experiment.model.init,
            initial_accuracy=self.initial_accuracy,
            ngrams=None if self.ngrams is None else len(self.ngrams.table.keys),
            known=self.known_reviews,
        )
        yield from warned
        yield from self._keep_history()
        while True:
            self.world.send(lambda: checkpoint_files(self.loop, self.sources, self.reviews))
            if (yield from self._train()):
                yield Stopped(self.folder.path, self.loop.position.step, self.saved)
                return
            if self.loop.round == self.experiment.self_training_rounds:
                break
            if (yield from self._next_round(progress)):
                yield Stopped(self.folder.path, self.loop.position.step, self.saved)
                return
        yield self._finish(progress)

    @property
    def known_reviews(self) -> int:
        """Training reviews that the start was trained on."""
        known = self.sources.known
        return 0 if known is None else int(is_known(self.prepared.training.hashes, known).sum())

    def _loop(self, round: int) -> Loop:
        return assemble(
            self.experiment,
            self.prepared,
            self.ngrams,
            self.device,
            round=round,
            world=self.world,
        )

    def _train(self) -> Generator[Event, None, bool]:
        """Train to the end of a round; return whether it was stopped before."""
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

    def _next_round(self, progress: Progress) -> Generator[Event, None, bool]:
        """Count the unlabelled reviews as the network predicts them, and begin a new network;
        return whether it was stopped before."""
        probabilities = yield from self._predict_unlabelled()
        if probabilities is None:
            yield self._save()
            return True
        sources = self.sources._replace(unlabelled=probabilities)
        try:
            self.ngrams = share_ngrams(
                self.world, self.experiment, self.prepared, sources, progress
            )
        except EndedError:  # the last epoch is saved
            return True
        self.sources = sources
        before = self.loop.position
        self.loop = self._loop(self.loop.round + 1)
        self.loop.position.history = before.history
        self._initialise(progress)
        rounds, epoch = self.experiment.self_training_rounds, self.loop.position.epoch + 1
        yield RoundStarted(self.loop.round, rounds, len(probabilities), epoch)
        return False

    def _predict_unlabelled(self) -> Generator[Event, None, Array | None]:
        """Predict the unlabelled reviews, calibrated, (U, C); None if training was stopped."""
        loop, reviews = self.loop, self.prepared.unlabelled
        assert reviews is not None
        assert loop.judged is not None
        assert self.ngrams is not None
        temperature = fit_temperature(self.prepared.validation.labels, loop.judged)
        batches = batches_by_length(reviews.lengths)
        probabilities = np.empty((len(reviews), loop.judged.shape[1]), np.float32)
        done = 0
        for indices, logits in classify_batches(
            loop.best_model, reviews, batches, self.ngrams.table
        ):
            probabilities[indices] = softmax(logits / temperature, axis=1)
            done += len(indices)
            yield UnlabelledPredicted(done, len(reviews))
            # Several processes are asked together, and the others wait for rank 0 meanwhile.
            if self.world.size == 1 and self.stop():
                return None
        return probabilities

    def _begin(self, checkpoint: Checkpoint | None, progress: Progress) -> list[Warned]:
        """Bring the loop to its start, or to where a checkpoint left it.

        Returns:
            What is amiss.
        """
        if checkpoint is None:
            self.loop = self._loop(0)
            return self._initialise(progress)
        place = str(self.folder.path)
        self.loop = self._loop(saved_round(checkpoint.files, self.experiment, place=place))
        restore(self.loop, checkpoint.files, self.reviews, place=place)
        self.saved = checkpoint.step
        return passed_over(checkpoint)

    def _initialise(self, progress: Progress) -> list[Warned]:
        """Give the network its first weights; return what is amiss."""
        model, settings = self.loop.model, self.experiment.model
        if (start := read_start(self.experiment)) is not None:
            begin_with_run(model, start, self.prepared.classes)
        if settings.vectors is None:
            return []
        progress("finding word vectors for", 0, None)
        covered, broken = begin_with_vectors(model, self.experiment, self.prepared)
        self.loop.position.vectors = covered
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
        files = checkpoint_files(self.loop, self.sources, self.reviews)
        files |= self._prediction_files(temperature=1.0)
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

    def _prediction_files(self, temperature: float) -> dict[str, bytes]:
        """Return all files that a prediction reads, but for the weights, and the hashes of the
        texts that the network was trained on, those of its start included."""
        table = None if self.ngrams is None else self.ngrams.table
        config = prediction_config(
            self.loop,
            self.prepared,
            temperature,
            num_ngrams=0 if table is None else len(table.keys),
            num_hashes=len(self.hashes),
        )
        files = {
            "config.json": config.to_json(),
            "tokenizer.json": self.prepared.tokenizer.to_json(),
            HASHES: dump_weights({"hashes": self.hashes}),
        }
        return files if table is None else files | {NGRAMS: dump_weights(table.tensors())}

    def _finish(self, progress: Progress) -> Finished:
        loop, prepared, position = self.loop, self.prepared, self.loop.position
        assert loop.judged is not None
        try:
            # Only now, so that the first step does not wait for them.
            baselines = linear_baselines(self.experiment, sources=self.opened, progress=progress)
        except EnvironmentFault as fault:
            raise EnvironmentFault(fault.what, hint=f"{fault.hint}; {self._again()}") from fault
        judged = judge(prepared.validation.labels, loop.judged, baselines)
        figures = came_to(self.experiment, prepared, loop) | judged
        figures["known_reviews"] = self.known_reviews
        timing = took(
            time.monotonic() - self.began,
            tokens=self.tokens,
            device=self.device.type,
            processes=self.world.size,
            resumed_at=self.resumed_at,
        )
        files = self._prediction_files(judged["temperature"]) | {
            "model.safetensors": weights_bytes(loop, loop.kept()),
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
        """Return how to resume; another number of processes may do it."""
        path = shlex.quote(str(self.folder.path))
        if self.world.size == 1:
            return f"resume with: sentiment train --resume {path}"
        return f"resume, on any number of processes, with: train --resume {path}"
