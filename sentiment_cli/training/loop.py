"""The training loop: yields a record after each step and each epoch, and writes nothing.

Between two records the loop stands still and its state is whole, so whoever reads the records may
save it there. Randomness is a pure function of (seed, step): there is no generator to save.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from scipy.special import softmax

from sentiment_cli import metrics
from sentiment_cli.errors import DivergedError
from sentiment_cli.network.bulk import batches_by_length, classify_batches
from sentiment_cli.network.classifier import Classifier
from sentiment_cli.training.batches import epoch_batches, take
from sentiment_cli.training.loss import cross_entropy
from sentiment_cli.training.position import Position
from sentiment_cli.training.schedule import learning_rate
from sentiment_cli.training.seeds import seed_torch, step_seed
from sentiment_cli.training.world import ALONE, World

if TYPE_CHECKING:
    from collections.abc import Generator, Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from sentiment_cli.config.schema import TrainingConfig
    from sentiment_cli.reviews.dataset import TokenDataset
    from sentiment_cli.training.batches import Batch
    from sentiment_cli.training.ngrams import TrainingNgrams
    from sentiment_cli.training.optimizer import Optimizer

LOOK_EVERY = 20  # steps between two looks at the loss, each of which waits for the device


@dataclass(frozen=True, slots=True)
class StepRecord:
    """An optimizer step is done.

    Args:
        step: steps done so far.
        total: steps of the whole training, if it does not stop early.
        tokens: real tokens of the batch, padding not counted.
        lr: learning rate of the step.
        loss: mean training loss of the epoch so far, looked at now and then; else None.
        norm: length of the step's gradient before clipping, looked at together with the loss.
    """

    step: int
    total: int
    tokens: int
    lr: float
    loss: float | None
    norm: float | None


@dataclass(frozen=True, slots=True)
class ValidationRecord:
    """Some of the validation reviews are judged: `done` of `total`."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class EpochRecord:
    """An epoch is done and validated.

    Args:
        figures: what `history.jsonl` keeps of it.
        improved: whether the validation loss is the lowest so far.
    """

    figures: dict[str, Any]
    improved: bool


Record = StepRecord | ValidationRecord | EpochRecord


