"""Each contestant trained with each seed, unless the store holds it already, and measured once."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sentiment_cli.analysis.comparison.baselines import BASELINES, MAJORITY, answers
from sentiment_cli.analysis.comparison.entry import Entry, Measured
from sentiment_cli.analysis.comparison.measure import measure
from sentiment_cli.analysis.comparison.scores import TEST, Scores, kept
from sentiment_cli.analysis.comparison.store import Store, content_of
from sentiment_cli.errors import DataError, SentimentError
from sentiment_cli.reviews.corpus import open_corpus
from sentiment_cli.reviews.rows import changed
from sentiment_cli.reviews.split import Part
from sentiment_cli.runs.durable import make_folder
from sentiment_cli.runs.reader import is_finished, is_run
from sentiment_cli.training import experiment as training
from sentiment_cli.training.events import Event, Started, Stopped

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Iterator, Sequence
    from pathlib import Path

    from sentiment_cli.analysis.comparison.contest import Contestant
    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.device import DeviceChoice
    from sentiment_cli.reviews.corpus import Corpus
    from sentiment_cli.reviews.rows import Progress

_FEWEST = 2  # test reviews, for there to be a variance


@dataclass(frozen=True, slots=True)
class Job:
    """One training of a comparison, done or to be done.

    Args:
        name: of the contestant.
        experiment: with its seed.
        folder: of the run.
    """

    name: str
    experiment: Experiment
    folder: Path

    @property
    def trained(self) -> bool:
        """Whether the run is finished."""
        return is_finished(self.folder)


class Comparison:
    """Contestants, each with the same number of seeds, on the same split.

    Args:
        contestants: at least one; all read the same reviews.
        seeds: of each.
        folder: of the store.
        device: overrides the experiments'.

    Raises:
        DataError: the source of the reviews cannot be read.
    """

    def __init__(
        self,
        contestants: Sequence[Contestant],
        *,
        seeds: int,
        folder: Path,
        device: DeviceChoice | None,
    ) -> None:
        self.contestants = contestants
        self._device = device
        self._reviews = contestants[0].experiment
        self._content = content_of(self._reviews)
        self._store = Store(folder, self._content)
        experiments = [
            (contestant.name, self._on_device(contestant.with_seed(number)))
            for number in range(seeds)
            for contestant in contestants
        ]
        self.jobs = [
            Job(name, experiment, self._store.run(name, experiment))
            for name, experiment in experiments
        ]

    @cached_property
    def corpus(self) -> Corpus:
        """The reviews that all contestants share."""
        return open_corpus(self._reviews)

    def train(self, *, progress: Progress, stop: Callable[[], bool]) -> Iterator[tuple[Job, Event]]:
        """Train what is missing, each seed of all contestants before the next, and go on with what
        was stopped. A `Stopped` event is the last one.

        Args:
            progress: is told how far the reading of the reviews has come.
            stop: asked after each record; once it answers yes, a checkpoint is saved and all ends.

        Raises:
            SentimentError: any of its branches, with the contestant's name; what is finished stays.
        """
        if sum(self.corpus.counts(Part.TEST)) < _FEWEST:
            raise DataError(
                f"{self.corpus.name} leaves fewer than {_FEWEST} test reviews",
                hint="data.test_fraction, or data.test, gives more",
            )
        for job in self.jobs:
            if job.trained:
                continue
            for event in trained(job, device=self._device, progress=progress, stop=stop):
                if isinstance(event, Started) and event.prepared.content != self._content:
                    raise changed(self.corpus.name)
                yield job, event
                if isinstance(event, Stopped):
                    return

    def measure(
        self, *, progress: Progress, advance: Callable[[int], None]
    ) -> Iterator[tuple[str, Scores]]:
        """Measure what was not measured yet on the test reviews, and yield whose answers are new.

        Args:
            progress: is told of the fitting of linear models.
            advance: is told how many reviews were judged since the last call.

        Raises:
            SentimentError: a run is damaged, or a source changed meanwhile.
        """
        if any(Scores.load(self._baseline(name)) is None for name in BASELINES):
            made = answers(self._reviews, self.corpus, progress=progress)
            for name, scores in made.items():
                make_folder(self._baseline(name).parent)
                scores.save(self._baseline(name))
                if name != MAJORITY:  # it answers without a look
                    yield BASELINES[name], scores
        for job in self.jobs:
            path = job.folder / TEST
            if Scores.load(path) is None:
                scores = measure(job.folder, self.corpus, device=self._device, advance=advance)
                scores.save(path)
                yield str(job.folder), scores

    def entries(self) -> list[Entry]:
        """Return every contestant and baseline, with the answers that `measure` has kept.

        Raises:
            EnvironmentFault: some of them are gone again.
        """
        networks = []
        for contestant in self.contestants:
            jobs = [job for job in self.jobs if job.name == contestant.name]
            runs = [
                Measured(job.experiment.seed, job.folder, kept(job.folder / TEST)) for job in jobs
            ]
            scores = [run.scores for run in runs]
            networks.append(Entry(contestant.name, "network", scores, runs))
        baselines = [
            Entry(title, MAJORITY if name == MAJORITY else "linear", [kept(self._baseline(name))])
            for name, title in BASELINES.items()
        ]
        return [*networks, *baselines]

    def _baseline(self, name: str) -> Path:
        return self._store.baselines(self._reviews) / f"{name}.safetensors"

    def _on_device(self, experiment: Experiment) -> Experiment:
        return experiment.model_copy(update={"device": self._device or experiment.device})


def trained(
    job: Job, *, device: DeviceChoice | None, progress: Progress, stop: Callable[[], bool]
) -> Generator[Event, None, None]:
    """Train a job, or go on where it was stopped.

    Raises:
        SentimentError: any of its branches, with the job's name.
    """
    told: Any = {"device": device, "progress": progress, "stop": stop}
    try:
        if is_run(job.folder):
            yield from training.resume(job.folder, **told)
        else:
            make_folder(job.folder.parent)
            yield from training.start(job.experiment, job.folder, **told)
    except SentimentError as fault:
        where = f"{job.name}, seed {job.experiment.seed}"
        raise type(fault)(f"{where}: {fault.what}", hint=fault.hint) from fault
