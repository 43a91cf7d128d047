"""How weights move: AdamW or plain SGD, clipping, and the moving average that is saved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
from torch.nn.utils import clip_grad_norm_
from torch.optim.adamw import adamw

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor
    from torch.nn import Parameter

    from sentiment_cli.network.classifier import Classifier

BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8
_ADAMW_STATE = ("step", "exp_avg", "exp_avg_sq")


class Optimizer:
    """Moves a network's weights, and keeps their average.

    AdamW: Loshchilov and Hutter 2019, betas 0.9 and 0.99; weight decay only on matrices, and none
    on the embedding. SGD: new weight = weight - learning rate * gradient. The average is
    exponential with Adam's correction for its start (Kingma and Ba 2015, section 7.2).

    Args:
        model: the network whose weights are moved, in place.
        kind: `adamw` or `sgd`.
        weight_decay: of adamw.
        clip_norm: longest gradient over all weights, or None.
        ema_decay: decay of the average; 0 keeps the last weights.
    """

    def __init__(
        self,
        model: Classifier,
        *,
        kind: Literal["adamw", "sgd"],
        weight_decay: float,
        clip_norm: float | None,
        ema_decay: float,
    ) -> None:
        self.model = model
        self.kind = kind
        self.clip_norm = clip_norm
        self.ema_decay = ema_decay
        self.steps = 0
        self.parameters = list(model.parameters())
        decayed = [p for p in self.parameters if p.ndim > 1 and p is not model.embedding.weight]
        plain = [p for p in self.parameters if p.ndim <= 1 or p is model.embedding.weight]
        self._groups = ((decayed, weight_decay), (plain, 0.0))
        kept = self.parameters if kind == "adamw" else []
        self._state = {key: {p: _zeros(p, key) for p in kept} for key in _ADAMW_STATE}
        self._average = {
            name: torch.zeros_like(p) for name, p in model.named_parameters() if ema_decay
        }

    @torch.no_grad()
    def step(self, lr: float) -> Tensor:
        """Move the weights along their gradients; return the gradient's length before clipping."""
        norm = clip_grad_norm_(self.parameters, self.clip_norm or float("inf"), foreach=True)
        weights = [p.detach() for p in self.parameters]
        if self.kind == "adamw":
            for parameters, weight_decay in self._groups:
                self._adamw(parameters, lr, weight_decay)
        else:
            gradients = [p.grad for p in self.parameters if p.grad is not None]
            torch._foreach_add_(weights, gradients, alpha=-lr)
        for parameter in self.parameters:
            parameter.grad = None
        self.steps += 1
        if self.ema_decay:
            torch._foreach_lerp_(list(self._average.values()), weights, 1 - self.ema_decay)
        return norm

    def _adamw(self, parameters: list[Parameter], lr: float, weight_decay: float) -> None:
        # torch's function, since its class loads torch._dynamo, which takes more than a second.
        steps, averages, squares = ([self._state[k][p] for p in parameters] for k in _ADAMW_STATE)
        adamw(
            list[torch.Tensor](parameters),
            [p.grad for p in parameters if p.grad is not None],
            averages,
            squares,
            [],
            steps,
            fused=True,
            amsgrad=False,
            beta1=BETA1,
            beta2=BETA2,
            lr=lr,
            weight_decay=weight_decay,
            eps=EPSILON,
            maximize=False,
        )

    def averaged(self) -> dict[str, Tensor]:
        """Return a copy of the weights to save: their average, or the weights without averaging."""
        if not self.ema_decay or not self.steps:
            return {name: p.detach().clone() for name, p in self.model.named_parameters()}
        correction = 1 - self.ema_decay**self.steps
        return {name: value / correction for name, value in self._average.items()}

    def tensors(self) -> dict[str, Tensor]:
        """Return all that changes, weights among it, by name; `load` takes it back."""
        found = {f"weight.{name}": p.detach() for name, p in self.model.named_parameters()}
        found |= {f"average.{name}": value for name, value in self._average.items()}
        if self.kind == "adamw" and self.steps:
            found |= {
                f"{key}.{name}": state[parameter]
                for name, parameter in self.model.named_parameters()
                for key, state in self._state.items()
            }
        return found

    def load(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Continue from what `tensors` returned after `steps` steps."""
        self.steps = steps
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                parameter.copy_(tensors[f"weight.{name}"])
                if self.ema_decay:
                    self._average[name].copy_(tensors[f"average.{name}"])
                if self.kind == "adamw" and steps:
                    for key, state in self._state.items():
                        state[parameter].copy_(tensors[f"{key}.{name}"])


def _zeros(parameter: Parameter, key: str) -> Tensor:
    """Return the first value of a part of AdamW's state of a parameter."""
    if key == "step":
        return torch.zeros((), device=parameter.device)
    return torch.zeros_like(parameter)
