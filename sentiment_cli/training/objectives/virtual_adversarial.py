"""Virtual adversarial training, on labelled and unlabelled reviews."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch
from torch.nn import functional

from sentiment_cli.training.batches import Padded
from sentiment_cli.training.objectives.cross_entropy import cross_entropy
from sentiment_cli.training.objectives.objective import classified, gradient_of, of_length

if TYPE_CHECKING:
    from torch import Tensor

    from sentiment_cli.network.classifier import Classifier
    from sentiment_cli.training.batches import Batch

_PROBE = 0.1
"""Length of d: far enough for float32 to see a difference, near enough to be a slope."""


@dataclass(frozen=True, slots=True)
class VirtualAdversarial:
    """-log p(y | s) over the labelled reviews, plus over all of them, the unlabelled too,

        KL[ p(. | s) || p(. | s + r) ],
        r = epsilon * g / |g|,   g = gradient by d of KL[ p(. | s) || p(. | s + d) ]

    each term the mean over its reviews; d is a short step in a random direction, which makes g one
    power iteration. Miyato, Dai and Goodfellow, Adversarial Training Methods for Semi-Supervised
    Text Classification, ICLR 2017, section 3. s is the embedded review, all its L x E
    numbers as one vector; p(. | s) and r are constants to the gradient; p drops the same units each
    time.

    Args:
        epsilon: length of r.
        class_weights: weight of each class in the first term, (C,), or None.
    """

    epsilon: float
    class_weights: Tensor | None

    def __call__(self, model: Classifier, table: Tensor, batch: Batch, *, seed: int) -> Tensor:
        """Add the gradient and return the loss, as `Objective` asks.

        Three readings of each labelled review, forward and backward, and of each unlabelled one
        two and a forward one.
        """
        readings = [Padded(batch.ids, batch.lengths)]
        if batch.unlabelled is not None:  # its part of a small batch may have none
            readings.append(batch.unlabelled)
        embedded = [model.embed(ids, table) for ids, _ in readings]  # (N, L, E) and (M, K, E)
        probes = [_probe(own, read.lengths) for own, read in zip(embedded, readings, strict=True)]
        shares = [len(own) / batch.reviews for own in embedded]
        labelled = embedded[0]

        leaf = labelled.detach().requires_grad_()
        logits = classified(model, leaf, batch.lengths, seed=seed)  # (N, C)
        plain = cross_entropy(logits, batch.labels, self.class_weights, batch.whole)
        plain.backward()  # type: ignore[no-untyped-call]
        loss = plain.detach() + self._roughness(
            model, leaf, batch.lengths, logits.detach(), probes[0], weight=shares[0], seed=seed
        )
        labelled.backward(gradient_of(leaf))  # type: ignore[no-untyped-call]

        if len(embedded) > 1:
            unlabelled, lengths = embedded[1], readings[1].lengths
            leaf = unlabelled.detach().requires_grad_()
            with torch.no_grad():
                logits = classified(model, leaf, lengths, seed=seed)  # (M, C)
            loss += self._roughness(
                model, leaf, lengths, logits, probes[1], weight=shares[1], seed=seed
            )
            unlabelled.backward(gradient_of(leaf))  # type: ignore[no-untyped-call]
        return loss

    def _roughness(
        self,
        model: Classifier,
        leaf: Tensor,
        lengths: Tensor,
        logits: Tensor,
        probe: Tensor,
        *,
        weight: float,
        seed: int,
    ) -> Tensor:
        """Return weight * KL[p(. | s) || p(. | s + r)], and add its gradient at the leaf s.

        Args:
            model: in training mode.
            leaf: s, (N, L, E).
            lengths: tokens of each review, (N,).
            logits: those of s, (N, C).
            probe: d, (N, L, E).
            weight: of this term.
            seed: of the dropouts.
        """

        def divergence(place: Tensor) -> Tensor:
            return _divergence(logits, classified(model, place, lengths, seed=seed))

        probed = (leaf.detach() + probe).requires_grad_()
        (direction,) = torch.autograd.grad(divergence(probed), probed)
        loss = weight * divergence(leaf + of_length(direction, self.epsilon))
        loss.backward()  # type: ignore[no-untyped-call]
        return loss.detach()


def _probe(embedded: Tensor, lengths: Tensor) -> Tensor:
    """Return a step in a random direction for each review, none at padding, (N, L, E)."""
    real = torch.arange(embedded.shape[1]) < lengths[:, None]  # (N, L)
    drawn = torch.randn_like(embedded) * real[:, :, None].to(embedded.device)
    return of_length(drawn, _PROBE)


def _divergence(logits: Tensor, others: Tensor) -> Tensor:
    """Return the mean of KL[softmax(logits) || softmax(others)] in nats, (N, C) each, to ()."""
    return functional.kl_div(
        functional.log_softmax(others, dim=1),
        functional.log_softmax(logits, dim=1),
        reduction="batchmean",
        log_target=True,
    )
