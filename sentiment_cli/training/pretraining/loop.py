"""The loop of language-model pre-training: yields records as the classifier's does, and writes
nothing.

Between two records it stands still and its state is whole. Randomness is a pure function of
(seed, step), the order of the reviews one of (seed, epoch).
"""

from __future__ import annotations

import copy
import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from sentiment_cli.errors import DivergedError
from sentiment_cli.network.architecture import PAD
from sentiment_cli.training.batches import epoch_batches
from sentiment_cli.training.loop import LOOK_EVERY, step_seeds
from sentiment_cli.training.pretraining.sampled_softmax import chances, drawn, sampled_loss
from sentiment_cli.training.pretraining.texts import Passage, passage
from sentiment_cli.training.schedule import learning_rate
from sentiment_cli.training.world import ALONE, World

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray
    from torch import Tensor

    from sentiment_cli.config.schema import PretrainingConfig
    from sentiment_cli.network.language_model import LanguageModel
    from sentiment_cli.training.optimizer import Optimizer
    from sentiment_cli.training.pretraining.texts import Texts

_WARMUP = 0.1
_HELD_OUT = 128  # validation reviews that are read: each token is dear, as the softmax is whole


@dataclass(frozen=True, slots=True)
class PretrainingStep:
    """An optimizer step of the language model is done.

    Args:
        step: steps done so far.
        total: steps of the whole pre-training.
        tokens: real tokens of the batch, padding not counted.
        loss: mean loss of the epoch so far, looked at now and then; else None.
    """

    step: int
    total: int
    tokens: int
    loss: float | None


@dataclass(frozen=True, slots=True)
class PretrainingEpoch:
    """An epoch of the language model is done.

    Args:
        figures: `epoch`, `loss` of its steps, by sampled softmax with dropout, and
            `validation_loss`, whole and without; both in nats a token that is foretold.
    """

    figures: dict[str, Any]


@dataclass(slots=True)
class PretrainingPosition:
    """Where pre-training stands between two records; kept as JSON.

    Args:
        key: under which the result will be kept.
        epoch: the epoch that is under way, from 0.
        batch: batches of it that are done.
        step: optimizer steps of the whole pre-training that are done.
        foretold: tokens foretold in this epoch, each direction's counted.
        loss_sum: their summed loss.
        history: one record an epoch.
        vectors: as in the classifier's position.
    """

    key: str = ""
    epoch: int = 0
    batch: int = 0
    step: int = 0
    foretold: int = 0
    loss_sum: float = 0.0
    history: list[dict[str, Any]] = field(default_factory=list)
    vectors: dict[str, float] | None = None


