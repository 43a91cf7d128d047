"""A search: trials, then the start and the winner again under fresh seeds.

runs/tune/
  quick-5f0c...                a study: one experiment, its reviews, one search space
    study.jsonl                what became known of each trial
    trial-7-seed0-91ab...      run folders, as `train` makes them; those of pruned trials are gone
    trial-7-seed1-...          the winner and the start under fresh seeds
    quick-tuned.yaml           the winner
"""

from __future__ import annotations

import textwrap
import time
from contextlib import closing
from functools import cached_property
from typing import TYPE_CHECKING

from sentiment_cli.analysis.comparison.contest import Contestant
from sentiment_cli.analysis.comparison.jobs import Job, trained
from sentiment_cli.analysis.comparison.scores import Scores
from sentiment_cli.analysis.comparison.store import Store, content_of
from sentiment_cli.analysis.tuning.answers import answers, choosing_loss
from sentiment_cli.analysis.tuning.budget import SEEDS
from sentiment_cli.analysis.tuning.journal import Journal, Trial
from sentiment_cli.analysis.tuning.suggest import hopeless, require_optuna, suggest
from sentiment_cli.analysis.tuning.verdict import Verdict, judge
from sentiment_cli.config.schema import CheckpointConfig
from sentiment_cli.config.writer import dump_experiment
from sentiment_cli.errors import DivergedError
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.split import Part
from sentiment_cli.reviews.start import read_start, settled
from sentiment_cli.runs.durable import make_folder, remove_directory, replace_file
from sentiment_cli.runs.lock import Lock
from sentiment_cli.training.events import Event, Saved, Started

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sentiment_cli.analysis.tuning.budget import Budget
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.config.space import SearchSpace
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.rows import Progress

VALIDATION = "validation.safetensors"
START = "start"
_LOOKS = 3  # at a trial of one epoch, the end among them


