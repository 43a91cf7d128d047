"""A study's trials, a line of `study.jsonl` for each thing that became known of one.

Nothing else of a study is kept: what comes next is a function of these lines and of the seed.
"""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from sentiment_cli.errors import ModelError
from sentiment_cli.runs.durable import append_line, make_folder, replace_file
from sentiment_cli.runs.verified import read_text

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from sentiment_cli.config.space import Value

STUDY = "study.jsonl"


@dataclass(slots=True)
class Trial:
    """Some settings, tried.

    Args:
        number: from 0, which is the experiment as it was given.
        settings: by dotted key, of all dimensions; nothing where 0 lies outside of the space.
        looks: validation log loss in the course of it, by the number of the look, from 1.
        state: `running`, `complete`, `pruned` (others had done better by then) or `diverged`.
        loss: log loss of the finished run on the reviews that choose.
        seconds: that it took; None where it was stopped in between.
    """

    number: int
    settings: dict[str, Value]
    looks: dict[int, float] = field(default_factory=dict)
    state: str = "running"
    loss: float | None = None
    seconds: float | None = None


class Journal:
    """The trials of one study, in memory and on disk.

    Args:
        folder: of the study; made where it is missing. A last line that a kill broke is dropped.

    Raises:
        ModelError: another line is damaged.
        EnvironmentFault: the machine refuses.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / STUDY
        self.trials: list[Trial] = []
        make_folder(folder)
        lines = read_text(self._path).splitlines() if os.path.lexists(self._path) else []
        for number, line in enumerate(lines, start=1):
            try:
                self._take(json.loads(line))
            except (ValueError, TypeError, KeyError, IndexError) as fault:
                if number < len(lines):
                    raise ModelError(
                        f"{self._path}:{number} is damaged",
                        hint="put it back, or search anew into another folder with --out DIR",
                    ) from fault
                whole = "".join(f"{before}\n" for before in lines[:-1])
                replace_file(self._path, whole.encode())

    @property
    def running(self) -> Trial | None:
        """The trial that was begun and has not ended."""
        last = self.trials[-1] if self.trials else None
        return last if last is not None and last.state == "running" else None

    @property
    def complete(self) -> list[Trial]:
        """The trials that were trained to their end, the best first."""
        done = [trial for trial in self.trials if trial.loss is not None]
        return sorted(done, key=lambda trial: (trial.loss, trial.number))

    def begin(self, settings: Mapping[str, Value]) -> Trial:
        """Add a trial."""
        self._tell({"trial": len(self.trials), "settings": dict(settings)})
        return self.trials[-1]

    def look(self, number: int, loss: float) -> None:
        """Note how the running trial does by now."""
        self._tell({"look": number, "loss": loss})

    def end(self, state: str, loss: float | None = None, seconds: float | None = None) -> None:
        """Note how the running trial ended."""
        self._tell({"state": state, "loss": loss, "seconds": seconds})

    def give_up(self, trial: Trial) -> None:
        """Note that a trial, which had come to its end, diverges under another seed."""
        self._tell({"state": "diverged", "of": trial.number, "loss": None, "seconds": None})

    def _tell(self, line: Mapping[str, Any]) -> None:
        append_line(self._path, json.dumps(line, allow_nan=False).encode())
        self._take(line)

    def _take(self, line: Mapping[str, Any]) -> None:
        if "settings" in line:
            self.trials.append(Trial(len(self.trials), dict(line["settings"])))
        elif "look" in line:
            self.trials[-1].looks[int(line["look"])] = float(line["loss"])
        else:
            own = self.trials[line.get("of", -1)]
            own.state, own.loss, own.seconds = line["state"], line["loss"], line["seconds"]
