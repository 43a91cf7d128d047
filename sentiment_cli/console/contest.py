"""Many trainings as one watches them: a live table on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections import Counter
from typing import TYPE_CHECKING, Self

from rich import box
from rich.live import Live
from rich.table import Table
from rich.text import Text

from sentiment_cli.console import output
from sentiment_cli.training.events import Finished, Saved, Started, Stopped, Warned
from sentiment_cli.training.loop import EpochRecord, StepRecord, ValidationRecord

if TYPE_CHECKING:
    from collections.abc import Sequence

    from sentiment_cli.training.events import Event


class ContestView:
    """Shows on stderr which trainings of a comparison are done, and how the present one fares.

    Args:
        jobs: name of each training, and whether it is done, in their order.
    """

    def __init__(self, jobs: Sequence[tuple[str, bool]]) -> None:
        self.stopped = False
        self.started = False
        self.fault: str | None = None
        self._all = Counter(name for name, _ in jobs)
        self._done = Counter(name for name, done in jobs if done)
        self._states: dict[str, str] = {}
        console = output.live()
        self._live = console.is_terminal
        self._stage = self._share = ""
        self._now: tuple[str, int] | None = None
        self._tokens = 0
        self._began = 0.0
        self._screen = Live(
            console=console, transient=True, get_renderable=self._table, refresh_per_second=4
        )

    def __enter__(self) -> Self:
        if self._live:
            self._screen.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._screen.stop()

    def preparing(self, stage: str, done: int, total: int | None) -> None:
        """Show how far the reading of the reviews has come."""
        if stage != self._stage and not self._live:
            output.note(f"{stage} the reviews")
        share = f" {done / total:.0%}" if total else ""
        self._stage, self._share = stage, share

    def show(self, name: str, seed: int, event: Event) -> None:
        """Show one event of one training."""
        self._now = (name, seed)
        if isinstance(event, StepRecord):
            self._step(event)
        elif isinstance(event, EpochRecord):
            figures = event.figures
            self._line(
                f"epoch {figures['epoch']}: validation loss {figures['validation_loss']:.4f}, "
                f"accuracy {figures['validation_accuracy']:.2%}"
            )
        elif isinstance(event, ValidationRecord):
            self._state(f"validating {event.done:,} of {event.total:,}")
        elif isinstance(event, Started):
            self.started = True
            self._stage = ""
            self._tokens, self._began = 0, time.monotonic()
            since = f", after step {event.resumed_at}" if event.resumed_at else ""
            self._line(f"training on {event.device}{since}")
        elif isinstance(event, Finished):
            self.started = False
            self._done[name] += 1
            accuracy = event.figures["validation"]["accuracy"]
            seconds = event.timing["seconds"]
            self._line(f"{accuracy:.2%} of validation, in {seconds:.0f} s")
        elif isinstance(event, Stopped):
            self.stopped = True
            self._line(f"stopped at step {event.step}")
        elif isinstance(event, Saved | Warned):
            self._warn(event)

    def _warn(self, event: Saved | Warned) -> None:
        if isinstance(event, Saved):
            self.fault = event.fault
        what = event.what if isinstance(event, Warned) else event.fault
        if what:
            self._line(f"warning: {what}")

    def _step(self, event: StepRecord) -> None:
        self._tokens += event.tokens
        speed = self._tokens / max(1e-9, time.monotonic() - self._began)
        self._state(f"step {event.step:,} of {event.total:,}, {speed:,.0f} tokens/s")

    def _state(self, state: str) -> None:
        if self._now is not None:
            name, seed = self._now
            self._states[name] = f"seed {seed}: {state}"

    def _line(self, line: str) -> None:
        self._state(line)
        if self._now is not None and not self._live:
            name, seed = self._now
            output.note(f"{output.one_line(name, 40)}, seed {seed}: {line}")
            sys.stderr.flush()

    def _table(self) -> Table:
        caption = f"{self._stage} the reviews{self._share}" if self._stage else None
        table = Table(box=box.SIMPLE_HEAD, pad_edge=False, caption=caption, caption_justify="left")
        for title in ("config", "seeds", "the newest"):
            table.add_column(title)
        for name, count in self._all.items():
            done = self._done[name]
            state = self._states.get(name) or ("kept from before" if done == count else "waits")
            now = self._now is not None and self._now[0] == name
            table.add_row(
                Text(output.one_line(name, 40)),
                f"{done} of {count}",
                Text(output.one_line(state, 100)),
                style="bold" if now else "dim" if done == count else None,
            )
        return table
