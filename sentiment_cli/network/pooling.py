"""From the encoder's states at every token to one vector a review.

Axes: N reviews, L tokens, D directions, H hidden size, P pooled size.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from sentiment_cli.network.architecture import Architecture


class Pooling(nn.Module):
    """States (N, L, D*H) and lengths (N,) in, one vector a review (N, P) out.

    A state at or behind a review's length is padding and does not count.

    - `last`: each direction's own final state, forward at the last token, backward at the first.
    - `mean`, `max`: over the tokens, unit by unit; `mean+max`: both, side by side.
    - `attention`: the mean weighted by softmax(s_t . q) over the states s_t, with a learned query
      q; Yang et al., Hierarchical Attention Networks for Document Classification, NAACL 2016,
      without the hidden layer of its scores. q begins at zero, where it is the plain mean.
    """

    def __init__(self, architecture: Architecture) -> None:
        super().__init__()
        self.kind = architecture.pooling
        self.hidden_size = architecture.hidden_size
        if self.kind == "attention":
            self.query = nn.Parameter(torch.zeros(architecture.encoder_dim))

    def forward(self, states: Tensor, lengths: Tensor) -> Tensor:
        """Return the pooled vectors (N, P)."""
        steps = torch.arange(states.shape[1], device=states.device)
        padding = steps >= lengths[:, None]  # (N, L)
        match self.kind:
            case "last":
                return self._last(states, lengths)
            case "mean":
                return _mean(states, padding)
            case "max":
                return _max(states, padding)
            case "mean+max":
                return torch.cat([_mean(states, padding), _max(states, padding)], dim=1)
            case _:
                return _mix(states, states @ self.query, padding)

    def _last(self, states: Tensor, lengths: Tensor) -> Tensor:
        reviews = torch.arange(len(states), device=states.device)
        forward = states[reviews, lengths - 1, : self.hidden_size]  # (N, H)
        backward = states[:, 0, self.hidden_size :]  # (N, (D-1)*H)
        return torch.cat([forward, backward], dim=1)


# Batched products and a masking sum, because masking the states themselves costs a copy of them
# in each direction: measured, three to five times the time.


def _mix(states: Tensor, scores: Tensor, padding: Tensor) -> Tensor:
    """Average the states (N, L, D*H) by the softmax of their scores (N, L)."""
    shares = scores.masked_fill(padding, -torch.inf).softmax(dim=1)
    return (shares[:, None] @ states)[:, 0]


def _mean(states: Tensor, padding: Tensor) -> Tensor:
    return _mix(states, states.new_zeros(padding.shape), padding)


def _max(states: Tensor, padding: Tensor) -> Tensor:
    masked = states + states.new_zeros(padding.shape).masked_fill(padding, -torch.inf)[:, :, None]
    # Not amax, whose gradient compares all states once more.
    return masked.max(dim=1).values
