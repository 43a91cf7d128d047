"""The recurrent encoder on a CPU: a call of the kernel for each direction, both at the same time.

Axes: N reviews, L tokens of the longest, E embedding size, H hidden size, D directions.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

import torch
from torch import Tensor, nn
from torch.autograd.function import once_differentiable
from torch.nn import functional

T = TypeVar("T")
Read = Callable[[Tensor, Sequence[Tensor]], Tensor]
"""Inputs (L, N, E) and one direction's weights in, its states (L, N, H) out."""

_KERNELS: dict[str, Callable[..., tuple[Tensor, ...]]] = {
    "RNN_TANH": torch.rnn_tanh,
    "LSTM": torch.lstm,
    "GRU": torch.gru,
}
"""What the modules call, by their `mode`."""


def encode_by_direction(encoder: nn.RNNBase, embedded: Tensor, lengths: Tensor) -> Tensor:
    """Return the states (N, L, D*H) of embedded reviews (N, L, E), as the module would if packed.

    Packing would be several times slower on a CPU. Instead the kernel reads on into the padding,
    behind the last token, where nothing looks any more; and the backward direction reads reviews
    that were turned round within their own lengths, padding still behind.

    The gradient can be taken once, and has none of its own.
    """
    states = embedded.transpose(0, 1)  # (L, N, E)
    rows = _turned_rows(states.shape[0], lengths)
    weights = iter(encoder.all_weights)

    def read(inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
        return _read(encoder, inputs, weights)

    sides: list[Tensor] = []
    for _ in range(encoder.num_layers):
        if sides:
            states = torch.cat(sides, dim=2)  # (L, N, D*H)
            states = functional.dropout(states, encoder.dropout, encoder.training)
        if encoder.bidirectional:
            turned = _turn(states, rows)
            forward, backward = _read_both(read, states, turned, next(weights), next(weights))
            sides = [forward, _turn(backward, rows)]  # (L, N, H) each
        else:
            sides = [read(states, next(weights))]
    # Joined review by review: the maximum over steps that lie far apart takes twice as long.
    return torch.cat([states.transpose(0, 1) for states in sides], dim=2)


def _read(encoder: nn.RNNBase, inputs: Tensor, weights: Sequence[Tensor]) -> Tensor:
    """Return one direction's states (L, N, H), as its kernel reads the inputs in order."""
    zero = inputs.new_zeros(1, inputs.shape[1], encoder.hidden_size)
    return _KERNELS[encoder.mode](
        inputs,
        (zero, zero) if encoder.mode == "LSTM" else zero,
        weights,
        has_biases=True,
        num_layers=1,
        dropout=0.0,
        train=encoder.training,
        bidirectional=False,
        batch_first=False,
    )[0]


def _read_both(
    read: Read, ahead: Tensor, turned: Tensor, weights: Sequence[Tensor], others: Sequence[Tensor]
) -> tuple[Tensor, Tensor]:
    """Return both directions' states, (L, N, H) each."""
    if torch.get_num_threads() == 1:
        return read(ahead, weights), read(turned, others)
    if torch.is_grad_enabled():
        both: tuple[Tensor, Tensor] = _ReadBoth.apply(  # type: ignore[no-untyped-call]
            read, ahead, turned, *weights, *others
        )
        return both
    return _side_by_side(lambda: read(ahead, weights), lambda: read(turned, others))


class _ReadBoth(torch.autograd.Function):
    """Both directions at once, forward and backward.

    torch takes one after the other and gives each all cores, from which a kernel of this size
    gains less than from half of them undisturbed (benchmarks/train_step.py).
    """

    @staticmethod
    def forward(
        ctx: Any, read: Read, ahead: Tensor, turned: Tensor, *weights: Tensor
    ) -> tuple[Tensor, Tensor]:
        def recorded(inputs: Tensor, own: Sequence[Tensor]) -> tuple[list[Tensor], Tensor]:
            leaves = [tensor.detach().requires_grad_() for tensor in (inputs, *own)]
            with torch.enable_grad():
                return leaves, read(leaves[0], leaves[1:])

        half = len(weights) // 2
        ctx.sides = _side_by_side(
            lambda: recorded(ahead, weights[:half]), lambda: recorded(turned, weights[half:])
        )
        (_, forward), (_, backward) = ctx.sides
        return forward.detach(), backward.detach()

    @staticmethod
    @once_differentiable
    def backward(ctx: Any, forward: Tensor, backward: Tensor) -> tuple[Tensor | None, ...]:
        (leaves, states), (others, turned) = ctx.sides
        first, second = _side_by_side(
            lambda: torch.autograd.grad(states, leaves, forward),
            lambda: torch.autograd.grad(turned, others, backward),
        )
        return None, first[0], second[0], *first[1:], *second[1:]


def _side_by_side(one: Callable[[], T], other: Callable[[], T]) -> tuple[T, T]:
    """Return what two functions return that compute at the same time, on half of the cores each.

    A thread is made for each call, which costs little beside a kernel, and is none that a fork
    could miss. It flushes denormals if this one does.
    """
    threads = torch.get_num_threads()

    def computed(work: Callable[[], T]) -> T:
        torch.set_num_threads(threads // 2)
        with torch.no_grad():
            return work()

    with ThreadPoolExecutor(1) as executor:
        second = executor.submit(computed, other)
        try:
            first = computed(one)
        finally:
            torch.set_num_threads(threads)
        return first, second.result()


def _turned_rows(steps: int, lengths: Tensor) -> Tensor:
    """Return, for each row of L*N tokens, the row that takes its place when reviews turn round."""
    step = torch.arange(steps)[:, None]  # (L, 1)
    turned = torch.where(step < lengths, lengths - 1 - step, step)  # (L, N)
    return (turned * len(lengths) + torch.arange(len(lengths))).flatten()


def _turn(values: Tensor, rows: Tensor) -> Tensor:
    """Turn each review (L, N, ...) round within its own length."""
    turned: Tensor = _Turn.apply(values, rows)  # type: ignore[no-untyped-call]
    return turned


class _Turn(torch.autograd.Function):
    """A selection of rows that is its own inverse.

    Turning twice changes nothing, so the gradient is turned by the same rows; torch's own gradient
    of a selection does not know that and adds row by row, which is several times slower.
    """

    @staticmethod
    def forward(ctx: Any, values: Tensor, rows: Tensor) -> Tensor:
        ctx.rows = rows
        return values.flatten(0, 1).index_select(0, rows).view(values.shape)

    @staticmethod
    def backward(ctx: Any, gradient: Tensor) -> tuple[Tensor, None]:
        return _turn(gradient, ctx.rows), None
