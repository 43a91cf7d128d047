"""A training as one watches it: a live bar on a terminal, plain lines elsewhere."""

from __future__ import annotations

import shlex
import sys
import time
from typing import TYPE_CHECKING, Any, Self

from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from sentiment_cli.console import output
from sentiment_cli.console.baselines import beside_linear
from sentiment_cli.training.events import (
    Finished,
    RoundStarted,
    Saved,
    Started,
    Stopped,
    UnlabelledPredicted,
    Warned,
)
from sentiment_cli.training.loop import EpochRecord, StepRecord, ValidationRecord

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sentiment_cli.reviews.prepare import Prepared
    from sentiment_cli.training.events import Event

_INDENT = 12  # columns of what names a line


class TrainingView:
    """Shows the events of a training on stderr, and its result on stdout.

    Args:
        json: whether the result is one JSON object.
    """

    def __init__(self, *, json: bool) -> None:
        self.fault: str | None = None
        self.stopped = False
        self.started = False
        self.finished = False
        self._json = json
        console = output.live()
        self._live = console.is_terminal
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[figures]}"),
            TimeRemainingColumn(compact=True),
            console=console,
            transient=True,
            disable=not self._live,
        )
        self._task: TaskID | None = None
        self._stage = ""
        self._tokens = 0
        self._began = 0.0
        self._loss: float | None = None
        self._total_steps = 0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def preparing(self, stage: str, done: int, total: int | None) -> None:
        """Show how far the reading of the reviews has come."""
        if stage != self._stage:
            self._stage = stage
            self._new_task(f"{stage} the reviews", total)
            if not self._live:
                output.note(f"{stage} the reviews")
        assert self._task is not None
        self._bar.update(self._task, completed=done, total=total)

    def show(self, event: Event) -> None:
        """Show one event."""
        if isinstance(event, StepRecord):
            self._step(event)
        elif isinstance(event, ValidationRecord):
            self._validated(event)
        elif isinstance(event, EpochRecord):
            self._end_of_epoch(event)
        elif isinstance(event, Started):
            self._start(event)
        elif isinstance(event, RoundStarted):
            self._line(
                f"round {event.round} of {event.rounds}: training again with the n-grams of "
                f"{event.reviews:,} predicted unlabelled reviews"
            )
            self._new_task(f"epoch {event.epoch}", self._total_steps)
        elif isinstance(event, UnlabelledPredicted):
            if self._task is not None:
                figures = f"predicting {event.done:,} of {event.total:,} unlabelled reviews"
                self._bar.update(self._task, figures=figures)
        elif isinstance(event, Saved | Warned):
            self._warn(event)
        elif isinstance(event, Stopped):
            self._stop(event)
        else:
            self._finish(event)

    def _warn(self, event: Saved | Warned) -> None:
        if isinstance(event, Warned):
            self._line(f"warning: {event.what}")
            return
        self.fault = event.fault
        if event.fault:
            self._line(f"warning: not saved: {event.fault}")

    def _stop(self, event: Stopped) -> None:
        self.stopped = True
        self._bar.stop()
        saved = "which is saved"
        if event.saved != event.step:
            saved = f"of which step {event.saved} is saved" if event.saved else "none is saved"
        output.note(f"stopped at step {event.step}, {saved}")
        output.note(f"go on with: sentiment train --resume {shlex.quote(str(event.path))}")

    def _start(self, event: Started) -> None:
        self.started = True
        self._stage = ""
        together = f", {event.processes} processes" if event.processes > 1 else ""
        self._line(f"run         {event.path} on {event.device}{together}")
        for line in _reviews(event.prepared):
            self._line(line)
        shape = event.architecture
        direction = "bidirectional " if shape.bidirectional else ""
        self._line(
            f"network     {direction}{shape.cell.upper()}, {shape.num_layers} x "
            f"{shape.hidden_size}, {shape.pooling} pooling, {event.parameters:,} parameters"
        )
        init = event.init and output.one_line(event.init)
        if init is not None:
            self._line(f"starts from tokenizer, embedding and encoder of {init}")
        if event.initial_accuracy is not None:
            self._line(f"{init} before training: validation accuracy {event.initial_accuracy:.2%}")
        if event.vectors is not None:
            self._line(
                f"vectors     for {event.vectors['vocabulary']:.1%} of the vocabulary, "
                f"{event.vectors['tokens']:.1%} of the running tokens"
            )
        if event.ngrams is not None:
            self._line(f"n-grams     {event.ngrams:,} of up to {shape.ngrams} tokens")
        if event.known:
            self._line(f"known       {event.known:,} training reviews, from {init}")
        if event.resumed_at:
            self._line(f"resumed     after step {event.resumed_at}")
        self._total_steps = event.total_steps
        self._new_task(f"epoch {event.epoch}", event.total_steps)
        self._began = time.monotonic()

    def _step(self, event: StepRecord) -> None:
        self._tokens += event.tokens
        self._loss = event.loss if event.loss is not None else self._loss
        if not self._live or self._task is None:
            return
        speed = self._tokens / (time.monotonic() - self._began)
        loss = "" if self._loss is None else f"loss {self._loss:.3f}  "
        self._bar.update(self._task, completed=event.step, figures=f"{loss}{speed:,.0f} tokens/s")

    def _validated(self, event: ValidationRecord) -> None:
        if self._task is not None:
            figures = f"validating {event.done:,} of {event.total:,}"
            self._bar.update(self._task, figures=figures)

    def _end_of_epoch(self, event: EpochRecord) -> None:
        figures = event.figures
        best = "  *" if event.improved else ""
        self._line(
            f"epoch {figures['epoch']:<5} training loss {figures['training_loss']:.4f}  "
            f"validation loss {figures['validation_loss']:.4f}  "
            f"accuracy {figures['validation_accuracy']:.2%}{best}"
        )
        if self._task is not None:
            ended = figures["step"] == self._total_steps
            following = "the best epoch" if ended else f"epoch {figures['epoch'] + 1}"
            self._bar.update(self._task, description=following)

    def _finish(self, event: Finished) -> None:
        self.finished = True
        self._bar.stop()
        if self._json:
            output.json_line({"run": str(event.path), **event.figures, "timing": event.timing})
            return
        for line in _summary(event.figures, event.timing):
            output.note(line)
        output.note(f"now type    sentiment eval --run {shlex.quote(str(event.path))}")
        output.result(str(event.path))

    def _new_task(self, description: str, total: int | None) -> None:
        if self._task is not None:
            self._bar.remove_task(self._task)
        self._task = self._bar.add_task(description, total=total, figures="")

    def _line(self, line: str) -> None:
        if self._live:
            self._bar.console.print(output.hung(line, _INDENT), soft_wrap=True)
        else:
            output.note(line)
            sys.stderr.flush()


