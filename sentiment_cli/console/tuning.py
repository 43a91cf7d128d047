"""A search as one watches it, and what it came to."""

from __future__ import annotations

import sys
import time
from typing import TYPE_CHECKING, Self

from rich import box
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table
from rich.text import Text

from sentiment_cli.analysis.tuning.budget import SEEDS
from sentiment_cli.analysis.tuning.journal import Trial
from sentiment_cli.config.nodes import shown
from sentiment_cli.console import output
from sentiment_cli.training.events import Finished, Saved, Started, Stopped, Warned
from sentiment_cli.training.loop import StepRecord, ValidationRecord

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from sentiment_cli.analysis.tuning.budget import Budget
    from sentiment_cli.analysis.tuning.verdict import Verdict
    from sentiment_cli.training.events import Event

_BEST = 5
_FRESH = 2 * SEEDS  # trainings


class TuneView:
    """Shows on stderr how far a search has come: a bar on a terminal, a line a training elsewhere.

    Args:
        trials: of the search, those kept from before and those to come.
        budget: of the search.
    """

    def __init__(self, trials: Sequence[Trial], budget: Budget) -> None:
        self.started = False
        self.fault: str | None = None
        self._budget = budget
        console = output.live()
        self._live = console.is_terminal
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=None),
            TextColumn("{task.fields[state]}"),
            TimeRemainingColumn(),
            console=console,
            transient=True,
            disable=not self._live,
            speed_estimate_period=3600,
        )
        self._done = float(sum(trial.state != "running" for trial in trials))
        total = (budget.trials or 0) + _FRESH if budget.minutes is None else 60 * budget.minutes
        self._task = self._bar.add_task("search", total=total, state="")
        self._bar.update(self._task, completed=self._reached())
        self._name = self._stage = ""
        self._tokens, self._began = 0, 0.0

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def preparing(self, stage: str, done: int, total: int | None) -> None:
        """Show how far the reading of the reviews has come."""
        if stage != self._stage and not self._live:
            output.note(f"{stage} the reviews")
        self._stage = stage
        self._update(f"{stage} the reviews" + (f" {done / total:.0%}" if total else ""))

    def show(self, name: str, event: Event | Trial) -> None:
        """Show one event of the training that is called `name`, or how a trial ended."""
        self._name = name
        if isinstance(event, StepRecord):
            self._step(event)
        elif isinstance(event, ValidationRecord):
            self._update(f"validating {event.done:,} of {event.total:,}")
        elif isinstance(event, Started):
            self.started = True
            self._tokens, self._began = 0, time.monotonic()
            if event.resumed_at:
                self._line(f"goes on after step {event.resumed_at}")
        elif isinstance(event, Trial):
            self.started = False
            self._done += 1
            self._line(_ended(event))
        elif isinstance(event, Finished):
            self.started = False
            if name.partition(",")[2]:  # with a fresh seed
                self._done += 1
                self._line(f"{event.figures['validation']['accuracy']:.2%} of validation")
        elif isinstance(event, Stopped):
            self._line(f"stopped at step {event.step}")
        elif isinstance(event, Saved | Warned):
            self._warn(event)

    def _step(self, event: StepRecord) -> None:
        self._tokens += event.tokens
        speed = self._tokens / max(1e-9, time.monotonic() - self._began)
        state = f"step {event.step:,} of {event.total:,}, {speed:,.0f} tokens/s"
        self._update(state, event.step / event.total)

    def _warn(self, event: Saved | Warned) -> None:
        if isinstance(event, Saved):
            self.fault = event.fault
        what = event.what if isinstance(event, Warned) else event.fault
        if what:
            self._line(f"warning: {what}")

    def _reached(self, share: float = 0.0) -> float:
        return self._done + share if self._budget.minutes is None else self._budget.spent

    def _update(self, state: str, share: float = 0.0) -> None:
        self._bar.update(
            self._task, description=self._name, state=state, completed=self._reached(share)
        )

    def _line(self, line: str) -> None:
        self._update("")
        if self._live:
            told = output.hung(f"{self._name}: {line}", len(self._name) + 2)
            self._bar.console.print(told, soft_wrap=True)
        else:
            output.note(f"{self._name}: {line}")
            sys.stderr.flush()


def show_search(trials: Sequence[Trial], verdict: Verdict | None) -> None:
    """Write the start and the best trials, and what they came to, to stdout."""
    done = sorted(
        (trial for trial in trials if trial.loss is not None),
        key=lambda trial: (trial.loss, trial.number),
    )
    states = [trial.state for trial in trials]
    counts = {state: states.count(state) for state in ("pruned", "diverged") if state in states}
    given_up = "".join(f", {count} {state}" for state, count in counts.items())
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("trial", justify="right")
    table.add_column("log loss\n(choosing half)", justify="right")
    table.add_column("settings")
    for trial in done[:_BEST] + [trial for trial in done[_BEST:] if trial.number == 0]:
        name = "start" if trial.number == 0 else str(trial.number)
        table.add_row(name, f"{trial.loss:.4f}", Text(_settings(trial.settings)))
    console = output.tables()
    console.print(f"{len(trials)} trials{given_up}", style="bold")
    console.print(table)
    console.print(
        "nothing did better than the start: keep it" if verdict is None else verdict.sentence()
    )


def _ended(trial: Trial) -> str:
    how = f"log loss {trial.loss:.4f}" if trial.loss is not None else trial.state
    if trial.number == 0:
        return f"{how}, the start"
    return f"{how}, {_settings(trial.settings)}"


def _settings(settings: Mapping[str, object]) -> str:
    """Settings on one line, each by the last part of its key."""
    said = (f"{key.rpartition('.')[2]} {shown(str(value))}" for key, value in settings.items())
    return output.one_line(", ".join(said)) or "as given"