class PretrainingLoop:
    """Trains a language model, epoch by epoch.

    Args:
        model: on its device.
        optimizer: moves its weights.
        texts: reviews that teach.
        held_out: reviews on which it is measured, some of them, evenly spaced.
        settings: of pre-training.
        seed: of the run.
        world: the processes that train together.
    """

    def __init__(
        self,
        model: LanguageModel,
        optimizer: Optimizer,
        *,
        texts: Texts,
        held_out: Texts,
        settings: PretrainingConfig,
        seed: int,
        world: World = ALONE,
    ) -> None:
        self.model = model
        self.optimizer = optimizer
        self.texts = texts
        self.settings = settings
        self.seed = seed
        self.world = world
        self.position = PretrainingPosition()
        self._held_out = held_out
        self._kept = copy.deepcopy(model).eval()
        self._device = model.embedding.weight.device
        shares = model.log_shares.exp().double().cpu().numpy()
        self._chances = chances(shares, settings.negatives)
        self._log_chances = torch.from_numpy(np.log(np.maximum(self._chances, 1e-38))).float()
        self._loss_sum = torch.zeros((), dtype=torch.float64, device=self._device)

    @property
    def total_steps(self) -> int:
        """Steps of the whole pre-training."""
        return self.settings.epochs * -(-len(self.texts) // self.settings.batch_size)

    @property
    def lr(self) -> float:
        """Learning rate of the step that comes next."""
        return learning_rate(
            self.position.step,
            total=self.total_steps,
            peak=self.settings.lr,
            warmup=_WARMUP,
            schedule="cosine",
        )

    def saved_position(self) -> PretrainingPosition:
        """Return the position with the device's sums in it."""
        self.position.loss_sum = float(self._loss_sum)
        return self.position

    def go_on_from(self, position: PretrainingPosition) -> None:
        """Take up pre-training where a checkpoint left it; the optimizer loads its own part."""
        self.position = position
        self._loss_sum.fill_(position.loss_sum)

    def run(self) -> Iterator[PretrainingStep | PretrainingEpoch]:
        """Train from the present position to the end.

        Raises:
            DivergedError: the loss is no finite number.
        """
        position = self.position
        while position.epoch < self.settings.epochs:
            batches = epoch_batches(
                self.texts.lengths,
                batch_size=self.settings.batch_size,
                seed=self.seed,
                epoch=position.epoch,
            )
            while position.batch < len(batches):
                yield self._step(batches[position.batch])
            yield self._end_epoch()

    def weights(self) -> dict[str, Tensor]:
        """Return a copy of the language model's weights by name."""
        return self.optimizer.averaged(self.lr)

    def held_out_loss(self) -> float:
        """Return the mean loss a token that is foretold in the held-out reviews, in nats."""
        self._kept.load_state_dict(self.weights())
        lengths = self._held_out.lengths
        evenly = np.unique(np.linspace(0, len(lengths) - 1, _HELD_OUT).astype(np.int64))
        chosen = evenly[np.argsort(lengths[evenly], kind="stable")]
        total = np.zeros(1)
        size = self.settings.batch_size
        for start in range(self.world.rank * size, len(chosen), self.world.size * size):
            indices = chosen[start : start + size]
            batch = passage([self._held_out[i] for i in indices], np.empty(0, dtype=np.int64))
            ids = batch.rows[batch.ids].to(self._device)
            total += self._kept.loss_sum(ids, batch.lengths)
        self.world.gathered(total)
        foretold = int((lengths[chosen] - 1).sum()) * self.model.architecture.num_directions
        return float(total[0]) / max(foretold, 1)

    def diverged(self) -> DivergedError:
        """Return the fault of weights or a loss that are no finite numbers."""
        return DivergedError(
            f"the language model's weights or loss are no numbers at step {self.position.step}, "
            f"learning rate {self.lr:.2g}",
            hint=f"try --set pretraining.lr={self.settings.lr / 3:.2g}",
        )

    def _step(self, indices: NDArray[np.int32]) -> PretrainingStep:
        position, lr = self.position, self.lr
        self.model.train()
        dropped, _ = step_seeds(self.seed, position.step, self.world.rank)
        _, shared = step_seeds(self.seed, position.step)  # all processes draw the same negatives
        torch.manual_seed(dropped)
        negatives = drawn(self._chances, np.random.default_rng(shared))
        sequences, part = [self.texts[i] for i in indices], self.world.part(len(indices))
        tokens = sum(map(len, sequences))
        foretold = (tokens - len(sequences)) * self.model.architecture.num_directions
        batch = passage(sequences, negatives, part).to(self._device)
        table = self.optimizer.table(batch.rows, lr)  # (R, E)
        log_chances = self._log_chances[torch.from_numpy(negatives)].to(self._device)  # (K,)
        own = None
        if len(batch.lengths):
            summed = self._summed(table, batch, log_chances)
            (summed / max(foretold, 1)).backward()  # type: ignore[no-untyped-call]
            own = summed.detach()
        loss = self.world.add_up(own, self.optimizer.leaves(table))
        norm = self.optimizer.step(batch.rows, table, lr)
        self._loss_sum += loss
        position.batch += 1
        position.step += 1
        position.foretold += foretold
        looked = position.step % LOOK_EVERY == 0 or position.step == self.total_steps
        if looked and not (torch.isfinite(loss) and torch.isfinite(norm)):
            raise self.diverged()
        return PretrainingStep(
            position.step,
            self.total_steps,
            tokens,
            float(self._loss_sum) / max(position.foretold, 1) if looked else None,
        )

    def _summed(self, table: Tensor, batch: Passage, log_chances: Tensor) -> Tensor:
        """Return the sum of the losses over all that is foretold."""
        log_shares = self.model.log_shares[batch.rows]  # (R,)
        losses = [
            sampled_loss(
                query.flatten(0, 1), target.flatten(), table, log_shares, batch.negatives,
                log_chances,
            ).masked_fill(target.flatten() == PAD, 0.0).sum()
            for query, target in self.model.queries(batch.ids, batch.lengths, table)
        ]  # fmt: skip
        return torch.stack(losses).sum()

    def _end_epoch(self) -> PretrainingEpoch:
        position = self.position
        figures = {
            "epoch": position.epoch + 1,
            "loss": float(self._loss_sum) / max(position.foretold, 1),
            "validation_loss": self.held_out_loss(),
        }
        if not all(map(math.isfinite, figures.values())):
            raise self.diverged()
        position.history.append(figures)
        position.epoch += 1
        position.batch = position.foretold = 0
        self._loss_sum.zero_()
        return PretrainingEpoch(figures)
