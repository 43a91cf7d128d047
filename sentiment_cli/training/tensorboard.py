"""What TensorBoard shows of a training, beside `history.jsonl`, which holds the epochs alone.

Every start and every resumption writes a file of its own, whose first event tells TensorBoard to
forget what a stopped training had written of later steps. Written without a thread and without
TensorBoard's own file layer, so that a full disk is a warning and no host's name is kept.
"""

from __future__ import annotations

import importlib.util
import time
from contextlib import closing
from typing import TYPE_CHECKING

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.durable import environment_faults, make_folder
from sentiment_cli.training.events import Event, Started, Warned
from sentiment_cli.training.loop import EpochRecord, StepRecord

if TYPE_CHECKING:
    from collections.abc import Generator
    from pathlib import Path

    from sentiment_cli.config.schema import Experiment

FOLDER = "tensorboard"
"""In a run folder; no manifest covers it."""


def require_tensorboard(experiment: Experiment) -> None:
    """Refuse an experiment that writes for TensorBoard where its package is missing.

    Raises:
        EnvironmentFault: it is.
    """
    if experiment.training.tensorboard and importlib.util.find_spec("tensorboard") is None:
        raise EnvironmentFault(
            "training.tensorboard: the package tensorboard is not installed",
            hint="pip install 'sentiment-cli[tensorboard]', or --set training.tensorboard=false",
        )


def with_tensorboard(events: Generator[Event, None, None]) -> Generator[Event, None, None]:
    """Pass on a training's events, and write what they tell; a fault ends the writing alone."""
    board: _Board | None = None
    with closing(events):
        for event in events:
            yield event
            try:
                if isinstance(event, Started):
                    board = _Board(event.path / FOLDER, event.resumed_at)
                elif board is not None:
                    board.show(event)
            except EnvironmentFault as fault:
                board = None
                yield Warned(f"nothing more is written for TensorBoard: {fault.what}")


class _Board:
    """Writes one file of events.

    Args:
        folder: made where it is missing.
        step: after which training begins.
    """

    def __init__(self, folder: Path, step: int) -> None:
        from tensorboard.compat.proto.event_pb2 import SessionLog

        make_folder(folder)
        self._path = folder / f"events.out.tfevents.{time.time_ns()}"
        self._new_stretch()
        self._write(file_version="brain.Event:2")
        self._write(step=step + 1, session_log=SessionLog(status=SessionLog.START))

    def show(self, event: Event) -> None:
        """Write what an event tells.

        Raises:
            EnvironmentFault: the disk refuses.
        """
        if isinstance(event, StepRecord):
            self._step(event)
            return
        if isinstance(event, EpochRecord):
            figures = event.figures
            self._scalars(
                figures["step"],
                {
                    "loss/validation": figures["validation_loss"],
                    "accuracy/validation": figures["validation_accuracy"],
                },
            )
        self._new_stretch()  # validating and saving are not training

    def _step(self, record: StepRecord) -> None:
        self._tokens += record.tokens
        if record.loss is None or record.norm is None:
            return
        seconds = time.monotonic() - self._since
        self._scalars(
            record.step,
            {
                "loss/training": record.loss,
                "gradient_norm": record.norm,
                "learning_rate": record.lr,
                "tokens_per_second": self._tokens / max(seconds, 1e-9),
            },
        )
        self._new_stretch()

    def _new_stretch(self) -> None:
        self._tokens, self._since = 0, time.monotonic()

    def _scalars(self, step: int, values: dict[str, float]) -> None:
        from tensorboard.compat.proto.summary_pb2 import Summary

        told = [Summary.Value(tag=tag, simple_value=value) for tag, value in values.items()]
        self._write(step=step, summary=Summary(value=told))

    def _write(self, **parts: object) -> None:
        from tensorboard.compat.proto import event_pb2
        from tensorboard.summary.writer.record_writer import RecordWriter

        entry = event_pb2.Event(wall_time=time.time(), **parts).SerializeToString()
        with environment_faults("write", self._path), self._path.open("ab", buffering=0) as file:
            RecordWriter(file).write(entry)