class Study:
    """One search, and the lock on its folder, which `close` lets go.

    Args:
        space: the experiment that it starts from, and what may be varied.
        folder: of all studies.

    Raises:
        DataError: the source of the reviews cannot be read.
        EnvironmentFault: Optuna is missing, or another process goes on with the same search.
    """

    def __init__(self, space: SearchSpace, folder: Path) -> None:
        require_optuna()
        self.space = space
        self.start = space.loaded.experiment
        content = content_of(self.start)
        self.path = Store(folder, content).study(space.loaded.name, self.start, space.described())
        make_folder(self.path)
        self._lock = Lock(self.path)
        self._store = Store(self.path, content)
        self.journal = Journal(self.path)

    def close(self) -> None:
        """Let the lock go."""
        self._lock.release()

    @cached_property
    def corpus(self) -> Corpus:
        """The reviews, which every trial shares."""
        return open_corpus(self.start)

    @property
    def winner(self) -> Trial | None:
        """The best trial; None where none did better than the start."""
        best = self.journal.complete[0] if self.journal.complete else None
        if best is None or best.number == 0:
            return None
        return None if self.space.experiment(best.settings) == self.start else best

    def run(
        self, budget: Budget, *, progress: Progress, stop: Callable[[], bool]
    ) -> Iterator[tuple[str, Event | Trial]]:
        """Try settings as long as the budget allows, then train the winner and the start under
        fresh seeds; yield each training's events under its name, and each trial that has ended.
        Whatever was under way goes on.

        Args:
            budget: of trials or of minutes.
            progress: is told how far the reading of the reviews has come.
            stop: asked after each record; once it answers yes, a checkpoint is saved and all ends.

        Raises:
            SentimentError: any of its branches; but a trial that diverges, under a fresh seed too,
                is given up, unless it is the start.
        """
        yield from self._search(budget, progress, stop)
        while not stop() and (winner := self.winner) is not None:
            job = next((job for job in self.fresh if not job.trained), None)
            if job is None:
                return
            try:
                for event in trained(job, device=None, progress=progress, stop=stop):
                    yield f"{job.name}, seed {job.experiment.seed}", event
            except DivergedError:
                if job.name == START:
                    raise
                remove_directory(job.folder)
                self.journal.give_up(winner)
                yield f"trial {winner.number}", winner

    @property
    def fresh(self) -> list[Job]:
        """The trainings that judge, each seed of both before the next; none without a winner."""
        if self.winner is None:
            return []
        tuned = self.space.experiment(self.winner.settings)
        both = [
            Contestant(START, self.start),
            Contestant(f"trial {self.winner.number}", tuned),
        ]
        return [
            self._job(one.name, one.with_seed(number))
            for number in range(1, SEEDS + 1)
            for one in both
        ]

    def verdict(self) -> Verdict | None:
        """Return whether the winner holds; all fresh trainings must be done. None without one.

        Raises:
            SentimentError: a run is damaged, or a source changed meanwhile.
        """
        if self.winner is None:
            return None
        by_name: dict[str, list[Scores]] = {}
        for job in self.fresh:
            kept = job.folder / VALIDATION
            scores = Scores.load(kept)
            if scores is None:
                scores = answers(job.folder, self.corpus, device=self.start.device)
                scores.save(kept)
            by_name.setdefault(job.name, []).append(scores)
        start = by_name.pop(START)
        ((winner, tuned),) = by_name.items()
        return judge(start, tuned, winner)

    def save_winner(self, verdict: Verdict) -> Path:
        """Write the winner as an experiment file, which says whether it held, and return its path.

        Raises:
            EnvironmentFault: the disk refuses.
        """
        assert self.winner is not None
        path = self.path / f"{self.space.loaded.name}-tuned.yaml"
        own = self.space.experiment(self.winner.settings)
        found = dump_experiment(settled(own, read_start(own)))
        lines = textwrap.wrap(verdict.sentence(), 98, break_long_words=False)
        replace_file(path, ("".join(f"# {line}\n" for line in lines) + found).encode())
        return path

    def _search(
        self, budget: Budget, progress: Progress, stop: Callable[[], bool]
    ) -> Iterator[tuple[str, Event | Trial]]:
        while not stop() and (self.journal.running or budget.allows(self.journal.trials)):
            trial = self.journal.running
            if trial is None:
                settings = self._next()
                if settings is None:
                    return  # all has been tried
                trial = self.journal.begin(settings)
            job = self._job(f"trial {trial.number}", self._watched(trial))
            began = time.monotonic()
            whole = not job.folder.exists()
            try:
                for event in self._watch(job, progress, stop):
                    yield job.name, event
            except DivergedError:
                if trial.number == 0:
                    raise
                self._drop(job, "diverged")
            if trial.state == "running":
                if not job.trained:
                    return  # it was stopped
                loss = choosing_loss(answers(job.folder, self.corpus, device=self.start.device))
                seconds = round(time.monotonic() - began, 2) if whole else None
                self.journal.end("complete", loss, seconds)
            yield job.name, trial

    def _next(self) -> dict[str, int | float | str] | None:
        if not self.journal.trials:
            return self.space.start()
        return suggest(self.space, self.journal.trials, self.start.seed)

    def _watched(self, trial: Trial) -> Experiment:
        """The trial's experiment, with a checkpoint wherever it is looked at."""
        own = self.space.experiment(trial.settings)
        steps = -(-sum(self.corpus.counts(Part.TRAINING)) // own.training.batch_size)
        # Looks of trials are held against each other by their number: all mean epochs, or none.
        whole = own.training.epochs > 1 or "training.epochs" in self.space.dimensions
        looked = CheckpointConfig(every="epoch" if whole else -(-steps // _LOOKS))
        return own.model_copy(update={"checkpoint": looked})

    def _job(self, name: str, experiment: Experiment) -> Job:
        return Job(name, experiment, self._store.run(name, experiment))

    def _watch(self, job: Job, progress: Progress, stop: Callable[[], bool]) -> Iterator[Event]:
        """Train a trial until it is finished, stopped or given up."""
        if job.trained:
            return
        stretch = total = 0  # steps between two looks, and all of them
        with closing(trained(job, device=None, progress=progress, stop=stop)) as events:
            for event in events:
                yield event
                if isinstance(event, Started):
                    every, total = job.experiment.checkpoint.every, event.total_steps
                    rounds = 1 + job.experiment.self_training_rounds
                    whole = total // (rounds * job.experiment.training.epochs)
                    stretch = whole if every == "epoch" else every
                    step = event.resumed_at
                elif isinstance(event, Saved) and event.fault is None:
                    step = event.step
                else:
                    continue
                if step < total:
                    self._look(job, step, stretch)
                if hopeless(self.journal.trials):
                    break
            else:
                return
        self._drop(job, "pruned")

    def _look(self, job: Job, step: int, stretch: int) -> None:
        """Note how a trial does at a checkpoint, if that is one of those that all have."""
        trial = self.journal.running
        assert trial is not None
        number, rest = divmod(step, stretch)
        if number and not rest and number not in trial.looks:
            scores = answers(job.folder, self.corpus, device=self.start.device)
            self.journal.look(number, choosing_loss(scores))

    def _drop(self, job: Job, state: str) -> None:
        remove_directory(job.folder)
        self.journal.end(state)