class Loop:
    """Trains a classifier, epoch by epoch, and keeps the weights of the best one.

    Args:
        model: the classifier, on its device.
        optimizer: moves its weights.
        training: the training reviews.
        validation: the validation reviews.
        ngrams: n-gram inputs of the training reviews; None without.
        settings: of training.
        class_weights: weight of each class in the losses, (C,), or None.
        seed: of the run.
        round: round of self-training, from 0; each is a whole training.
        rounds: how many there are.
        world: the processes that train together.
    """

    def __init__(
        self,
        model: Classifier,
        optimizer: Optimizer,
        *,
        training: TokenDataset,
        validation: TokenDataset,
        ngrams: TrainingNgrams | None,
        settings: TrainingConfig,
        class_weights: Tensor | None,
        seed: int,
        round: int = 0,
        rounds: int = 1,
        world: World = ALONE,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.training = training
        self.validation = validation
        self.ngrams = ngrams
        self.settings = settings
        self.seed = seed
        self.round = round
        self.world = world
        self.steps_per_epoch = -(-len(training) // settings.batch_size)
        self.total_steps = rounds * self.steps_per_round
        self.position = Position(
            round=round, epoch=round * settings.epochs, step=round * self.steps_per_round
        )
        self.best: dict[str, Tensor] | None = None
        self.judged: NDArray[np.float32] | None = None
        self._device = model.embedding.weight.device
        self._class_weights = class_weights
        self._kept = Classifier(model.architecture).to(self._device).eval()
        self._loss_sum = torch.zeros((), dtype=torch.float64, device=self._device)

    @property
    def steps_per_round(self) -> int:
        """Steps of one training, if it does not stop early."""
        return self.settings.epochs * self.steps_per_epoch

    @property
    def lr(self) -> float:
        """Learning rate of the next step."""
        return learning_rate(
            self.position.step - self.round * self.steps_per_round,
            total=self.steps_per_round,
            peak=self.settings.lr,
            warmup_ratio=self.settings.warmup_ratio,
            schedule=self.settings.schedule,
        )

    @property
    def best_model(self) -> Classifier:
        """The network with the weights that validated last."""
        return self._kept

    def kept(self) -> dict[str, Tensor]:
        """Return the weights of the best epoch; before the first one's end, the present ones."""
        return self.best if self.best is not None else self.optimizer.averaged()

    def saved_position(self) -> Position:
        """Return the position with the device's sums in it."""
        self.position.loss_sum = float(self._loss_sum)
        return self.position

    def go_on_from(self, position: Position, best: dict[str, Tensor] | None) -> None:
        """Take up training where a checkpoint left it; the optimizer loads its own part."""
        self.position = position
        self.best = best
        self._loss_sum.fill_(float(position.loss_sum))

    def run(self) -> Iterator[Record]:
        """Train from the present position to the end, and judge the validation reviews by the
        weights that are kept: `judged` has their logits, (N, C).

        Raises:
            DivergedError: the loss is no finite number.
        """
        position = self.position
        end = (self.round + 1) * self.settings.epochs
        while position.epoch < end and not position.stopped_early:
            batches = epoch_batches(
                self.training.lengths,
                batch_size=self.settings.batch_size,
                seed=self.seed,
                epoch=position.epoch,
            )
            while position.batch < len(batches):
                yield self._step(batches[position.batch])
            weights = self.optimizer.averaged()
            logits = yield from self._validate(weights)
            yield self._end_epoch(weights, logits)
        self.judged = yield from self._validate(self.kept())

    def _step(self, indices: NDArray[np.int32]) -> StepRecord:
        position, lr = self.position, self.lr
        self.model.train()
        seed_torch(step_seed(self.seed, position.step, self.world.rank), self._device)
        batch = take(self.training, indices, self.ngrams, self.world.part()).to(self._device)
        own = self._add_gradients(batch) if len(batch.labels) else None
        loss = self.world.add_up(own, self.optimizer.parameters)
        norm = self.optimizer.step(lr)
        self._loss_sum += loss * len(indices)
        position.batch += 1
        position.step += 1
        position.reviews += len(indices)
        looked = position.step % LOOK_EVERY == 0 or position.step == self.total_steps
        mean, length = self._look(loss, norm.detach(), lr) if looked else (None, None)
        return StepRecord(position.step, self.total_steps, batch.whole.tokens, lr, mean, length)

    def _add_gradients(self, batch: Batch) -> Tensor:
        """Add the gradients of the batch's loss to those of the weights; return the loss, ()."""
        logits = self.model(batch.ids, batch.ngrams, batch.lengths)  # (N, C)
        loss = cross_entropy(logits, batch.labels, self._class_weights, batch.whole)
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()

    def _look(self, loss: Tensor, norm: Tensor, lr: float) -> tuple[float, float]:
        if not torch.isfinite(loss) or not torch.isfinite(norm):
            raise DivergedError(
                f"the loss is {float(loss)} and the gradient's length {float(norm)} at step "
                f"{self.position.step}, learning rate {lr:.2g}",
                hint=f"try --set training.lr={self.settings.lr / 3:.2g}"
                + ("" if self.settings.clip_norm else " --set training.clip_norm=1.0"),
            )
        return float(self._loss_sum) / self.position.reviews, float(norm)

    def _validate(
        self, weights: dict[str, Tensor]
    ) -> Generator[ValidationRecord, None, NDArray[np.float32]]:
        self._kept.load_state_dict(weights)
        total, done, world = len(self.validation), 0, self.world
        logits = np.zeros((total, self.model.architecture.num_classes), dtype=np.float32)
        table = None if self.ngrams is None else self.ngrams.table
        batches = batches_by_length(self.validation.lengths)
        for first in range(0, len(batches), world.size):
            dealt = batches[first : first + world.size]  # one for each process
            own = dealt[world.rank : world.rank + 1]
            for indices, found in classify_batches(self._kept, self.validation, own, table):
                logits[indices] = found
            done += sum(map(len, dealt))
            yield ValidationRecord(done, total)
        world.gathered(logits)
        return logits

    def _end_epoch(self, weights: dict[str, Tensor], logits: NDArray[np.float32]) -> EpochRecord:
        position = self.position
        probabilities = softmax(logits.astype(np.float64), axis=1)
        loss = metrics.log_loss(
            self.validation.labels,
            probabilities,
            None if self._class_weights is None else self._class_weights.double().cpu().numpy(),
        )
        scores = metrics.score(self.validation.labels, probabilities)
        figures = {
            "epoch": position.epoch + 1,
            "step": position.step,
            "training_loss": float(self._loss_sum) / position.reviews,
            "validation_loss": loss,
            **{f"validation_{name}": value for name, value in scores.items() if name != "log_loss"},
        }
        if not np.isfinite(loss):
            raise DivergedError(
                f"the validation loss is {loss} after epoch {position.epoch + 1}",
                hint=f"try --set training.lr={self.settings.lr / 3:.2g}",
            )
        improved = position.best_loss is None or loss < position.best_loss
        if improved:
            self.best = weights
            position.best_loss, position.stale = loss, 0
            position.best_epoch, position.best_step = position.epoch + 1, position.step
        else:
            position.stale += 1
        patience = self.settings.patience
        position.stopped_early = patience is not None and position.stale >= patience
        position.history.append(figures)
        position.epoch += 1
        position.batch = position.reviews = 0
        self._loss_sum.zero_()
        return EpochRecord(figures, improved)
