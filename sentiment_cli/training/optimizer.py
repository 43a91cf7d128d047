"""How weights move: AdamW or plain SGD, clipping, and the moving average that is kept.

A batch holds a few thousand of the vocabulary's rows, so a step touches only those. The rows it
does not touch are brought up to date when they are next seen, by closed forms of what AdamW and the
average would have done to them with a gradient of zero, at a cost that does not grow with V.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

import torch
from torch.nn.utils import clip_grad_norm_

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import Tensor

    from sentiment_cli.network.classifier import Classifier

BETA1, BETA2, EPSILON = 0.9, 0.99, 1e-8
# The ratio of one silent step's drift to that before it: m falls by BETA1, sqrt(v) by sqrt(BETA2).
_DRIFT = BETA1 / BETA2**0.5

_EMBEDDING = "embedding.weight"


class Optimizer:
    """Moves a network's weights, and keeps their average.

    AdamW: Loshchilov and Hutter 2019, betas 0.9 and 0.99; decay on matrices alone and none on the
    embedding. SGD: new weight = weight - learning rate * gradient. The average is exponential with
    Adam's correction for its start (Kingma and Ba 2015, section 7.2).

    Args:
        model: the network whose weights are moved, in place.
        kind: `adamw` or `sgd`.
        weight_decay: of adamw.
        clip_norm: longest gradient over all weights, or None.
        averaging: decay of the average; 0 keeps the last weights.
    """

    def __init__(
        self,
        model: Classifier,
        *,
        kind: Literal["adamw", "sgd"],
        weight_decay: float,
        clip_norm: float | None,
        averaging: float,
    ) -> None:
        self.model = model
        self.kind = kind
        self.clip_norm = clip_norm
        self.averaging = averaging
        self.steps = 0
        self._weight = model.embedding.weight.detach()  # (V, E)
        self._dense = {k: p for k, p in model.named_parameters() if k != _EMBEDDING}
        decayed = [p for p in self._dense.values() if p.ndim > 1]
        plain = [p for p in self._dense.values() if p.ndim <= 1]
        groups = [
            {"params": decayed, "weight_decay": weight_decay},
            {"params": plain, "weight_decay": 0.0},
        ]
        self._inner: torch.optim.Optimizer = (
            torch.optim.AdamW(groups, betas=(BETA1, BETA2), eps=EPSILON)
            if kind == "adamw"
            else torch.optim.SGD([{"params": decayed + plain}])
        )
        self._state = self._initial_state()
        self._opened: dict[str, Tensor] = {}  # the state of the rows that `table` handed out

    def table(self, rows: Tensor, lr: float) -> Tensor:
        """Return the embedding's rows (R, E), up to date, as a leaf that takes a gradient."""
        weight, self._opened = self._brought_up(rows, lr)
        return weight.requires_grad_()

    def leaves(self, table: Tensor) -> list[Tensor]:
        """Return all that a step wants the gradient of: the dense weights, and the table (R, E)."""
        return [*self._dense.values(), table]

    def step(self, rows: Tensor, table: Tensor, lr: float) -> Tensor:
        """Move the weights along their gradients; returns the gradient's length before clipping.

        Args:
            rows: of the embedding, (R,), as they were given to `table`.
            table: what that returned, with its gradient, (R, E).
            lr: learning rate.
        """
        norm = clip_grad_norm_(self.leaves(table), self.clip_norm or float("inf"), foreach=True)
        for group in self._inner.param_groups:
            group["lr"] = lr
        self._inner.step()
        self._inner.zero_grad()
        self.steps += 1
        assert table.grad is not None
        self._move_rows(rows, table.detach(), table.grad, lr)
        self._average()
        return norm

    def averaged(self, lr: float) -> dict[str, Tensor]:
        """Return a copy of the weights to keep: their average, or they themselves without one."""
        rows = torch.arange(len(self._weight), device=self._weight.device)
        weight, state = self._brought_up(rows, lr)
        if not self.averaging or not self.steps:
            dense = {k: p.detach().clone() for k, p in self._dense.items()}
            return {_EMBEDDING: weight, **dense}
        correction = 1 - self.averaging**self.steps
        return {_EMBEDDING: state["average"] / correction} | {
            k: self._state[f"average.{k}"] / correction for k in self._dense
        }

    def tensors(self) -> dict[str, Tensor]:
        """Return all that changes, weights among it, by name; `load` takes it back."""
        moments = {
            f"{moment}.{k}": value
            for k, p in self._dense.items()
            for moment, value in self._inner.state.get(p, {}).items()
            if isinstance(value, torch.Tensor)
        }
        weights = {f"weight.{k}": p.detach() for k, p in self.model.named_parameters()}
        return {**weights, **moments, **{f"rows.{k}": v for k, v in self._state.items()}}

    def load(self, tensors: Mapping[str, Tensor], steps: int) -> None:
        """Go on from what `tensors` returned after `steps` steps."""
        self.steps = steps
        with torch.no_grad():
            for name, parameter in self.model.named_parameters():
                parameter.copy_(tensors[f"weight.{name}"])
            for name, value in self._state.items():
                value.copy_(tensors[f"rows.{name}"])
        if self.kind == "adamw" and steps:
            for name, parameter in self._dense.items():
                # torch counts the steps on the CPU, and moves nothing that is put there like this.
                places = {"step": "cpu"} | dict.fromkeys(
                    ("exp_avg", "exp_avg_sq"), parameter.device
                )
                self._inner.state[parameter] = {
                    moment: tensors[f"{moment}.{name}"].to(place, copy=True)
                    for moment, place in places.items()
                }

    def _initial_state(self) -> dict[str, Tensor]:
        state = {"seen": torch.zeros(len(self._weight), dtype=torch.int64)}
        if self.kind == "adamw":
            state |= {"exp_avg": self._weight, "exp_avg_sq": self._weight}
        if self.averaging:
            state |= {"average": self._weight}
            state |= {f"average.{k}": p.detach() for k, p in self._dense.items()}
        return {k: torch.zeros_like(v, device=self._weight.device) for k, v in state.items()}

    def _brought_up(self, rows: Tensor, lr: float) -> tuple[Tensor, dict[str, Tensor]]:
        """Return the rows' weights and state as silent steps since they were seen leave them."""
        weight = self._weight.index_select(0, rows)  # (R, E)
        silent = (self.steps - self._state["seen"][rows]).to(weight.dtype)[:, None]  # (R, 1)
        state: dict[str, Tensor] = {}
        if self.kind == "adamw":
            m = self._state["exp_avg"].index_select(0, rows)
            v = self._state["exp_avg_sq"].index_select(0, rows)
            drift = _DRIFT * (1 - _DRIFT**silent) / (1 - _DRIFT)
            weight.addcdiv_(m * drift, self._root(v), value=-self._rate(lr))
            state["exp_avg"] = m.mul_(BETA1**silent)
            state["exp_avg_sq"] = v.mul_(BETA2**silent)
        if self.averaging:
            average = self._state["average"].index_select(0, rows)
            state["average"] = torch.lerp(weight, average, self.averaging**silent)
        return weight, state

    def _move_rows(self, rows: Tensor, weight: Tensor, gradient: Tensor, lr: float) -> None:
        state = self._opened
        if self.kind == "adamw":
            m = state["exp_avg"].lerp_(gradient, 1 - BETA1)
            v = state["exp_avg_sq"].mul_(BETA2).addcmul_(gradient, gradient, value=1 - BETA2)
            weight.addcdiv_(m, self._root(v), value=-self._rate(lr))
        else:
            weight.add_(gradient, alpha=-lr)
        if self.averaging:
            state["average"].lerp_(weight, 1 - self.averaging)
        self._weight.index_copy_(0, rows, weight)
        for name, value in state.items():
            self._state[name].index_copy_(0, rows, value)
        self._state["seen"][rows] = self.steps

    def _rate(self, lr: float) -> float:
        """Return the learning rate over the correction of the first moment for its start."""
        return lr / (1 - BETA1 ** max(self.steps, 1))

    def _root(self, v: Tensor) -> Tensor:
        """Return the root of the second moment, corrected for its start, (R, E)."""
        correction: float = (1 - BETA2 ** max(self.steps, 1)) ** -0.5
        return v.sqrt().mul_(correction).add_(EPSILON)

    def _average(self) -> None:
        if not self.averaging:
            return
        averages = [self._state[f"average.{k}"] for k in self._dense]
        weights = [p.detach() for p in self._dense.values()]
        torch._foreach_lerp_(averages, weights, 1 - self.averaging)
