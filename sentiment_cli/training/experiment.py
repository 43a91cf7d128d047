"""Where the experiment file, the reviews, the network and the run folder meet.

An experiment is a stream of events: whoever reads them shows them, and stops by asking to.
"""

from __future__ import annotations

import json
import resource
import shlex
import sys
import time
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import torch

from sentiment_cli.config.reader import read_experiment
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.errors import EnvironmentFault, ModelError, UsageError
from sentiment_cli.network.device import pick_device
from sentiment_cli.network.weights import dump_weights
from sentiment_cli.reviews.prepare import prepare
from sentiment_cli.runs.card import model_card
from sentiment_cli.runs.manifest import DAMAGED_HINT
from sentiment_cli.runs.prediction_config import PredictionConfig
from sentiment_cli.runs.reader import LINEAR
from sentiment_cli.runs.store import RunFolder, require_free
from sentiment_cli.training.assembly import assemble, require_unlabelled
from sentiment_cli.training.baselines import linear_baselines
from sentiment_cli.training.checkpoint import (
    checkpoint_files,
    largest_file,
    restore,
    weights_bytes,
)
from sentiment_cli.training.events import Event, Finished, Saved, Started, Stopped, Warned
from sentiment_cli.training.loop import EpochRecord, StepRecord
from sentiment_cli.training.results import judge
from sentiment_cli.training.tensorboard import require_tensorboard, with_tensorboard
from sentiment_cli.training.vectors.start import begin_with_vectors, open_vectors

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.prepare import Prepared, Progress
    from sentiment_cli.runs.checkpoints import Checkpoint
    from sentiment_cli.runs.prediction_config import Blend
    from sentiment_cli.training.baselines import Baselines


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
    require_unlabelled(experiment)
    require_tensorboard(experiment)
    open_vectors(experiment.model)
    chosen = pick_device(device or experiment.device)
    prepared = prepare(experiment, progress=progress)
    baselines = linear_baselines(experiment, progress=progress)
    with RunFolder.create(out, config_yaml=dump_experiment(experiment)) as folder:
        run = _Run(folder, experiment, prepared, baselines, chosen, stop)
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
        require_unlabelled(experiment)
        require_tensorboard(experiment)
        chosen = pick_device(device or experiment.device)
        prepared = prepare(experiment, progress=progress)
        baselines = linear_baselines(experiment, progress=progress)
        run = _Run(folder, experiment, prepared, baselines, chosen, stop)
        saved = folder.newest_checkpoint(largest=largest_file(run.loop))
        yield from run.events(saved, progress)


class _Run:
    """One training into one run folder."""

    def __init__(
        self,
        folder: RunFolder,
        experiment: Experiment,
        prepared: Prepared,
        baselines: Baselines,
        device: torch.device,
        stop: Callable[[], bool],
    ) -> None:
        self.folder = folder
        self.experiment = experiment
        self.prepared = prepared
        self.baselines = baselines
        self.device = device
        self.stop = stop
        self.began = time.monotonic()
        self.tokens = 0
        self.resumed_at = 0
        self.saved: int | None = None
        self.history_kept = False
        self.loop = assemble(experiment, prepared, device)

    def events(
        self, checkpoint: Checkpoint | None, progress: Progress
    ) -> Generator[Event, None, None]:
        own = self._events(checkpoint, progress)
        return with_tensorboard(own) if self.experiment.training.tensorboard else own

    def _events(
        self, checkpoint: Checkpoint | None, progress: Progress
    ) -> Generator[Event, None, None]:
        warned = None
        if checkpoint is not None:
            restore(self.loop, checkpoint.files, self._reviews(), place=str(self.folder.path))
            self.saved = checkpoint.step
        elif self.experiment.model.vectors is not None:
            progress("finding word vectors for", 0, None)
            self.loop.position.vectors, warned = begin_with_vectors(
                self.loop.model, self.experiment, self.prepared
            )
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
            vectors=position.vectors,
        )
        if warned is not None:
            yield Warned(warned)
        for what in checkpoint.passed_over if checkpoint is not None else ():
            yield Warned(f"passed over a newer checkpoint: {what}")
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

    def _reviews(self) -> str:
        """Return a hash of the reviews' source and of the tokenizer, which tell what is read."""
        tokenizer = self.prepared.tokenizer.to_json()
        return sha256(self.prepared.fingerprint.encode() + tokenizer).hexdigest()

    def _save(self) -> Saved:
        position = self.loop.position
        files = checkpoint_files(self.loop, self._reviews())
        files["tokenizer.json"] = self.prepared.tokenizer.to_json()
        files["config.json"] = self._prediction_config(1.0).to_json()
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

    def _prediction_config(
        self, temperature: float, blend: Blend | None = None
    ) -> PredictionConfig:
        prepared = self.prepared
        return PredictionConfig(
            architecture=self.loop.model.architecture,
            classes=prepared.classes,
            values=prepared.values,
            partial=prepared.partial,
            max_tokens=prepared.tokenizer.max_tokens,
            keep=prepared.tokenizer.keep,
            tokenizer_sha256=sha256(prepared.tokenizer.to_json()).hexdigest(),
            temperature=temperature,
            blend=blend,
        )

    def _finish(self) -> Finished:
        loop, prepared, position = self.loop, self.prepared, self.loop.position
        assert loop.judged is not None
        nb = self.baselines.models["nb_weighted"] if self.experiment.model.linear else None
        judged = judge(
            prepared.validation.labels, loop.judged, self.baselines, blend=nb is not None
        )
        figures = {
            "source": self.experiment.data.source,
            "cell": self.experiment.model.cell,
            "classes": list(prepared.classes),
            "reviews": prepared.counts,
            "unlabelled": None
            if prepared.unlabelled is None
            else {"reviews": len(prepared.unlabelled), "left_out": prepared.left_out},
            "vectors": position.vectors,
            "vocabulary": prepared.tokenizer.vocab_size,
            "parameters": sum(p.numel() for p in loop.model.parameters()),
            "steps": position.step,
            "epochs": position.epoch,
            "best_epoch": position.best_epoch,
            "stopped_early": position.stopped_early,
        } | judged.figures
        timing = self._timing()
        files = {
            "config.json": self._prediction_config(judged.temperature, judged.blend(nb)).to_json(),
            "model.safetensors": weights_bytes(loop, loop.kept()),
            "tokenizer.json": prepared.tokenizer.to_json(),
            "metrics.json": _json(figures),
            "timing.json": _json(timing),
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

    def _timing(self) -> dict[str, Any]:
        """Return what differs between two equal runs; of a resumed one, since it went on."""
        seconds = time.monotonic() - self.began
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        return {
            "seconds": round(seconds, 2),
            "tokens_per_second": round(self.tokens / seconds),
            "peak_memory_mb": round(peak / (1024**2 if sys.platform == "darwin" else 1024)),
            "device": self.device.type,
            "resumed_at": self.resumed_at,
        }


def _json(content: dict[str, Any]) -> bytes:
    return (json.dumps(content, indent=2, ensure_ascii=False) + "\n").encode()