def _reviews(prepared: Prepared) -> Iterator[str]:
    """Yield what was read, line by line."""
    training, validation = (sum(prepared.counts[part]) for part in ("training", "validation"))
    classes = ", ".join(output.one_line(name) for name in prepared.classes)
    yield f"reviews     {training:,} training, {validation:,} validation; {classes}"
    for pair, number in prepared.copies.items():
        yield f"copies      {number:,} {pair} too: removed"
    if prepared.unlabelled is not None:
        skipped = f"; {prepared.overlapping:,} are in validation or test and were skipped"
        yield (
            f"unlabelled  {len(prepared.unlabelled):,} reviews"
            + (skipped if prepared.overlapping else "")
        )
    if prepared.dropped:
        yield f"skipped     {prepared.dropped:,} reviews without a class"
    for note in prepared.label_notes:
        yield f"labels      {output.one_line(note)}"
    if prepared.skipped:
        yield f"skipped     {prepared.skipped:,} broken rows, as data.on_bad_rows asks"
    for note in prepared.notes:
        yield f"note        {output.one_line(note)}"


def _summary(figures: dict[str, Any], timing: dict[str, Any]) -> list[str]:
    scores = figures["validation"]
    low, high = scores["accuracy_interval"]
    return [
        f"finished    {timing['seconds']:.0f} s, {timing['tokens_per_second']:,} tokens/s, "
        f"{timing['peak_memory_mb']:,} MB",
        f"validation  accuracy {scores['accuracy']:.2%} (95% interval {low:.2%} to {high:.2%}), "
        f"balanced {scores['balanced_accuracy']:.2%}",
        f"            log loss {scores['log_loss']:.4f}, calibration error "
        f"{scores['calibration_error']:.2%}, best epoch {figures['best_epoch']}",
        *(f"beside      {line}" for line in beside_linear(figures["baseline"])),
    ]
