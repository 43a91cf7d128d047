"""The stage before the classifier's: a language model, from its reviews to the classifier's start.

Dai and Le, Semi-supervised Sequence Learning, NIPS 2015: a recurrent network that has learned to
foretell words is a better start for a classifier than one drawn at random.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch

from sentiment_cli.errors import EnvironmentFault
from sentiment_cli.runs.checkpoints import PRETRAINING
from sentiment_cli.training.events import (
    Pretrained,
    PretrainingStarted,
    Saved,
    Stopped,
    Warned,
    passed_over,
)
from sentiment_cli.training.pretraining.assembly import assemble
from sentiment_cli.training.pretraining.checkpoint import checkpoint_files, restore
from sentiment_cli.training.pretraining.kept import Outcome, keep_outcome, kept_outcome, key_of
from sentiment_cli.training.pretraining.loop import PretrainingEpoch
from sentiment_cli.training.state import largest_file, reading
from sentiment_cli.training.vectors.counted import DEVIATION
from sentiment_cli.training.vectors.start import begin_with_vectors
from sentiment_cli.training.world import ALONE, LostError, World

if TYPE_CHECKING:
    from collections.abc import Callable, Generator
    from typing import Any

    from torch import Tensor

    from sentiment_cli.config.schema import Experiment
    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.reviews.prepare import Prepared, Progress
    from sentiment_cli.runs.store import RunFolder
    from sentiment_cli.training.events import Event


class Pretraining:
    """The pre-training of one run.

    Args:
        folder: of the run.
        classifier: that will begin with what is learned; on its device.
        experiment: all settings.
        prepared: the reviews as tokens.
        world: the processes that train together.
    """

    def __init__(
        self,
        folder: RunFolder,
        classifier: Classifier,
        experiment: Experiment,
        prepared: Prepared,
        world: World = ALONE,
    ) -> None:
        self._folder = folder
        self._classifier = classifier
        self._experiment = experiment
        self._prepared = prepared
        self._reviews = reading(prepared)
        self._saved: int | None = None
        self.found = False
        """Whether an earlier run's language model was taken."""
        device = classifier.embedding.weight.device
        self.loop = assemble(experiment, prepared, classifier.architecture, device, world)

    def begin(self, progress: Progress) -> list[Warned]:
        """Bring the language model to its start, or to where a checkpoint left it.

        Args:
            progress: is told what is done.

        Returns:
            What is amiss.

        Raises:
            SentimentError: the checkpoints or the vectors are not what they should be.
        """
        position, model = self.loop.position, self.loop.model
        saved = self._folder.newest_checkpoint(largest=largest_file(model), pretraining=True)
        if saved is not None:
            restore(self.loop, saved.files, self._reviews, place=str(self._folder.path))
            self._saved = saved.step
            return passed_over(saved)
        warned = None
        if self._experiment.model.vectors is not None:
            progress("finding word vectors for", 0, None)
            position.vectors, warned = begin_with_vectors(model, self._experiment, self._prepared)
        position.key = key_of(self._experiment, self._prepared, model)
        return [] if warned is None else [Warned(warned)]

    def events(self, stop: Callable[[], bool]) -> Generator[Event, None, dict[str, Any] | None]:
        """Train the language model, unless one is kept, and let the classifier begin with it.

        Args:
            stop: asked after each record; once it answers yes, a checkpoint is saved and all ends.

        Returns:
            The account of it, as in `Outcome`; None if it was stopped.

        Raises:
            DivergedError: the loss is no finite number.
        """
        key = self.loop.position.key
        outcome = kept_outcome(key, self.loop.model)
        self.found = outcome is not None
        if outcome is None:
            yield self._started()
            self.loop.world.send(lambda: {PRETRAINING: b"", **self._state()})
            if (yield from self._trained(stop)):
                return None
            outcome = self._outcome()
            keep_outcome(key, outcome)
        yield Pretrained(outcome.account, self.found)
        hand_over(outcome.weights, self.loop.model.log_shares.exp(), self._classifier)
        return outcome.account

    def _started(self) -> PretrainingStarted:
        texts = self.loop.texts
        return PretrainingStarted(
            reviews=len(texts),
            tokens=int(texts.lengths.sum()),
            total_steps=self.loop.total_steps,
            resumed_at=self.loop.position.step,
            epoch=self.loop.position.epoch + 1,
        )

    def _trained(self, stop: Callable[[], bool]) -> Generator[Event, None, bool]:
        """Train to the end; return whether it was stopped before."""
        every = self._experiment.checkpoint.every
        try:
            for record in self.loop.run():
                yield record
                stopping = stop()
                due = isinstance(record, PretrainingEpoch) or (
                    every != "epoch" and not record.step % every
                )
                if due or stopping:
                    yield self._save()
                if stopping:
                    step = self.loop.position.step
                    yield Stopped(self._folder.path, step, self._saved, pretraining=True)
                    return True
        except LostError:
            yield self._save()  # of the steps that are done nothing is lost
            raise
        return False

    def _save(self) -> Saved:
        step = self.loop.position.step
        files = self._state()
        keep = self._experiment.checkpoint.keep
        try:
            self._folder.save_checkpoint(step, files, best_step=None, keep=keep, pretraining=True)
        except EnvironmentFault as fault:  # the next interval tries again
            return Saved(step, fault.what, pretraining=True)
        self._saved = step
        return Saved(step, pretraining=True)

    def _state(self) -> dict[str, bytes]:
        return checkpoint_files(self.loop, self._reviews)

    def _outcome(self) -> Outcome:
        loop = self.loop
        shared = {k: v for k, v in loop.weights().items() if not k.startswith("projections.")}
        last = loop.position.history[-1]
        account = {
            "reviews": len(loop.texts),
            "tokens": int(loop.texts.lengths.sum()),
            "epochs": loop.position.epoch,
            "steps": loop.position.step,
            "loss": last["loss"],
            "validation_loss": last["validation_loss"],
            "history": loop.position.history,
        }
        return Outcome(shared, account)


@torch.no_grad()
def hand_over(weights: dict[str, Tensor], shares: Tensor, classifier: Classifier) -> None:
    """Give a classifier the language model's embedding and encoder.

    The embedding is scaled to the deviation that counted vectors have, and what reads it the other
    way, so that the states are the same, and an epsilon means the same as elsewhere.

    Args:
        weights: by name.
        shares: of each token among all, (V,).
        classifier: whose head keeps its draw.
    """
    for name, value in weights.items():
        classifier.get_parameter(name).copy_(value)
    embedding = classifier.embedding.weight  # (V, E)
    apart = embedding - shares @ embedding
    deviation = float((shares @ apart.square()).mean().sqrt())
    factor = DEVIATION / (deviation or DEVIATION)
    embedding.mul_(factor)
    first = 2 if classifier.architecture.bidirectional else 1
    for weight_ih, *_ in classifier.encoder.all_weights[:first]:
        weight_ih.div_(factor)
